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
  /** The mean of each group of samples that gave it, where the answers of a suite are not independent. */
  readonly groupMeans?: () => ReadonlyArray<number>
}

/** A running count over suites. */
export interface Tally {
  /** Counts a unit of a suite; `sample` is its place in it. */
  readonly add: (suite: number, sample: number, outcome: Outcome) => void
  readonly suites: () => ReadonlyArray<SuiteTally>
  readonly ended: () => number
}

/** Sums of a measure by group of samples. */
const groupSums = (samples: number) => {
  const sums = new Float64Array(samples)
  const counts = new Uint32Array(samples)
  return {
    add: (group: number, value: number): void => {
      sums[group]! += value
      counts[group]!++
    },
    means: (): ReadonlyArray<number> =>
      Array.from(counts, (count, group) => count === 0 ? undefined : sums[group]! / count).filter((mean) =>
        mean !== undefined
      )
  }
}

/** A suite that is counted. */
export interface TalliedSuite {
  readonly id: string
  readonly planned: number
  /** The group of each sample, asked for with the first score; absent where answers are independent. */
  readonly groups?: () => Int32Array
}

export const makeTally = (suites: ReadonlyArray<TalliedSuite>): Tally => {
  const rows = suites.map(({ groups, id, planned }) => ({
    id,
    planned,
    groups,
    groupOf: undefined as Int32Array | undefined,
    statuses: Object.fromEntries(outcomeStatuses.map((status) => [status, 0])) as Record<OutcomeStatus, number>,
    incomplete: 0,
    measures: new Map<keyof Measures, MeasureTally>(),
    sums: new Map<keyof Measures, ReturnType<typeof groupSums>>()
  }))
  let ended = 0
  return {
    add: (suite, sample, outcome) => {
      const row = rows[suite]!
      ended++
      row.statuses[outcome.status]++
      if (outcome.status !== "scored") return
      if (!outcome.complete) row.incomplete++
      const groupOf = row.groupOf ??= row.groups?.()
      for (const name of Measure.literals) {
        const value = outcome.measures[name]
        if (value === undefined) continue
        const { graded, n, sum } = row.measures.get(name) ?? { n: 0, sum: 0, graded: false }
        row.measures.set(name, { n: n + 1, sum: sum + value, graded: graded || (value !== 0 && value !== 1) })
        if (groupOf === undefined) continue
        let sums = row.sums.get(name)
        if (sums === undefined) row.sums.set(name, sums = groupSums(groupOf.length))
        sums.add(groupOf[sample]!, value)
      }
    },
    suites: () =>
      rows.map(({ id, incomplete, measures, planned, statuses, sums }) => {
        const counted = Object.values(statuses).reduce((a, b) => a + b, 0) - statuses.pending
        return {
          suite: id,
          planned,
          statuses: { ...statuses, pending: planned - counted },
          incomplete,
          measures: Object.fromEntries(
            Array.from(measures, ([name, measure]) => {
              const groups = sums.get(name)
              return [name, groups === undefined ? measure : { ...measure, groupMeans: groups.means }]
            })
          )
        }
      }),
    ended: () => ended
  }
}
