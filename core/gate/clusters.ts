import { saysNothing } from "../domain/digest.ts"
import { makeGrouping } from "../domain/grouping.ts"
import type { PlannedUnit } from "../domain/plan.ts"

interface Asked {
  readonly unit: PlannedUnit
}

/** Which of some pairs are not independent of each other. */
export interface Clusters {
  /** The number of each pair's cluster, in the order of the pairs. */
  readonly of: ReadonlyArray<number>
  readonly count: number
}

/** Goals that stand in more than one suite. */
const goalsOfSeveral = (pairs: ReadonlyArray<Asked>): ReadonlySet<string> => {
  const first = new Map<string, string>()
  const several = new Set<string>()
  const [head] = pairs
  if (head === undefined || pairs.every(({ unit }) => unit.suite === head.unit.suite)) return several
  for (const { unit: { goal, suite } } of pairs) {
    const known = first.get(goal)
    if (known === undefined) first.set(goal, suite)
    else if (known !== suite) several.add(goal)
  }
  return several
}

/**
 * Joins pairs that share what they ask (gate.md B1): a sample's epochs, the cluster that a suite declares, else the goal,
 * or the very prompt. A declared cluster stands beside others with its goal in its suite, and joins those of another.
 */
export const clustersOf = (pairs: ReadonlyArray<Asked>): Clusters => {
  const grouping = makeGrouping(3)
  const several = goalsOfSeveral(pairs)
  for (const { unit: { cluster, goal, prompt, sample, suite } } of pairs) {
    const own = cluster === undefined ? `${suite}\u0000sample\u0000${sample}` : `${suite}\u0000cluster\u0000${cluster}`
    const joins = !saysNothing(goal) && (cluster === undefined || several.has(goal))
    grouping.add([own, joins ? goal : undefined, cluster === undefined && prompt !== "" ? prompt : undefined])
  }
  return { of: pairs.map((_, i) => grouping.groupOf(i)), count: grouping.count() }
}
