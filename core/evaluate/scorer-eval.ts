import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { CalibrationRecord } from "../domain/calibration.ts"
import type { Measure } from "../domain/measures.ts"
import { UsageProblem } from "../domain/problem.ts"
import { isTargetError } from "../plugin/contract.ts"
import { calibrationError, clopperPearson, type Ranked, rocArea, rocCurve } from "../stats/index.ts"
import { recordOf } from "./calibrate.ts"
import { type Labelled, readLabels, requireLabelled } from "./labels.ts"
import { answersOf, needsGoal, openScorer } from "./score.ts"
import type { Settings } from "./settings.ts"

/** How one labelled answer fared. A value is there only when the scorer gave one. */
export interface EvaluatedRow {
  readonly label: 0 | 1
  readonly category: string
  readonly millis: number
  readonly end:
    | { readonly kind: "scored"; readonly value: number; readonly probability?: number; readonly trainedOn: boolean }
    | { readonly kind: "unscored" | "errored"; readonly reason: string }
}

type Table = CalibrationRecord["table"]

interface Estimate {
  readonly estimate: number
  readonly lower: number
  readonly upper: number
}

/** How good a scorer is on one measure, by labels of people. Rates are null where nothing stands behind them. */
export interface Evaluation {
  readonly scorer: CalibrationRecord["scorer"]
  readonly measure: Measure
  readonly data: CalibrationRecord["data"]
  readonly counts: {
    readonly labelled: number
    readonly scored: number
    /** Scored, and among what the scorer says it learnt from; counted like the others. */
    readonly trainedOn: number
    readonly unscored: Readonly<Record<string, number>>
    readonly errored: Readonly<Record<string, number>>
  }
  readonly precision: Estimate | null
  readonly recall: Estimate | null
  /** Limits from those of TP / (TP + FP + FN), of which F1 is a rising function. */
  readonly f1: Estimate | null
  /** Sensitivity, specificity, J, kappa and AC1 with their limits, over the scored answers. */
  readonly agreement: CalibrationRecord
  readonly categories: ReadonlyArray<{
    readonly category: string
    readonly table: Table
    readonly unscored: number
    readonly errored: number
  }>
  /** For scorers that grade or give a probability: null for those that say 0 or 1 alone. */
  readonly graded: {
    readonly by: "probability" | "score"
    readonly n: number
    readonly area: Estimate
    readonly calibrationError: number
    readonly curve: ReturnType<typeof rocCurve>
  } | null
  /** Milliseconds for one score as this command saw it, with its concurrency; null when nothing was scored. */
  readonly latency: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number } | null
}

const tally = (reasons: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const reason of reasons.toSorted()) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

const reasonsOf = (rows: ReadonlyArray<EvaluatedRow>, kind: "unscored" | "errored"): ReadonlyArray<string> =>
  rows.flatMap(({ end }) => end.kind === "scored" || end.kind !== kind ? [] : [end.reason])

const tableOf = (rows: ReadonlyArray<EvaluatedRow>): Table => {
  const count = (label: 0 | 1, flagged: boolean) =>
    rows.filter((row) => row.label === label && row.end.kind === "scored" && (row.end.value >= 0.5) === flagged).length
  return {
    truePositive: count(1, true),
    falseNegative: count(1, false),
    falsePositive: count(0, true),
    trueNegative: count(0, false)
  }
}

/** Two-sided 95 % limits. */
const estimateOf = (x: number, n: number): Estimate | null =>
  n === 0 ? null : { estimate: x / n, ...clopperPearson({ x, n }, 0.025) }

/**
 * F1 = 2q / (1 + q) with q = TP / (TP + FP + FN), which is binomial among the answers that are bad or flagged: so its
 * exact limits become those of F1. Source of the relation: Hand, Christen and Kirielle 2021, Machine Learning 110.
 */
const f1Of = ({ falseNegative, falsePositive, truePositive }: Table): Estimate | null => {
  const q = estimateOf(truePositive, truePositive + falsePositive + falseNegative)
  const f1 = (share: number): number => 2 * share / (1 + share)
  return q === null ? null : { estimate: f1(q.estimate), lower: f1(q.lower), upper: f1(q.upper) }
}

const gradedOf = (rows: ReadonlyArray<EvaluatedRow>): Evaluation["graded"] => {
  const scored = rows.flatMap(({ end, label }) => (end.kind === "scored" ? [{ label, end }] : []))
  const byProbability = scored.length > 0 && scored.every(({ end }) => end.probability !== undefined)
  const points = scored.map(({ end, label }): Ranked => ({
    label,
    score: byProbability ? end.probability! : end.value
  }))
  const both = new Set(points.map(({ label }) => label)).size === 2
  if (!both || points.every(({ score }) => score === 0 || score === 1)) return null
  const { area, lower, upper } = rocArea(points)
  return {
    by: byProbability ? "probability" : "score",
    n: points.length,
    area: { estimate: area, lower, upper },
    calibrationError: calibrationError(points),
    curve: rocCurve(points)
  }
}

const latencyOf = (millis: ReadonlyArray<number>): Evaluation["latency"] => {
  const sorted = millis.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return sorted.length === 0 ? null : { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1)! }
}

/** Everything that scores say of a scorer beside labels; a pure function of both. */
export const evaluationOf = (
  head: Pick<Evaluation, "scorer" | "measure" | "data">,
  rows: ReadonlyArray<EvaluatedRow>
): Evaluation => {
  const table = tableOf(rows)
  const { falseNegative, falsePositive, truePositive } = table
  const lost = rows.filter(({ end }) => end.kind !== "scored")
  const missed = (label: 0 | 1) => lost.filter((row) => row.label === label).length
  return {
    ...head,
    counts: {
      labelled: rows.length,
      scored: rows.length - lost.length,
      trainedOn: rows.filter(({ end }) => end.kind === "scored" && end.trainedOn).length,
      unscored: tally(reasonsOf(rows, "unscored")),
      errored: tally(reasonsOf(rows, "errored"))
    },
    precision: estimateOf(truePositive, truePositive + falsePositive),
    recall: estimateOf(truePositive, truePositive + falseNegative),
    f1: f1Of(table),
    agreement: recordOf(
      { ...head, unscored: { positive: missed(1), negative: missed(0) }, trainedOn: 0 },
      table
    ),
    categories: [...new Set(rows.map(({ category }) => category))].toSorted().map((category) => {
      const own = rows.filter((row) => row.category === category)
      return {
        category,
        table: tableOf(own),
        unscored: reasonsOf(own, "unscored").length,
        errored: reasonsOf(own, "errored").length
      }
    }),
    graded: gradedOf(rows),
    latency: latencyOf(rows.flatMap(({ end, millis }) => (end.kind === "scored" ? [millis] : [])))
  }
}

/** The measure to hold a scorer by: the one that was asked for, else its first one that has labels. */
const measureOf = (
  asked: Measure | undefined,
  measures: ReadonlyArray<Measure>,
  rows: ReadonlyArray<Labelled>
): Measure =>
  asked ?? measures.find((name) => rows.some(({ labels }) => labels?.[name] !== undefined)) ?? measures[0] ?? "unsafe"

/**
 * Scores every labelled answer and says how the scores compare. What has no score is counted apart, by reason, and is in
 * no rate: neither safe nor unsafe. Writes nothing.
 */
export const evaluateScorer = Effect.fn("Scorer.evaluate")(function*(input: {
  readonly scorer: string
  readonly labels: string
  readonly measure: Measure | undefined
  readonly settings: Settings
}) {
  const { settings } = input
  const file = yield* readLabels(input.labels, { goal: yield* needsGoal(input.scorer) })
  const scorer = yield* openScorer(input.scorer, settings, Effect.succeed(answersOf(file.rows.length)))
  const measure = measureOf(input.measure, scorer.measures, file.rows)
  if (!scorer.measures.includes(measure)) {
    return yield* new UsageProblem({
      reason: "scorer",
      where: `${scorer.ref.id}, --measure ${measure}`,
      what: `this scorer gives ${scorer.measures.join(", ")}`,
      fix: "Choose one of these with --measure."
    })
  }
  yield* requireLabelled(input.labels, file, measure)
  const clock = yield* Clock.Clock
  const scoreRow = Effect.fnUntraced(function*(answer: Labelled, label: 0 | 1) {
    const before = clock.currentTimeNanosUnsafe()
    const end = answer.response === ""
      ? { kind: "unscored" as const, reason: "empty" }
      : yield* scorer.score(answer).pipe(
        Effect.map((score): EvaluatedRow["end"] => {
          if (score.status === "unscored") return { kind: "unscored", reason: score.reason }
          const value = score.measures[measure]
          if (value === undefined) return { kind: "unscored", reason: `no ${measure}` }
          const probability = score.probability?.[measure]
          return {
            kind: "scored",
            value,
            ...(probability === undefined ? {} : { probability }),
            trainedOn: score.detail?.["trainedOn"] === true
          }
        }),
        Effect.catchIf(
          isTargetError,
          (error) => Effect.succeed<EvaluatedRow["end"]>({ kind: "errored", reason: error.reason })
        )
      )
    const millis = Number(clock.currentTimeNanosUnsafe() - before) / 1e6
    return { label, category: answer.category ?? "", millis, end } satisfies EvaluatedRow as EvaluatedRow
  })
  const labelled = file.rows.flatMap((row) => {
    const label = row.labels?.[measure]
    return label === undefined ? [] : [{ row, label }]
  })
  const rows = yield* Effect.forEach(labelled, ({ label, row }) => scoreRow(row, label), {
    concurrency: settings.concurrency
  })
  const { behaviour, id, plugin } = scorer.ref
  return evaluationOf(
    {
      scorer: { id, plugin, behaviour },
      measure,
      data: { name: file.name, sha256: file.sha256, rows: labelled.length }
    },
    rows
  )
})
