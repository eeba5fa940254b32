import type { Measure } from "../domain/measures.ts"
import { rateOfMeans } from "../gate/drift.ts"
import type { StoredRun } from "../run/stored-run.ts"
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

/** Rates with limits; a suite in which nothing was scored has none, never 0. */
export const ratesOf = (tally: SuiteTally, measures: ReadonlyArray<Measure>): SuiteRates => ({
  suite: tally.suite,
  planned: tally.planned,
  statuses: tally.statuses,
  incomplete: tally.incomplete,
  rates: measures.map((measure) => {
    const { graded, groupMeans, n, sum } = tally.measures[measure] ?? { n: 0, sum: 0, graded: false }
    if (!(n > 0)) return { measure, n, rate: null, lower: null, upper: null }
    if (groupMeans !== undefined) {
      const { lower, rate, upper } = rateOfMeans(groupMeans(), n, level)
      return { measure, n, rate, lower, upper }
    }
    // For graded scores a binomial interval would be wrong.
    const limits = graded ? { lower: null, upper: null } : wilson({ x: sum, n }, level)
    return { measure, n, rate: sum / n, ...limits }
  })
})

/** Rates of the one arm of a run. */
export const ratesOfRun = ({ plan }: StoredRun, { arms: [progress] }: RunSummary): ReadonlyArray<SuiteRates> =>
  progress!.suites.map((tally, index) => {
    const { gates, tracks } = plan.suites[index]!
    return ratesOf(tally, [...gates, ...tracks])
  })

/** Whether every planned unit ended for good, and something was scored in every suite. */
export const isComplete = (suites: ReadonlyArray<Pick<SuiteRates, "statuses">>): boolean =>
  suites.length > 0 &&
  suites.every(({ statuses }) => statuses.pending + statuses.errored + statuses.skipped === 0 && statuses.scored > 0)
