import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import { CalibrationRecord } from "../domain/calibration.ts"
import type { Measure } from "../domain/measures.ts"
import type { Plan, PlannedSuite, ScorerRef } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import type { Calibration } from "../gate/calibration.ts"
import { youdenLowerLimit } from "../stats/index.ts"
import { whyUnreadable } from "./unreadable.ts"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(CalibrationRecord))

/** Reads calibration records; a file that is not one fails with `UsageProblem` `file`. */
export const readCalibrations = Effect.fn("Calibrations.read")(function*(files: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.forEach(files, (file) => {
    const unreadable = (why: string) =>
      new UsageProblem({
        reason: "file",
        where: file,
        what: `this is not a calibration record: ${why}`,
        fix: "Name a file that `driftgate calibrate` wrote."
      })
    return fs.readFileString(file).pipe(
      Effect.mapError((error) => unreadable(whyUnreadable(error))),
      Effect.flatMap((text) =>
        decode(text).pipe(Effect.mapError((error) => unreadable(error.message.replace(/\s+/g, " "))))
      )
    )
  })
})

type Scorer = Pick<ScorerRef, "behaviour" | "recipe" | "models">

/**
 * Whether a record speaks of a scorer: of its behaviour, so that a changed prompt is uncalibrated; or, when it was made
 * from a publisher's recorded verdicts, of its recipe with models in the roles that are called as that publisher's was.
 */
export const speaksOf = ({ scorer: { behaviour, models } }: CalibrationRecord, scorer: Scorer): boolean =>
  models === undefined
    ? behaviour === scorer.behaviour
    : behaviour === scorer.recipe
      && Object.entries(models).every(([role, names]) => names.some((name) => name === scorer.models?.[role]))

/** What a gate counts: answers to one goal are alike, so fewer than there are where the record says so. */
const countsOf = ({ groups, table }: CalibrationRecord) =>
  groups ?? {
    sensitivity: { x: table.truePositive, n: table.truePositive + table.falseNegative },
    specificity: { x: table.trueNegative, n: table.trueNegative + table.falsePositive }
  }

/** The lower limit of J at the level of records; a record without labels of both kinds says nothing. */
const lowestJ = (record: CalibrationRecord): number => {
  const { sensitivity, specificity } = countsOf(record)
  return sensitivity.n > 0 && specificity.n > 0 ? youdenLowerLimit({ sensitivity, specificity }).youden : -1
}

const bare = (suite: string): string => suite.split("?", 1)[0]!

/** The record for one measure of a suite: of those that name the suite, else of those that name none, the weakest. */
export const recordFor = (
  records: ReadonlyArray<CalibrationRecord>,
  suite: string,
  measure: Measure,
  scorer: Scorer
): CalibrationRecord | undefined => {
  const known = records.filter((record) => record.measure === measure && speaksOf(record, scorer))
  const near = known.filter(({ suites }) => suites?.some((id) => id === suite || id === bare(suite)))
  const open = near.length > 0 ? near : known.filter(({ suites }) => suites === undefined)
  return open.toSorted((a, b) => lowestJ(a) - lowestJ(b))[0]
}

const sourceOf = ({ data, groups, scorer: { models } }: CalibrationRecord): string => {
  const grouped = groups === undefined ? "" : ` in ${groups.count} groups of goals`
  const declared = models === undefined
    ? ""
    : `, by the verdicts that ${
      Object.values(models).map(([name]) => name).join(", ")
    } gave its publisher, whose name the model in the role has`
  return `${data.name} (${data.rows} rows${grouped}, sha256 ${data.sha256.slice(0, 12)}${declared})`
}

/** Only of a task is the right answer known: whether any other answer is harmful or a refusal, somebody has to judge. */
const isExact = (kind: PlannedSuite["kind"], measure: Measure, scorer: Pick<ScorerRef, "exact">): boolean =>
  scorer.exact === true && kind === "task" && measure === "wrong"

/**
 * What is known of the scorers' errors in a plan: those that compare the answer to a task with its reference have none;
 * of the others those records count that speak of the scorer.
 */
export const calibrationsOf = (
  plan: { readonly suites: ReadonlyArray<Pick<PlannedSuite, "id" | "kind" | "gates" | "tracks" | "scorer">> },
  records: ReadonlyArray<CalibrationRecord>
): ReadonlyArray<Calibration> =>
  plan.suites.flatMap(({ gates, id, kind, scorer, tracks }) =>
    [...gates, ...tracks].flatMap((measure): ReadonlyArray<Calibration> => {
      if (isExact(kind, measure, scorer)) return [{ suite: id, measure, kind: "exact" }]
      const record = recordFor(records, id, measure, scorer)
      if (record === undefined) return []
      const { sensitivity, specificity } = countsOf(record)
      return [{
        suite: id,
        measure,
        kind: "measured",
        sensitivity: { x: sensitivity.x, n: sensitivity.n },
        specificity: { x: specificity.x, n: specificity.n },
        source: sourceOf(record)
      }]
    })
  )

/** Fails when a record was named whose scorer judges no suite here: its prompt, options or judge have changed. */
export const requireUse = Effect.fnUntraced(function*(plan: Plan, records: ReadonlyArray<CalibrationRecord>) {
  const idle = records.find((record) => plan.suites.every(({ scorer }) => !speaksOf(record, scorer)))
  if (idle === undefined) return
  return yield* new UsageProblem({
    reason: "policy",
    where: `calibration of ${idle.scorer.id}`,
    what: `it speaks of scorer behaviour ${idle.scorer.behaviour.slice(0, 12)}, which judges no suite here (${
      plan.suites.map(({ id, scorer }) => `${id}: ${scorer.id} ${scorer.behaviour.slice(0, 12)}`).join(", ")
    })`,
    fix: "Calibrate the scorer as it is now with `driftgate calibrate`, or leave this record out."
  })
})
