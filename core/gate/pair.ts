import { saysNothing } from "../domain/digest.ts"
import type { Outcome, Pending } from "../domain/outcome.ts"
import type { PlannedUnit } from "../domain/plan.ts"
import { type Arm, type ArmUnit, certain } from "./arm.ts"

/** A unit with its outcome in both arms. */
export interface Pair {
  readonly unit: PlannedUnit
  readonly base: Outcome | Pending
  readonly tuned: Outcome | Pending
}

/** What the units themselves say about how alike the two runs are. */
export interface Likeness {
  readonly units: { readonly base: number; readonly tuned: number }
  readonly onlyBase: number
  readonly onlyTuned: number
  readonly repeated: { readonly base: number; readonly tuned: number }
  /** Pairs whose messages, seed, or goal and cluster differ. */
  readonly prompts: number
  readonly seeds: number
  readonly groups: number
}

/** Two arms joined by unit; suites and units in the order of the base arm's plan. */
export interface Paired {
  readonly suites: ReadonlyMap<string, ReadonlyArray<Pair>>
  readonly likeness: Likeness
}

const pending: Pending = { status: "pending" }

const isSameUnit = (a: PlannedUnit, b: PlannedUnit): boolean =>
  a.sample === b.sample && a.epoch === b.epoch && a.suite === b.suite

/** The units of an arm by suite and sample, each once. */
interface Index {
  readonly bySuite: ReadonlyMap<string, ReadonlyMap<string, ArmUnit>>
  readonly repeated: number
}

/** Within a suite; the sample itself in the usual case of one epoch, so that no text is built for each unit. */
const keyInSuite = ({ epoch, sample }: PlannedUnit): string => (epoch === 0 ? sample : `${sample}\u0000${epoch}`)

const indexOf = (units: ReadonlyArray<ArmUnit>): Index => {
  const bySuite = new Map<string, Map<string, ArmUnit>>()
  let repeated = 0
  for (const entry of units) {
    const { unit } = entry
    let index = bySuite.get(unit.suite)
    if (index === undefined) bySuite.set(unit.suite, index = new Map())
    const key = keyInSuite(unit)
    if (index.has(key)) repeated++
    else index.set(key, entry)
  }
  return { bySuite, repeated }
}

const find = ({ bySuite }: Index, unit: PlannedUnit): ArmUnit | undefined =>
  bySuite.get(unit.suite)?.get(keyInSuite(unit))

function* each({ bySuite }: Index): Generator<ArmUnit> {
  for (const index of bySuite.values()) yield* index.values()
}

/** Whether neither arm left the pair out as not needed. */
export const wasAsked = ({ base, tuned }: Pair): boolean =>
  base.status !== "not-needed" && tuned.status !== "not-needed"

const unlessCertain = (outcome: Outcome | Pending): Outcome | Pending =>
  outcome.status === "not-needed" && outcome.reason !== certain ? pending : outcome

/**
 * Takes what stopping left out for missing where it does not lie behind all that was asked: a gate stops on an unbroken
 * beginning of the random order, and only that may be read at any look. What was certain holds wherever the gaps lie:
 * they are taken at their worst.
 */
const withoutHoles = (pairs: Array<Pair>): Array<Pair> => {
  const last = pairs.findLastIndex(wasAsked)
  const broken = pairs.some((pair, i) => i < last && !wasAsked(pair))
  return !broken ?
    pairs :
    pairs.map((pair, i) =>
      i < last ? { ...pair, base: unlessCertain(pair.base), tuned: unlessCertain(pair.tuned) } : pair
    )
}

/**
 * Joins two arms by (suite, sample, epoch). A unit of one arm alone is kept, pending in the other: it counts as missing
 * and can't vanish from a denominator. Of a unit that an arm gives twice, the first stands and the repetition is told. What
 * was left out between pairs that were asked is pending too, unless the verdict was certain.
 */
export const pairUnits = (base: Arm, tuned: Arm): Paired => {
  const units = { base: [...base.units], tuned: [...tuned.units] }
  const mine = indexOf(units.base)
  // Two runs of one plan stand in the same order; then one index is enough.
  const aligned = mine.repeated === 0
    && units.base.length === units.tuned.length
    && units.base.every(({ unit }, i) => isSameUnit(unit, units.tuned[i]!.unit))
  const theirs = aligned ? mine : indexOf(units.tuned)
  const suites = new Map<string, Array<Pair>>([...base.plan.suites, ...tuned.plan.suites].map(({ id }) => [id, []]))
  const counts = { onlyBase: 0, onlyTuned: 0, prompts: 0, seeds: 0, groups: 0 }
  const add = (pair: Pair) => {
    const pairs = suites.get(pair.unit.suite)
    if (pairs === undefined) suites.set(pair.unit.suite, [pair])
    else pairs.push(pair)
  }
  const join = ({ outcome, unit }: ArmUnit, other: ArmUnit | undefined) => {
    if (other === undefined) counts.onlyBase++
    else {
      if (other.unit.prompt !== unit.prompt) counts.prompts++
      if (other.unit.seed !== unit.seed) counts.seeds++
      if (other.unit.goal !== unit.goal || other.unit.cluster !== unit.cluster) counts.groups++
    }
    add({ unit, base: outcome, tuned: other?.outcome ?? pending })
  }
  if (aligned) units.base.forEach((entry, i) => join(entry, units.tuned[i]))
  else {
    for (const entry of each(mine)) join(entry, find(theirs, entry.unit))
    for (const { outcome, unit } of each(theirs)) {
      if (find(mine, unit) !== undefined) continue
      counts.onlyTuned++
      add({ unit, base: pending, tuned: outcome })
    }
  }
  for (const [id, pairs] of suites) suites.set(id, withoutHoles(pairs))
  return {
    suites,
    likeness: {
      units: { base: units.base.length, tuned: units.tuned.length },
      repeated: { base: mine.repeated, tuned: theirs.repeated },
      ...counts
    }
  }
}

/**
 * The pairs of a pool in order, without those whose goal an earlier suite of it asks in the same words; `duplicates`: how
 * many those are. One that only shares a goal stays: it shares a cluster.
 */
export const withoutRepeatedGoals = (
  members: ReadonlyArray<ReadonlyArray<Pair>>
): { readonly pairs: ReadonlyArray<Pair>; readonly duplicates: number } => {
  const taken = new Set<string>()
  const questionOf = ({ unit: { goal, prompt } }: Pair) => saysNothing(goal) ? undefined : `${goal} ${prompt}`
  const pairs: Array<Pair> = []
  let duplicates = 0
  for (const member of members) {
    // Within one suite a shared goal is a cluster, not a copy; which copy stays never depends on its outcome.
    const own = new Set<string>()
    for (const pair of member) {
      const question = questionOf(pair)
      if (question !== undefined && taken.has(question)) duplicates++
      else {
        if (question !== undefined) own.add(question)
        pairs.push(pair)
      }
    }
    own.forEach((question) => taken.add(question))
  }
  return { pairs, duplicates }
}
