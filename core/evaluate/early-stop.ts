import type { Plan } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import type { Calibration } from "../gate/calibration.ts"
import { makeEarlyStop } from "../gate/early-stop.ts"
import { scopeOf } from "../gate/scope.ts"
import type { RunningSuite } from "../gate/watched.ts"
import { unitNumbers } from "../run/arm.ts"
import type { Population } from "../run/population.ts"
import type { Steering } from "../run/steering.ts"
import { clustersAmong, clustersOf, withoutRepeated } from "./clusters.ts"

/** What stands in pools: of each of their suites the samples that no earlier one asks, and whether none share a goal. */
const pooledSamples = (
  plan: Plan,
  populations: ReadonlyArray<Population>,
  pools: ReturnType<typeof scopeOf>["pools"]
) =>
  new Map(pools.flatMap(({ members }) => {
    const kept = withoutRepeated(
      members.map((id) => populations[plan.suites.findIndex((planned) => planned.id === id)]!.samples)
    )
    const single = clustersAmong(kept) === kept.reduce((sum, { length }) => sum + length, 0)
    return members.map((id, i) => [id, { kept: new Set(kept[i]), single }] as const)
  }))

/**
 * What a running gate needs no more, for the runner: base and tuned answer the units of one plan, so that a place means
 * the same pair in both. `sequential`: stop by evidence, else only by certainty.
 */
export const steeringOf = ({ calibrations, plan, policy, populations, sequential }: {
  readonly plan: Plan
  readonly populations: ReadonlyArray<Population>
  readonly policy: Policy
  readonly calibrations: ReadonlyArray<Calibration>
  readonly sequential: boolean
}): Steering => {
  const numbers = unitNumbers(plan)
  // Rank of each unit among those of its suite, in the order in which they are asked.
  const ranks = new Uint32Array(numbers.count)
  const samples = plan.suites.map(({ epochs, samples }) => new Uint32Array(samples * epochs))
  const asked = plan.suites.map(() => 0)
  for (const place of numbers.order()) {
    const rank = asked[place.suite]!++
    ranks[numbers.of(place)] = rank
    samples[place.suite]![rank] = place.sample
  }
  const pools = pooledSamples(plan, populations, scopeOf(policy, plan.suites).pools)
  const suites = plan.suites.map((suite, index): RunningSuite => {
    const own = populations[index]!.samples
    const pool = pools.get(suite.id)
    return {
      ...suite,
      pairs: suite.samples * suite.epochs,
      single: suite.epochs === 1 && clustersOf(own) === own.length && pool?.single !== false,
      ...(pool === undefined ? {} : { pooled: (rank: number) => pool.kept.has(own[samples[index]![rank]!]!) })
    }
  })
  const stop = makeEarlyStop({ suites, policy, calibrations, sequential })
  return {
    ended: (arm, place, outcome) => {
      if (arm === "base" || arm === "tuned") {
        stop.ended(arm === "base" ? 0 : 1, place.suite, ranks[numbers.of(place)]!, outcome)
      }
    },
    begin: stop.begin,
    need: (place) => stop.need(place.suite, ranks[numbers.of(place)]!),
    launched: ({ suite }) => stop.launched(suite),
    settled: ({ suite }) => stop.settled(suite),
    hurry: stop.hurry
  }
}
