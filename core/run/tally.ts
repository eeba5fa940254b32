import { Measure, type Measures } from "../domain/measures.ts"
import { type Outcome, type OutcomeStatus, outcomeStatuses } from "../domain/outcome.ts"

/** Counts of one suite in one run, kept while it goes. */
export interface SuiteTally {
  readonly suite: string
  readonly planned: number
  readonly statuses: Readonly<Record<OutcomeStatus, number>>
  /** Scored answers that the token limit cut. */
  readonly incomplete: number
  /** For each measure that some score gave. */
  readonly measures: Readonly<Partial<Record<keyof Measures, MeasureTally>>>
}

/** How many scores gave a measure, their sum, and whether some were neither 0 nor 1. */
export interface MeasureTally {
  readonly n: number
  readonly sum: number
  readonly graded: boolean
}

/** A running count over suites. */
export interface Tally {
  readonly add: (suite: number, outcome: Outcome) => void
  readonly suites: () => ReadonlyArray<SuiteTally>
  readonly ended: () => number
}

export const makeTally = (suites: ReadonlyArray<{ readonly id: string; readonly planned: number }>): Tally => {
  const rows = suites.map(({ id, planned }) => ({
    id,
    planned,
    statuses: Object.fromEntries(outcomeStatuses.map((status) => [status, 0])) as Record<OutcomeStatus, number>,
    incomplete: 0,
    measures: new Map<keyof Measures, MeasureTally>()
  }))
  let ended = 0
  return {
    add: (suite, outcome) => {
      const row = rows[suite]!
      ended++
      row.statuses[outcome.status]++
      if (outcome.status !== "scored") return
      if (!outcome.complete) row.incomplete++
      for (const name of Measure.literals) {
        const value = outcome.measures[name]
        if (value === undefined) continue
        const { graded, n, sum } = row.measures.get(name) ?? { n: 0, sum: 0, graded: false }
        row.measures.set(name, { n: n + 1, sum: sum + value, graded: graded || (value !== 0 && value !== 1) })
      }
    },
    suites: () =>
      rows.map(({ id, incomplete, measures, planned, statuses }) => {
        const counted = Object.values(statuses).reduce((a, b) => a + b, 0) - statuses.pending
        return {
          suite: id,
          planned,
          statuses: { ...statuses, pending: planned - counted },
          incomplete,
          measures: Object.fromEntries(measures)
        }
      }),
    ended: () => ended
  }
}
