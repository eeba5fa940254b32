import * as Effect from "effect/Effect"
import type { PlannedSuite } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import { hash32 } from "../domain/seed.ts"
import type { Confirm } from "../domain/trajectory.ts"
import type { Sample } from "../plugin/contract.ts"
import { goalDigest, limited, type Population, promptDigest } from "../run/population.ts"
import { clustersOf } from "./clusters.ts"
import type { LoadedSuite } from "./load.ts"

/** Reason under which a plan counts the samples that the other part of a trajectory holds. */
export const otherPart = "in the other part of the trajectory"

/** Samples that share a goal, in whatever suite, or a cluster. */
interface Group {
  /** The smallest of the group's keys: names it whatever the order of suites and samples. */
  readonly key: string
  readonly members: ReadonlyArray<{ readonly suite: number; readonly sample: number }>
}

const keysOf = (suite: string, { cluster, goal, id }: Sample): ReadonlyArray<string> => {
  const digest = goalDigest(goal)
  return [
    // A goal without a letter or digit says nothing about who shares it.
    digest === goalDigest("") ? `sample ${suite}\u0000${id}` : `goal ${digest}`,
    ...(cluster === undefined ? [] : [`cluster ${suite}\u0000${cluster}`])
  ]
}

const groupsOf = (populations: ReadonlyArray<Population>): ReadonlyArray<Group> => {
  const parents = new Map<string, string>()
  const rootOf = (key: string): string => {
    let root = key
    for (let above = parents.get(root); above !== undefined && above !== root; above = parents.get(root)) root = above
    for (let at = key; at !== root;) {
      const above = parents.get(at)!
      parents.set(at, root)
      at = above
    }
    return root
  }
  const each = (use: (keys: ReadonlyArray<string>, suite: number, sample: number) => void) =>
    populations.forEach(({ samples, suite: id }, suite) =>
      samples.forEach((sample, index) => use(keysOf(id, sample), suite, index))
    )
  each((keys) => {
    for (const key of keys) if (!parents.has(key)) parents.set(key, key)
    const roots = keys.map(rootOf).toSorted()
    for (const root of roots) parents.set(root, roots[0]!)
  })
  const groups = new Map<string, Array<Group["members"][number]>>()
  each(([first], suite, sample) => {
    const root = rootOf(first!)
    const members = groups.get(root)
    if (members === undefined) groups.set(root, [{ suite, sample }])
    else members.push({ suite, sample })
  })
  return Array.from(groups, ([key, members]) => ({ key, members }))
}

/**
 * Which samples of each suite are held back for confirmation: half of them, chosen by seed.
 *
 * Samples that share a goal (in any suite) or a cluster stay together. Groups are taken up in an order that depends on
 * the seed alone, and each goes to the half that keeps the suites' halves closest in size.
 */
export const heldBack = (
  populations: ReadonlyArray<Population>,
  seed: number
): ReadonlyArray<ReadonlyArray<boolean>> => {
  const held = populations.map(({ samples }) => samples.map(() => false))
  const surplus = populations.map(() => 0)
  const order = groupsOf(populations)
    .map((group) => ({ ...group, rank: hash32(group.key, seed) }))
    .toSorted((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
  for (const { members } of order) {
    const sizes = new Map<number, number>()
    for (const { suite } of members) sizes.set(suite, (sizes.get(suite) ?? 0) + 1)
    const imbalance = (sign: 1 | -1) =>
      [...sizes].reduce((sum, [suite, size]) => sum + Math.abs(surplus[suite]! + sign * size), 0)
    const back = imbalance(-1) < imbalance(1)
    for (const [suite, size] of sizes) surplus[suite]! += back ? -size : size
    if (back) { for (const { sample, suite } of members) held[suite]![sample] = true }
  }
  return held
}

/** A suite of which only some samples are asked; `left` of the others belong to the other part. */
const only = (loaded: LoadedSuite, samples: ReadonlyArray<Sample>, left: number): LoadedSuite => {
  const { population } = loaded.toPlan
  return {
    ...loaded,
    toPlan: {
      ...loaded.toPlan,
      clustered: clustersOf(samples) < samples.length,
      population: {
        ...population,
        samples,
        excluded: left === 0 ? population.excluded : { ...population.excluded, [otherPart]: left }
      }
    }
  }
}

/** A suite with those samples alone that a stored plan of one part holds. */
export const asPlanned = (loaded: LoadedSuite, planned: PlannedSuite, ids: ReadonlySet<string>): LoadedSuite => {
  const kept = only(loaded, loaded.toPlan.population.samples.filter(({ id }) => ids.has(id)), 0)
  const { population } = kept.toPlan
  return {
    ...kept,
    toPlan: { ...kept.toPlan, limit: planned.limit, population: { ...population, excluded: planned.excluded } }
  }
}

/** One part of the samples of a trajectory, ready to be planned. */
export interface Part {
  readonly name: "looks" | "confirmation"
  readonly suites: ReadonlyArray<LoadedSuite>
  readonly seed: number
}

interface Parts {
  readonly looks: Part
  readonly confirmation: Part
}

const requireSamples = (parts: Parts): Effect.Effect<Parts, UsageProblem> => {
  const empty = [parts.looks, parts.confirmation].flatMap(({ suites }) => suites).find(({ toPlan }) =>
    toPlan.population.samples.length === 0
  )
  return empty === undefined ? Effect.succeed(parts) : Effect.fail(
    new UsageProblem({
      reason: "empty-suite",
      where: empty.toPlan.population.suite,
      what: "no samples are left to confirm a candidate on that it was not chosen on",
      fix: "Leave the suite out, sample it with --temperature above 0, or draw fewer with --limit (--confirm fresh), "
        + "or confirm on the other half of the goals (--confirm half)."
    })
  )
}

/** Both halves of the suites by goal; the seed of both is the command's. */
const halves = (suites: ReadonlyArray<LoadedSuite>, seed: number): Parts => {
  const held = heldBack(suites.map(({ toPlan }) => toPlan.population), seed)
  const part = (name: Part["name"], wanted: boolean): Part => ({
    name,
    seed,
    suites: suites.map((loaded, suite) => {
      const { samples } = loaded.toPlan.population
      const kept = samples.filter((_, index) => held[suite]![index] === wanted)
      return only(loaded, kept, samples.length - kept.length)
    })
  })
  return { looks: part("looks", false), confirmation: part("confirmation", true) }
}

/** Samples of another draw whose answers the looks have not seen: greedily answered prompts would be answered alike. */
const unseen = (looks: LoadedSuite, again: LoadedSuite): ReadonlyArray<Sample> => {
  const { decoding, population } = again.toPlan
  if (decoding.temperature > 0) return population.samples
  const seen = new Set(looks.toPlan.population.samples.map(({ messages }) => promptDigest(messages)))
  return population.samples.filter(({ messages }) => !seen.has(promptDigest(messages)))
}

/**
 * The samples that candidates are chosen on and those that confirm one.
 *
 * `half` splits what was drawn by goal. `fresh` keeps all of it for the looks and draws again under the next seed, for
 * suites decoded greedily among samples that the looks leave out. `read` reads the suites under a seed and a limit.
 * Fails with `UsageProblem` `empty-suite` when a part of a suite is empty.
 */
export const partsOf = Effect.fnUntraced(function*<E, R>(
  confirm: Confirm,
  { limit, seed }: { readonly limit: number | undefined; readonly seed: number },
  read: (
    draw: { readonly limit: number | undefined; readonly seed: number }
  ) => Effect.Effect<ReadonlyArray<LoadedSuite>, E, R>
) {
  const suites = yield* read({ limit, seed })
  if (confirm === "half") return yield* requireSamples(halves(suites, seed))
  const next = seed + 1
  const again = yield* read({ limit: undefined, seed: next })
  const fresh = again.map((loaded, index) => {
    const rest = unseen(suites[index]!, loaded)
    const { samples: drawn } = limited({ ...loaded.toPlan.population, samples: rest }, limit, next)
    const kept = only(loaded, drawn, loaded.toPlan.population.samples.length - rest.length)
    return { ...kept, toPlan: { ...kept.toPlan, limit } }
  })
  return yield* requireSamples({
    looks: { name: "looks", suites, seed },
    confirmation: { name: "confirmation", suites: fresh, seed: next }
  })
})
