import type { Measure } from "../domain/measures.ts"
import { type Outcome, type OutcomeStatus, outcomeStatuses, type Pending } from "../domain/outcome.ts"
import { clustersOf } from "./clusters.ts"
import { type Pair, wasAsked } from "./pair.ts"

export type ArmName = "base" | "tuned"
/** What stands for an answer that is missing (gate.md B6). */
export type Imputation = "complete" | "worst" | "best"

/** A pair that was asked, with the value of one measure in each arm; undefined is missing. */
export interface MeasuredPair {
  readonly pair: Pair
  readonly base: number | undefined
  readonly tuned: number | undefined
  /** The number of the pair's cluster. */
  readonly cluster: number
}

/** How the units of one arm ended. */
export interface Tally {
  readonly all: Readonly<Record<OutcomeStatus, number>>
  /** Without the pairs that were not needed. */
  readonly asked: Readonly<Record<OutcomeStatus, number>>
  /** Scored answers that the token limit cut. */
  readonly incomplete: number
}

/** All that a suite or a pool says about one measure. */
export interface Evidence {
  readonly measure: Measure
  /** Pairs that were asked or missed, in the declared order; without those that were not needed. */
  readonly asked: ReadonlyArray<MeasuredPair>
  readonly planned: number
  /** Pairs not needed, and whether all of them because the verdict was certain. */
  readonly unasked: number
  readonly curtailed: boolean
  /** What the pairs not needed could have been at most, by what is known of either arm. */
  readonly open: Readonly<Record<"worst" | "best", { readonly b: number; readonly c: number }>>
  /** Whether someone looked while the answers came in, so that only what holds at every look may decide. */
  readonly sequential: boolean
  /** Clusters among the planned units; `single` when each holds one unit. */
  readonly clusters: number
  readonly single: boolean
  /** Whether every value is 0 or 1. */
  readonly binary: boolean
  readonly tally: Readonly<Record<ArmName, Tally>>
}

/** The value of a measure, or undefined: anything but a number in [0,1] of a scored unit is missing evidence. */
export const valueOf = (outcome: Outcome | Pending, measure: Measure): number | undefined => {
  if (outcome.status !== "scored") return undefined
  const value = outcome.measures[measure]
  return typeof value === "number" && value >= 0 && value <= 1 ? value : undefined
}

const isBinary = (value: number | undefined): boolean => value === undefined || value === 0 || value === 1

const noneYet = (): Record<OutcomeStatus, number> =>
  Object.fromEntries(outcomeStatuses.map((status) => [status, 0])) as Record<OutcomeStatus, number>

/** Counts how units end; a scored unit without the measure counts as unscored. */
const tallying = () => {
  const tally = { all: noneYet(), asked: noneYet(), incomplete: 0 }
  return {
    tally,
    add: (outcome: Outcome | Pending, value: number | undefined, asked: boolean) => {
      const status = outcome.status === "scored" && value === undefined ? "unscored" : outcome.status
      tally.all[status]++
      if (!asked) return
      tally.asked[status]++
      if (value !== undefined && outcome.status === "scored" && !outcome.complete) tally.incomplete++
    }
  }
}

const isCurtailed = (outcome: Outcome | Pending, certain: string): boolean =>
  outcome.status !== "not-needed" || outcome.reason === certain

const isCertain = ({ base, tuned }: Pair, certain: string): boolean =>
  isCurtailed(base, certain) && isCurtailed(tuned, certain)

/** Collects the evidence of some pairs about one measure; `certain` is the reason that marks a curtailed unit. */
export const evidenceOf = (
  pairs: ReadonlyArray<Pair>,
  measure: Measure,
  certain: string,
  sequential = false
): Evidence => {
  const asked: Array<MeasuredPair> = []
  const open = { worst: { b: 0, c: 0 }, best: { b: 0, c: 0 } }
  const arms = { base: tallying(), tuned: tallying() }
  const clusters = clustersOf(pairs)
  const single = clusters.count === pairs.length
  const binary = pairs.every(({ base, tuned }) => isBinary(valueOf(base, measure)) && isBinary(valueOf(tuned, measure)))
  const gaps = pairs.filter((pair) => !wasAsked(pair))
  const curtailed = gaps.length > 0 && gaps.every((pair) => isCertain(pair, certain))
  // Only counts of independent pairs are proven at the worst that gaps could have been; elsewhere one among the pairs
  // that were asked is missing.
  const last = gaps.length === 0 || (curtailed && single && binary) ? -1 : pairs.findLastIndex(wasAsked)
  for (const [i, pair] of pairs.entries()) {
    const isAsked = wasAsked(pair) || (i < last && isCertain(pair, certain))
    const base = valueOf(pair.base, measure)
    const tuned = valueOf(pair.tuned, measure)
    arms.base.add(pair.base, base, isAsked)
    arms.tuned.add(pair.tuned, tuned, isAsked)
    if (isAsked) {
      asked.push({ pair, base, tuned, cluster: clusters.of[i]! })
      continue
    }
    for (const imputation of ["worst", "best"] as const) {
      const d = differenceOf({ base, tuned }, imputation) ?? 0
      if (d > 0) open[imputation].b++
      else if (d < 0) open[imputation].c++
    }
  }
  return {
    measure,
    asked,
    planned: pairs.length,
    unasked: pairs.length - asked.length,
    curtailed,
    open,
    sequential,
    clusters: clusters.count,
    single,
    binary,
    tally: { base: arms.base.tally, tuned: arms.tuned.tally }
  }
}

/** tuned - base of a pair, or undefined when it is missing and not imputed. */
export const differenceOf = (
  { base, tuned }: Pick<MeasuredPair, ArmName>,
  imputation: Imputation
): number | undefined => {
  switch (imputation) {
    case "complete":
      return base === undefined || tuned === undefined ? undefined : tuned - base
    case "worst":
      return (tuned ?? 1) - (base ?? 0)
    case "best":
      return (tuned ?? 0) - (base ?? 1)
  }
}

/** Values grouped by cluster, clusters in the order in which the plan first names them; undefined values left out. */
export const byCluster = (
  evidence: Evidence,
  value: (pair: MeasuredPair) => number | undefined
): ReadonlyArray<ReadonlyArray<number>> => {
  const groups = new Map<number, Array<number>>()
  for (const pair of evidence.asked) {
    const x = value(pair)
    if (x === undefined) continue
    const group = groups.get(pair.cluster)
    if (group === undefined) groups.set(pair.cluster, [x])
    else group.push(x)
  }
  return [...groups.values()]
}
