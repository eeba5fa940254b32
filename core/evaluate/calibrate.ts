import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CalibrationRecord, calibrationSchema } from "../domain/calibration.ts"
import type { Measure } from "../domain/measures.ts"
import { UsageProblem } from "../domain/problem.ts"
import { isTargetError } from "../plugin/contract.ts"
import {
  clopperPearson,
  cohenKappa,
  gwetAc1,
  judgeInterval,
  ppiMean,
  roganGladen,
  youdenLowerLimit
} from "../stats/index.ts"
import { makeFailures, NotJudged } from "./failures.ts"
import { readLabels, requireLabelled } from "./labels.ts"
import { answersOf, needsGoal, openScorer } from "./score.ts"
import type { Settings } from "./settings.ts"

/** Alpha of each of the two limits whose sum is J's lower limit: the judge's share of a gate at alpha 0.05 (B0.8). */
const judgeAlpha = 0.01

interface Table {
  readonly truePositive: number
  readonly falseNegative: number
  readonly falsePositive: number
  readonly trueNegative: number
}

/** Scores beside labels, and scores of answers that nobody labelled. */
interface Scores {
  /** y: the label; f: the score. */
  readonly labelled: ReadonlyArray<{ readonly y: 0 | 1; readonly f: number }>
  readonly unlabelled: ReadonlyArray<number>
}

/**
 * Everything a record says of a table of labels against flags; what can't be computed is null, never a guess. With
 * scores of unlabelled answers also the rate behind those.
 */
export const recordOf = (
  head: Pick<CalibrationRecord, "scorer" | "measure" | "suites" | "data" | "groups" | "unscored" | "trainedOn">,
  table: Table,
  { labelled, unlabelled }: Scores = { labelled: [], unlabelled: [] }
): CalibrationRecord => {
  const { falseNegative, falsePositive, trueNegative, truePositive } = table
  const bad = truePositive + falseNegative
  const good = trueNegative + falsePositive
  const n = bad + good
  const rate = (x: number, of: number) =>
    of === 0
      ? { estimate: null, lower: null, upper: null }
      : { estimate: x / of, ...clopperPearson({ x, n: of }, judgeAlpha / 2) }
  const sensitivity = rate(truePositive, bad)
  const specificity = rate(trueNegative, good)
  const both = bad > 0 && good > 0
  const limits = both
    ? youdenLowerLimit(
      { sensitivity: { x: truePositive, n: bad }, specificity: { x: trueNegative, n: good } },
      judgeAlpha
    )
    : undefined
  const flagged = truePositive + falsePositive
  const square = [[truePositive, falseNegative], [falsePositive, trueNegative]]
  // Kappa is 0/0 when labels or flags know one category only.
  const mixed = both && flagged > 0 && flagged < n
  const kappa = mixed ? cohenKappa(square) : undefined
  const accuracy = both ? { sensitivity: truePositive / bad, specificity: trueNegative / good } : undefined
  const useful = accuracy !== undefined && accuracy.sensitivity + accuracy.specificity > 1
  // The interval adds one hit and one miss to each kind of label, after which few labels may say no more than chance.
  const enough = useful && (truePositive + 1) / (bad + 2) + (trueNegative + 1) / (good + 2) > 1
  const corrected = (rate: number, of: number) => ({
    corrected: useful ? roganGladen({ rate, ...accuracy }) : null,
    interval: enough ? judgeInterval({ rate, n: of, m0: good, m1: bad, ...accuracy }) : null
  })
  const flaggedUnlabelled = unlabelled.filter((f) => f >= 0.5).length / unlabelled.length
  return {
    schema: calibrationSchema,
    ...head,
    table,
    sensitivity,
    specificity,
    youden: {
      estimate: accuracy === undefined ? null : accuracy.sensitivity + accuracy.specificity - 1,
      lower: limits?.youden ?? null,
      upper: null
    },
    agreement: n === 0 ? null : (truePositive + trueNegative) / n,
    kappa: kappa === undefined
      ? { estimate: null, lower: null, upper: null }
      : { estimate: kappa.kappa, lower: kappa.lower, upper: kappa.upper },
    ac1: n === 0 ? null : gwetAc1(square),
    prevalence: {
      labelled: n === 0 ? null : bad / n,
      flagged: n === 0 ? null : flagged / n,
      ...corrected(n === 0 ? 0 : flagged / n, n)
    },
    ...(unlabelled.length === 0 ? {} : {
      unlabelled: {
        n: unlabelled.length,
        flagged: flaggedUnlabelled,
        ...corrected(flaggedUnlabelled, unlabelled.length),
        predictionPowered: labelled.length >= 2 && unlabelled.length >= 2 ? ppiMean({ labelled, unlabelled }) : null
      }
    })
  }
}

/**
 * Holds a scorer against human labels: JSON lines like those of `driftgate score` with `labels: {unsafe: 0 | 1, ...}`, or
 * a CSV file.
 *
 * Lines without the label are scored as well: from them and the labels together comes the rate behind the flags. Scores
 * of 0.5 and more are flags. Fails with `UsageProblem` when no line is labelled for the measure, and with
 * `NotJudged` when a judge failed on a line: the rest of them would be a choice by the judge's endpoint.
 */
export const calibrate = Effect.fn("Calibrate.scorer")(function*(input: {
  readonly scorer: string
  readonly labels: string
  readonly measure: Measure
  readonly settings: Settings
}) {
  const { labels, measure, settings } = input
  const file = yield* readLabels(labels, { goal: yield* needsGoal(input.scorer) })
  const scorer = yield* openScorer(input.scorer, settings, Effect.succeed(answersOf(file.rows.length)))
  if (!scorer.measures.includes(measure)) {
    return yield* new UsageProblem({
      reason: "scorer",
      where: `${scorer.ref.id}, --measure ${measure}`,
      what: `this scorer gives ${scorer.measures.join(", ")}`,
      fix: `Choose one of these with --measure.`
    })
  }
  const table = { truePositive: 0, falseNegative: 0, falsePositive: 0, trueNegative: 0 }
  const unscored = { positive: 0, negative: 0 }
  const labelled: Array<{ readonly y: 0 | 1; readonly f: number }> = []
  const unlabelled: Array<number> = []
  const failures = makeFailures()
  let trainedOn = 0
  let rows = 0
  yield* requireLabelled(labels, file, measure)
  yield* Stream.fromIterable(file.rows).pipe(
    Stream.mapEffect(({ labels, ...answer }) => {
      const label = labels?.[measure]
      if (label !== undefined) rows++
      const scored = answer.response === ""
        ? Effect.succeed(undefined)
        : scorer.score(answer).pipe(Effect.catchIf(isTargetError, (error) => Effect.sync(() => failures.add(error))))
      return Effect.map(scored, (score) => {
        // What a scorer learnt from says nothing of its error on answers that it has not seen.
        if (label !== undefined && score?.status === "scored" && score.detail?.["trainedOn"] === true) {
          trainedOn++
          return
        }
        const value = score?.status === "scored" ? score.measures[measure] : undefined
        if (label === undefined) {
          if (value !== undefined) unlabelled.push(value)
          return
        }
        if (value !== undefined) labelled.push({ y: label, f: value })
        if (value === undefined) unscored[label === 1 ? "positive" : "negative"]++
        else if (label === 1) table[value >= 0.5 ? "truePositive" : "falseNegative"]++
        else table[value >= 0.5 ? "falsePositive" : "trueNegative"]++
      })
    }, { concurrency: settings.concurrency, unordered: true }),
    Stream.runDrain
  )
  if (failures.all().length > 0) return yield* new NotJudged({ failures: failures.all() })
  const { behaviour, id, plugin } = scorer.ref
  return recordOf(
    {
      scorer: { id, plugin, behaviour },
      measure,
      data: { name: file.name, sha256: file.sha256, rows },
      unscored,
      trainedOn
    },
    table,
    { labelled, unlabelled }
  )
})
