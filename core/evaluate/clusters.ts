import { makeGrouping } from "../domain/grouping.ts"
import type { Sample } from "../plugin/contract.ts"
import { goalDigest } from "../run/population.ts"
import { goalOf, groupSamples, keysOf, promptOf } from "../run/sample-groups.ts"

type Samples = ReadonlyArray<Sample>

const goalsOfSeveral = (suites: ReadonlyArray<Samples>): ReadonlySet<string> => {
  if (suites.length < 2) return new Set()
  const goals = suites.map((samples) => new Set(samples.map(goalOf)))
  return new Set(
    goals.flatMap((own, suite) =>
      [...own].filter((goal) => goal !== undefined && goals.some((other, i) => i !== suite && other.has(goal)))
    ) as ReadonlyArray<string>
  )
}

/** How many groups of samples share what they ask, as `clustersOf` of the gate finds them among pairs. */
export const clustersAmong = (suites: ReadonlyArray<Samples>): number => {
  const grouping = makeGrouping(3)
  const several = goalsOfSeveral(suites)
  suites.forEach((samples, suite) => {
    for (const sample of samples) {
      const { cluster } = sample
      if (cluster === undefined) grouping.add(keysOf(sample))
      else {
        const goal = several.size === 0 ? undefined : goalOf(sample)
        grouping.add([`${suite} ${cluster}`, goal !== undefined && several.has(goal) ? goal : undefined])
      }
    }
  })
  return grouping.count()
}

const counted = new WeakMap<Samples, number>()

/** How many groups the samples of a suite form: by the clusters that it declares, else by goals and by prompts. */
export const clustersOf = (samples: Samples): number => {
  const known = counted.get(samples)
  if (known !== undefined) return known
  const count = groupSamples(samples).count()
  counted.set(samples, count)
  return count
}

/** The samples of a pool's suites, each without those that an earlier suite asks for the same goal in the same words. */
export const withoutRepeated = (suites: ReadonlyArray<Samples>): ReadonlyArray<Samples> => {
  const taken = new Set<string>()
  return suites.map((samples) => {
    const keyed = samples.map((sample) =>
      [sample, goalOf(sample) === undefined ? undefined : `${goalDigest(sample.goal)} ${promptOf(sample)}`] as const
    )
    const kept = keyed.filter(([, question]) => question === undefined || !taken.has(question))
    for (const [, question] of kept) if (question !== undefined) taken.add(question)
    return kept.map(([sample]) => sample)
  })
}
