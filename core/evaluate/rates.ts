import * as Effect from "effect/Effect"
import type { Measure } from "../domain/measures.ts"
import { certain } from "../gate/arm.ts"
import { armRateOf } from "../gate/drift.ts"
import { evidenceOf } from "../gate/evidence.ts"
import { readResults, type StoredRun, type UnitResult } from "../run/stored-run.ts"
import type { RunSummary } from "../run/summary.ts"
import type { SuiteTally } from "../run/tally.ts"
import { wilson } from "../stats/index.ts"

/** The rate of one measure over the scored answers of a suite. */
export interface MeasuredRate {
  readonly measure: Measure
  readonly n: number
  /** Mean of the measure in [0,1]; null when nothing was scored. */
  readonly rate: number | null
  /**
   * Two-sided 95 %: Wilson's where each answer is an observation of its own, the gate's betting limits over clusters where
   * answers share a sample or a goal; null for graded scores that do not, and when nothing was scored.
   */
  readonly lower: number | null
  readonly upper: number | null
}

export interface SuiteRates {
  readonly suite: string
  readonly planned: number
  readonly statuses: SuiteTally["statuses"]
  readonly incomplete: number
  readonly rates: ReadonlyArray<MeasuredRate>
}

/** One-sided, on either side. */
const level = 0.025

/** Rates of independent answers with limits; a suite in which nothing was scored has none, never 0. */
export const ratesOf = (tally: SuiteTally, measures: ReadonlyArray<Measure>): SuiteRates => ({
  suite: tally.suite,
  planned: tally.planned,
  statuses: tally.statuses,
  incomplete: tally.incomplete,
  rates: measures.map((measure) => {
    const { graded, n, sum } = tally.measures[measure] ?? { n: 0, sum: 0, graded: false }
    if (!(n > 0)) return { measure, n, rate: null, lower: null, upper: null }
    // For graded scores a binomial interval would be wrong.
    const limits = graded ? { lower: null, upper: null } : wilson({ x: sum, n }, level)
    return { measure, n, rate: sum / n, ...limits }
  })
})

/** The rate of a suite whose answers share samples or goals: the mean over clusters, with limits over them. */
const clusteredRate = (results: ReadonlyArray<UnitResult>, measure: Measure): MeasuredRate => {
  const pairs = results.map(({ outcome, unit }) => ({ unit, base: outcome, tuned: outcome }))
  const evidence = evidenceOf(pairs, measure, certain)
  const { lower, n, rate, upper } = armRateOf({ ...evidence, single: false }, "tuned", level)
  return { measure, n, rate, lower, upper }
}

/** Rates of the one arm of a run; its journal is read again for suites whose answers are not independent. */
export const ratesOfRun = Effect.fn("Rates.ofRun")(function*(run: StoredRun, { arms: [progress] }: RunSummary) {
  const dependent = new Set(
    run.plan.suites.filter(({ clustered, epochs }) => clustered || epochs > 1).map(({ id }) => id)
  )
  const results = dependent.size === 0 ? [] : yield* readResults(run)
  return progress!.suites.map((tally, index) => {
    const { gates, id, tracks } = run.plan.suites[index]!
    const measures = [...gates, ...tracks]
    const rates = ratesOf(tally, measures)
    if (!dependent.has(id)) return rates
    const own = results.filter(({ unit }) => unit.suite === id)
    return { ...rates, rates: measures.map((measure) => clusteredRate(own, measure)) }
  })
})

/** Whether every planned unit ended for good, and something was scored in every suite. */
export const isComplete = (suites: ReadonlyArray<Pick<SuiteRates, "statuses">>): boolean =>
  suites.length > 0 &&
  suites.every(({ statuses }) => statuses.pending + statuses.errored + statuses.skipped === 0 && statuses.scored > 0)
