import type { Guard } from "../domain/decision.ts"
import { canonicalJson, digestOf } from "../domain/digest.ts"
import type { Probe } from "../domain/ledger.ts"
import type { Plan, PlannedSuite } from "../domain/plan.ts"
import { anchorsGuard } from "./anchors.ts"
import type { Arm } from "./arm.ts"
import { engineGuards } from "./engine-guards.ts"
import { identityGuard } from "./identity.ts"
import type { Paired } from "./pair.ts"
import { requestGuards } from "./request-guards.ts"
import { servedGuards } from "./served.ts"

/** What must be equal in both runs, in the order in which it is told. */
export const likeForLike = [
  "suites",
  "measures",
  "items",
  "shown",
  "units",
  "prompts",
  "groups",
  "decoding",
  "epochs",
  "seeds",
  "reasoning",
  "scorers",
  "anchors",
  "engine",
  "request",
  "served"
] as const
export type GuardName = (typeof likeForLike)[number]

export interface GuardOptions {
  /** An A/A run: the same model twice under another seed. @default false */
  readonly noiseFloor?: boolean
  /** Differences that the caller accepts; identity and the count of units can't be among them. @default none */
  readonly overrides?: ReadonlyArray<GuardName>
  /** Both models on a few prompts, where they could be scored. @default not known */
  readonly probe?: Probe | undefined
  /** Whether the tuned model may be the base model, as at step 0 of a training. @default false */
  readonly allowIdentical?: boolean
}

const short = (digest: string): string => digest.slice(0, 12)

/** Compares one trait of each suite that both plans hold, and names the suites where it differs. */
const perSuite = (
  name: GuardName,
  base: Plan,
  tuned: Plan,
  trait: (suite: PlannedSuite) => string
): Guard => {
  const other = new Map(tuned.suites.map((suite) => [suite.id, trait(suite)]))
  const differing = base.suites.flatMap((suite) => {
    const mine = trait(suite)
    const theirs = other.get(suite.id)
    return theirs === undefined || theirs === mine ? [] : [{ id: suite.id, mine, theirs }]
  })
  if (differing.length === 0) {
    const all = base.suites.map((suite) => [suite.id, trait(suite)])
    const digest = short(digestOf(all))
    return { name, ok: true, base: digest, tuned: digest }
  }
  return {
    name,
    ok: false,
    base: differing.map(({ id, mine }) => `${id}: ${mine}`).join("; "),
    tuned: differing.map(({ id, theirs }) => `${id}: ${theirs}`).join("; "),
    detail: `${name} differ in ${differing.map(({ id }) => id).join(", ")}`
  }
}

/** What to do about two judges: no answer has to be asked again. */
const rejudged = (guard: Guard): Guard =>
  guard.ok ? guard : {
    ...guard,
    detail:
      `${guard.detail}; judge the stored answers of one run again as the other was judged, with \`driftgate rescore RUN `
      + "--scorer SUITE=ID`, and compare that run"
  }

const suiteIds = (plan: Plan): string => plan.suites.map(({ id }) => id).toSorted().join(", ")

const repeatedIds = (plan: Plan): boolean => new Set(plan.suites.map(({ id }) => id)).size < plan.suites.length

const counted = (name: GuardName, differing: number, what: string): Guard => ({
  name,
  ok: differing === 0,
  base: differing === 0 ? "equal" : `${differing} units differ`,
  tuned: differing === 0 ? "equal" : `${differing} units differ`,
  ...(differing === 0 ? {} : { detail: `${differing} units have other ${what} in the tuned run` })
})

/** Whether both arms give each planned unit once; `alike`: whether their populations should be the same. */
const unitsGuard = (base: Arm, tuned: Arm, { likeness, suites }: Paired, alike: boolean): Guard => {
  const uneven = base.plan.suites.filter(({ epochs, id, samples }) => suites.get(id)?.length !== epochs * samples)
  const faults = [
    ...(["base", "tuned"] as const).flatMap((arm) => {
      const { plan } = arm === "base" ? base : tuned
      return [
        ...(likeness.repeated[arm] > 0 ? [`${likeness.repeated[arm]} units stand twice in the ${arm} run`] : []),
        ...(likeness.units[arm] !== plan.units.count ? [`the ${arm} run does not give every planned unit`] : []),
        ...(plan.suites.reduce((sum, { epochs, samples }) => sum + epochs * samples, 0) !== plan.units.count
          ? [`the ${arm} plan counts units that its suites do not have`]
          : [])
      ]
    }),
    ...(alike && uneven.length > 0 ? [`${uneven.map(({ id }) => id).join(", ")} has not the units of its plan`] : []),
    ...(alike && likeness.onlyBase > 0 ? [`${likeness.onlyBase} units are in the base run only`] : []),
    ...(alike && likeness.onlyTuned > 0 ? [`${likeness.onlyTuned} units are in the tuned run only`] : [])
  ]
  const text = (arm: "base" | "tuned", { plan }: Arm) => `${likeness.units[arm]} of ${plan.units.count} planned`
  return {
    name: "units",
    ok: faults.length === 0,
    base: text("base", base),
    tuned: text("tuned", tuned),
    ...(faults.length === 0 ? {} : { detail: faults.join("; ") })
  }
}

const seedsGuard = (base: Plan, tuned: Plan, { likeness }: Paired, noiseFloor: boolean): Guard => {
  const same = base.seed === tuned.seed && likeness.seeds === 0
  return {
    name: "seeds",
    ok: same !== noiseFloor,
    base: `${base.answerSeed ?? base.seed}`,
    tuned: `${tuned.answerSeed ?? tuned.seed}`,
    ...(same && !noiseFloor ? {} : {
      detail: same
        ? "a noise floor needs answers drawn with another seed"
        : noiseFloor
        ? "a noise floor uses another seed"
        : `the runs draw their tokens with other seeds (${likeness.seeds} units)`
    })
  }
}

/**
 * What had to be equal, or different, in both runs, each with both values.
 *
 * An accepted difference stays `ok: false` and is marked `overridden`.
 */
export const guardsOf = (
  base: Arm,
  tuned: Arm,
  paired: Paired,
  options: GuardOptions = {}
): ReadonlyArray<Guard> => {
  const { noiseFloor = false, overrides = [] } = options
  const compare = (name: GuardName, trait: (suite: PlannedSuite) => string) =>
    perSuite(name, base.plan, tuned.plan, trait)
  const ids = { base: suiteIds(base.plan), tuned: suiteIds(tuned.plan) }
  const twice = repeatedIds(base.plan) || repeatedIds(tuned.plan)
  const suites: Guard = {
    name: "suites",
    ok: ids.base === ids.tuned && !twice,
    ...ids,
    ...(twice ? { detail: "a suite stands twice in a plan" } : {})
  }
  const items = compare(
    "items",
    ({ items, limit }) => `${short(items)}${limit === undefined ? "" : ` (limit ${limit})`}`
  )
  const epochs = compare("epochs", ({ epochs }) => `${epochs}`)
  const anchors = anchorsGuard(base, tuned)
  const alike: ReadonlyArray<Guard> = [
    suites,
    compare("measures", ({ gates, kind, role, tracks }) => canonicalJson({ gates, kind, role, tracks })),
    items,
    compare("shown", ({ shown }) => short(shown)),
    unitsGuard(base, tuned, paired, suites.ok && items.ok && epochs.ok),
    counted("prompts", paired.likeness.prompts, "messages"),
    counted("groups", paired.likeness.groups, "goals or clusters"),
    compare("decoding", ({ decoding }) => canonicalJson(decoding)),
    epochs,
    seedsGuard(base.plan, tuned.plan, paired, noiseFloor),
    compare("reasoning", ({ reasoning = "final" }) => reasoning),
    rejudged(compare("scorers", ({ scorer }) => `${scorer.id} ${short(scorer.behaviour)}`)),
    ...(anchors === undefined ? [] : [anchors]),
    ...engineGuards(base.plan, tuned.plan),
    ...requestGuards(base.plan, tuned.plan),
    ...servedGuards(base, tuned)
  ]
  const marked = alike.map((guard) =>
    !guard.ok && guard.name !== "units" && overrides.some((name) => name === guard.name)
      ? { ...guard, overridden: true }
      : guard
  )
  return [...marked, identityGuard(base.plan, tuned.plan, options)]
}

/** Whether a guard keeps the two runs from being compared. */
export const isBroken = (guard: Guard): boolean => !guard.ok && guard.overridden !== true
