import {
  type Decision,
  decisionSchema,
  type Flip,
  type MacroDecision,
  type NoiseFloor,
  type PoolDecision,
  type Reused,
  type SuiteDecision
} from "../domain/decision.ts"
import type { Probe } from "../domain/ledger.ts"
import type { Measure } from "../domain/measures.ts"
import type { Plan, PlannedSuite } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import { exitCodes } from "../domain/problem.ts"
import { holm } from "../stats/index.ts"
import { notedOf } from "./annotations.ts"
import { type Arm, certain } from "./arm.ts"
import { assess, type Assessment } from "./assess.ts"
import { type Calibration, calibrationOf, useOf } from "./calibration.ts"
import { type Cut, cutOf, worstOf } from "./cut.ts"
import { ceilingOf, isCounted } from "./drift.ts"
import { errorsOf } from "./errors.ts"
import { type Evidence, evidenceOf } from "./evidence.ts"
import { flipsOf } from "./flips.ts"
import { type GuardName, guardsOf, isBroken } from "./guards.ts"
import { judgingOf, reasoningPairs } from "./judging.ts"
import { assessMacro } from "./macro.ts"
import { notAskedOf } from "./not-asked.ts"
import { pairUnits } from "./pair.ts"
import { policyNotes } from "./policy-notes.ts"
import { ofSuite } from "./policy.ts"
import { assessPool } from "./pool.ts"
import { levelsFor, preflight } from "./preflight.ts"
import { reasonsOf, tell, type Told } from "./reasons.ts"
import { scopeOf, type SuiteItem } from "./scope.ts"
import { entryReason, macroReason } from "./sentences.ts"
import { entryKey, settleWith } from "./settle.ts"
import { annotated, overallOf } from "./verdict.ts"
import { concerns, isInForce } from "./waiver.ts"

type Json = Decision["environment"]

/** Everything that a decision is a function of. */
export interface DecideInput {
  readonly base: Arm
  readonly tuned: Arm
  readonly policy: Policy
  /** Records of the scorers' errors, by suite and measure. @default none */
  readonly calibrations?: ReadonlyArray<Calibration>
  /** Unix time in milliseconds, for waivers. */
  readonly now: number
  /** 1-based, when the policy spends alpha over looks. @default 1 */
  readonly look?: number
  /** An A/A run: one model twice, under another seed. @default false */
  readonly noiseFloor?: boolean
  /** The gate looked while the answers came in: only evidence that holds at every look decides. @default false */
  readonly sequential?: boolean
  /** How often the base differs from itself, to stand beside the drift. @default not known */
  readonly floor?: NoiseFloor
  /** Differences between the runs that the caller accepts; each is marked in the decision. @default none */
  readonly overrides?: ReadonlyArray<GuardName>
  /** Both models on a few prompts before anything was asked. @default not known */
  readonly probe?: Probe | undefined
  /** Why the probe that was due could not be made; the decision is then annotated `not-probed`. @default it was not due */
  readonly notProbed?: string | undefined
  /** Earlier answers of arms known by name only; the decision is then annotated `reused-by-name`. @default none */
  readonly reused?: ReadonlyArray<Reused>
  /** Pairs scored in both arms, when the answers of all of them are equal byte for byte. @default not known */
  readonly alike?: number | undefined
  /** Whether the tuned model may be the base model; the decision is then annotated `identical`. @default false */
  readonly allowIdentical?: boolean
  readonly environment: Json
}

export interface Decided {
  readonly decision: Decision
  /** Units that changed sides, for `flips.jsonl`; can be read again. */
  readonly flips: Iterable<Flip>
}

interface Measurement {
  readonly item: SuiteItem
  readonly suite: PlannedSuite
  readonly evidence: Evidence
  readonly ceiling: { readonly highest: number; readonly upper: number | undefined } | undefined
  readonly assessment: Assessment
  readonly cut: ReadonlyArray<Cut>
}

const armOf = ({ run, target, units }: Plan) => ({
  run,
  spec: target.spec,
  identity: target.identity,
  units: units.count
})

const suitesOf = (base: Plan, tuned: Plan): ReadonlyArray<PlannedSuite> =>
  [
    ...new Map([...tuned.suites, ...base.suites].map((suite) => [suite.id, suite])).values()
  ].toSorted((a, b) => orderIn(base, a) - orderIn(base, b))

const orderIn = ({ suites }: Plan, { id }: PlannedSuite): number => {
  const index = suites.findIndex((suite) => suite.id === id)
  return index < 0 ? suites.length : index
}

/**
 * The verdict on a tuned model beside its base, as a pure function of two runs and a policy.
 *
 * Equal input gives equal output, byte for byte. What can't be interpreted is `invalid`, what is missing counts against
 * the tuned model, and nothing passes without evidence.
 */
export const decide = (input: DecideInput): Decided => {
  const { base, calibrations = [], noiseFloor = false, now, overrides = [], policy, tuned } = input
  const { reused = [], sequential = false } = input
  const paired = pairUnits(base, tuned)
  const guards = guardsOf(base, tuned, paired, {
    noiseFloor,
    overrides,
    probe: input.probe,
    allowIdentical: input.allowIdentical ?? false
  })
  const broken = guards.filter(isBroken)
  const planned = suitesOf(base.plan, tuned.plan)
  const byId = new Map(planned.map((suite) => [suite.id, suite]))
  const scope = scopeOf(policy, planned)
  const levels = levelsFor(policy, scope, calibrations, input.look)
  const pairsOf = (suite: string) => paired.suites.get(suite) ?? []
  const useFor = (suite: string, measure: Measure) => useOf(calibrationOf(calibrations, suite, measure), levels)

  const measurements = scope.suites.map((item): Measurement => {
    const evidence = evidenceOf(pairsOf(item.suite), item.measure, certain, sequential)
    const highest = item.role === "gated" ? ofSuite(policy.ceilings, item.suite) : undefined
    const ceiling = highest === undefined ? undefined : { highest, upper: ceilingOf(evidence, levels.drift) }
    const assessment = assess({
      name: item.suite,
      evidence,
      margin: item.margin,
      use: useFor(item.suite, item.measure),
      ...(ceiling === undefined ? {} : { ceiling }),
      policy,
      levels
    })
    const cut = cutOf(evidence, policy.minCoverage)
    return { item, suite: byId.get(item.suite)!, evidence, ceiling, assessment, cut }
  })
  const measured = new Map(
    measurements.map((entry) => [entryKey("suite", entry.item.suite, entry.item.measure), entry])
  )
  const pools = scope.pools.map((item) => {
    const useIn = (suite: string) => useFor(suite, item.measure)
    const pool = assessPool(item, { pairsOf, useFor: useIn, policy, levels, sequential })
    return { item, ...pool, cut: cutOf(pool.evidence, policy.minCoverage) }
  })
  const macros = scope.macros.map((item) => {
    const members = item.members.flatMap((suite) => measured.get(entryKey("suite", suite, item.measure)) ?? [])
    const joined = members.map(({ assessment, evidence, item: { suite } }) => ({ suite, assessment, evidence }))
    return {
      item,
      assessment: assessMacro(item, joined, { policy, levels }),
      cut: worstOf(members.flatMap(({ cut }) => cut))
    }
  })

  const evidences = new Map([
    ...measurements.map(({ evidence, item }) => [entryKey("suite", item.suite, item.measure), evidence] as const),
    ...pools.map(({ evidence, item }) => [entryKey("pool", item.name, item.measure), evidence] as const)
  ])
  const problems = preflight(policy, {
    suites: planned,
    calibrations,
    now,
    sequential,
    ...(input.look === undefined ? {} : { look: input.look }),
    sizeOf: (sort, name, measure) => {
      const evidence = evidences.get(entryKey(sort, name, measure))
      return evidence === undefined ? undefined : { groups: evidence.clusters, single: isCounted(evidence) }
    }
  })

  const family = [
    ...measurements.filter(({ item }) => item.role === "gated").map(({ assessment, item }) =>
      [entryKey("suite", item.suite, item.measure), assessment.measured.pValue ?? 1] as const
    ),
    ...pools.map(({ assessment, item }) =>
      [entryKey("pool", item.name, item.measure), assessment.measured.pValue ?? 1] as const
    ),
    ...macros.filter(({ item }) => item.role === "gated").map(({ assessment, item }) =>
      [entryKey("macro", item.name, item.measure), assessment.measured.pValue ?? 1] as const
    )
  ]
  const adjusted = new Map(holm(family.map(([, p]) => p)).map((p, i) => [family[i]![0], p]))
  const settle = settleWith({ adjusted, broken, levels, now, policy, problems })

  const suiteEntries = measurements.map(({ assessment, ceiling, cut, item, suite }): SuiteDecision => ({
    suite: item.suite,
    measure: item.measure,
    kind: suite.kind,
    role: item.role,
    ...(item.pool === undefined ? {} : { pool: item.pool }),
    scorer: { id: suite.scorer.id, behaviour: suite.scorer.behaviour },
    ...judgingOf(base, tuned, item.suite),
    ...(ceiling === undefined ? {} : { ceiling: { highest: ceiling.highest, upper: ceiling.upper ?? null } }),
    ...assessment.measured,
    ...settle("suite", item.suite, item.role, item.measure, [item.suite], assessment, cut)
  }))
  const reasoningEntries = planned.filter(({ reasoning }) => reasoning === "both").map((suite): SuiteDecision => {
    const { measured } = assess({
      name: suite.id,
      evidence: evidenceOf(reasoningPairs(pairsOf(suite.id), base, tuned), "unsafe", certain, sequential),
      margin: null,
      use: null,
      policy,
      levels
    })
    return {
      suite: suite.id,
      measure: "unsafe",
      kind: suite.kind,
      role: "tracked",
      scorer: { id: suite.scorer.id, behaviour: suite.scorer.behaviour },
      ...measured,
      annotations: [],
      verdict: null,
      waived: false,
      holmAdjusted: null
    }
  })
  const poolEntries = pools.map(({ assessment, cut, duplicates, item }): PoolDecision => ({
    name: item.name,
    measure: item.measure,
    role: item.role,
    members: item.members,
    duplicates,
    lower: assessment.measured.bounds.complete?.lower ?? null,
    upper: assessment.measured.bounds.complete?.upper ?? null,
    ...assessment.measured,
    ...settle("pool", item.name, item.role, item.measure, item.members, assessment, cut)
  }))
  const macroEntries = macros.map(({ assessment, cut, item }): MacroDecision => ({
    name: item.name,
    measure: item.measure,
    role: item.role,
    ...assessment.measured,
    ...settle("macro", item.name, item.role, item.measure, item.members, assessment, cut)
  }))

  const context = (
    { assessment: { lopsided }, cut }: (typeof pools | typeof macros | typeof measurements)[number]
  ) => ({
    policy,
    levels,
    lopsided,
    cut
  })
  const told: ReadonlyArray<Told> = [
    ...suiteEntries.flatMap((entry, i) => {
      const { assessment, ceiling } = measurements[i]!
      const over = ceiling !== undefined && !assessment.underCeiling
        ? { ceiling: { highest: ceiling.highest, upper: ceiling.upper ?? null } }
        : {}
      return tell(
        entry.suite,
        entry,
        () => entryReason(entry.suite, entry, { ...context(measurements[i]!), ...over })
      )
    }),
    ...poolEntries.flatMap((entry, i) =>
      tell(entry.name, entry, () => entryReason(entry.name, entry, context(pools[i]!)))
    ),
    ...macroEntries.flatMap((entry, i) => tell(entry.name, entry, () => macroReason(entry, context(macros[i]!))))
  ]
  const verdict = broken.length > 0 || problems.length > 0 ? "invalid" : overallOf(told)
  const noted = notedOf({ base, tuned, noiseFloor, notProbed: input.notProbed, reused, alike: input.alike })
  const rules = policyNotes(policy, scope, (suite) => byId.get(suite)?.kind)
  const gatedEntries = [...suiteEntries, ...poolEntries, ...macroEntries].filter(({ role }) => role === "gated")
  const decision: Decision = {
    schema: decisionSchema,
    verdict,
    exitCode: exitCodes[verdict],
    reasons: [
      ...reasonsOf({ guards, now, policy, problems, told, verdict }),
      ...rules.reasons,
      ...noted.map(({ reason }) => reason)
    ],
    annotations: annotated([
      ...noted.map(({ annotation }) => annotation),
      ...rules.annotations,
      ...(noiseFloor ? ["noise-floor"] as const : []),
      ...guards.flatMap(({ name, overridden }) =>
        overridden !== true ? [] : [name === "identity" ? "identical" as const : "overridden" as const]
      ),
      ...gatedEntries.flatMap(({ annotations }) => annotations)
    ]),
    policy,
    arms: { base: armOf(base.plan), tuned: armOf(tuned.plan) },
    suites: suiteEntries,
    pools: poolEntries,
    macros: macroEntries,
    ...(reasoningEntries.length === 0 ? {} : { reasoning: reasoningEntries }),
    guards,
    waivers: policy.waivers.map((waiver) => ({
      ...waiver,
      state: !isInForce(waiver, now)
        ? "expired"
        : told.some(({ name, waived }) => waived && concerns(waiver, name))
        ? "applied"
        : "unused"
    })),
    notAsked: notAskedOf(paired.suites),
    ...errorsOf(paired),
    ...(reused.length === 0 ? {} : { reused }),
    ...(input.floor === undefined ? {} : { noiseFloor: input.floor }),
    ...(sequential ? { sequential } : {}),
    alpha: { drift: levels.drift, judge: levels.judge, ...(levels.look === undefined ? {} : { look: levels.look }) },
    environment: input.environment
  }
  const flips: Iterable<Flip> = {
    *[Symbol.iterator]() {
      for (const { evidence } of measurements) yield* flipsOf(evidence)
    }
  }
  return { decision, flips }
}
