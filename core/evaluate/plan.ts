import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { NoiseFloor } from "../domain/decision.ts"
import type { Measure } from "../domain/measures.ts"
import type { Policy } from "../domain/policy.ts"
import { type Forecast, forecast, type ForecastInput } from "../gate/forecast.ts"
import { type Proposal, propose } from "../gate/propose.ts"
import { scopeOf } from "../gate/scope.ts"
import type { Target } from "../plugin/contract.ts"
import type { Judges } from "../run/judge-model.ts"
import { limited, type Population } from "../run/population.ts"
import { parseTargetSpec } from "../target/spec.ts"
import { calibrationsOf } from "./calibrations.ts"
import { clustersAmong, clustersOf, withoutRepeated } from "./clusters.ts"
import { type Cost, estimateCost } from "./cost.ts"
import { type LoadedSuite, loadSuites } from "./load.ts"
import { findNoiseFloor, readNoiseFloor } from "./noise-floor.ts"
import { basisOf, readPolicy } from "./policy.ts"
import { selectSuites } from "./selection.ts"
import type { Settings } from "./settings.ts"
import { knownCalibrations } from "./shipped-calibrations.ts"
import { measureThroughput } from "./throughput.ts"

/** What only `driftgate plan` is told. */
interface PlanOptions {
  /** Requests a second; measured in the out folder when it is not given. */
  readonly rate: number | undefined
  /** Share of pairs that differ without any drift; from a noise floor when it is not given. */
  readonly discordance: number | undefined
  /** A stored noise floor; looked for in the out folder when it is not given. */
  readonly noiseFloor: string | undefined
  /** Wanted probability of a pass when nothing drifted. */
  readonly power: number
}

/** What a gate would cost and what it could show. */
export interface GatePlan {
  readonly profile: string | undefined
  readonly policy: Policy
  readonly cost: Cost
  readonly discordance: {
    readonly assumed: number
    readonly from: "flag" | "noise floor" | "default"
    readonly floor?: NoiseFloor
  }
  readonly power: number
  readonly forecast: Forecast
  readonly proposals: ReadonlyArray<Proposal>
}

/** Discordance of greedy or seed-matched answers that is assumed when nothing was measured. */
const defaultDiscordance = 0.05

/** A judge that is not opened: a plan needs to know that there is one, not what it says. */
const unopened = (role: string): Target => ({
  identity: { behaviour: `role ${role}, not opened`, full: `role ${role}, not opened`, verifiable: false, parts: {} },
  capabilities: {
    input: ["messages", "prompt", "tokens"],
    seed: false,
    generationLogprobs: false,
    scoresGivenTokens: "none",
    topLogprobsMax: Number.MAX_SAFE_INTEGER,
    batchInvariant: false
  },
  generate: () => Promise.reject(new Error("a plan asks nothing")),
  close: () => Promise.resolve()
})

/** Schemes whose models go by a name. */
const served = ["openai", "hf"]

/**
 * The name of the served model that a spec asks as it is; empty for one that is asked with an adapter or a system prompt
 * of its own, or with parameters left out or added, and for a spec that can't be read.
 */
export const modelNamed = (text: string): string => {
  const spec = Result.getOrUndefined(parseTargetSpec(text, served))
  if (spec === undefined || spec.adapter !== undefined) return ""
  const { omit = "", system = "", ...others } = spec.parameters
  const altered = omit !== "" || system !== "" || Object.keys(others).some((key) => key.startsWith("extra."))
  return altered ? "" : spec.locator
}

const unopenedJudges: Judges = { model: unopened, during: () => unopened }

/** Roles of each scorer that the anchors are put to, those of one behaviour once. */
const judgesOf = (loaded: ReadonlyArray<LoadedSuite>): ReadonlyArray<ReadonlyArray<string>> =>
  [...new Map(loaded.flatMap(({ judges }) => judges).map(({ ref }) => [ref.behaviour, ref.roles])).values()]
    .map((roles) => Object.keys(roles))

type Suite = ForecastInput["suites"][number]

const suitesAt = (loaded: ReadonlyArray<LoadedSuite>, populations: ReadonlyArray<Population>, epochs: number) =>
  loaded.map(({ toPlan }, index): Suite => {
    const { samples } = populations[index]!
    const clusters = clustersOf(samples)
    return {
      id: toPlan.population.suite,
      kind: toPlan.kind,
      role: toPlan.role,
      gates: toPlan.gates,
      tracks: toPlan.tracks,
      clustered: clusters < samples.length,
      epochs,
      samples: samples.length,
      clusters
    }
  })

/** The size of a pool once goals that several of its members ask are counted once. */
const pooledSize = (policy: Policy, suites: ReadonlyArray<Suite>, populations: ReadonlyArray<Population>) => {
  const sizes = new Map<string, { readonly groups: number; readonly single: boolean }>()
  for (const { members, name } of scopeOf(policy, suites).pools) {
    const kept = withoutRepeated(members.map((id) => populations.find(({ suite }) => suite === id)!.samples))
    const groups = clustersAmong(kept)
    const samples = kept.reduce((sum, { length }) => sum + length, 0)
    const repeated = groups < samples || suites.some(({ epochs, id }) => members.includes(id) && epochs > 1)
    sizes.set(name, { groups, single: !repeated })
  }
  return sizes
}

/** Says what a gate with these settings would cost and could show. Asks nothing and opens no model. */
export const planGate = Effect.fn("Plan.gate")(function*(settings: Settings, options: PlanOptions) {
  const selected = yield* selectSuites(settings)
  const policy = yield* readPolicy(settings, basisOf(selected))
  const loaded = yield* loadSuites(selected.suites, { ...settings, limit: undefined }, unopenedJudges)
  const populationsAt = (limit: number | undefined) =>
    loaded.map(({ toPlan }) => limited(toPlan.population, limit, settings.seed))
  const populations = populationsAt(settings.limit)
  const now = yield* Clock.currentTimeMillis

  const ids = loaded.map(({ toPlan }) => toPlan.population.suite)
  const floor = options.discordance !== undefined
    ? undefined
    : options.noiseFloor === undefined
    ? yield* findNoiseFloor({ out: settings.out, base: settings.base, suites: ids })
    : yield* readNoiseFloor(options.noiseFloor)
  const assumed = options.discordance ?? defaultDiscordance
  const discordanceOf = (name: string, measure: Measure): number =>
    floor?.entries.find((entry) => entry.name === name && entry.measure === measure)?.discordance ?? assumed

  const { all: records, asked } = yield* knownCalibrations(settings.calibrations, policy)
  // The judge is not opened: a named record is taken to speak of it when it speaks of the scorer that asks it, a shipped
  // one when the spec calls the model what the record does.
  const planned = loaded.map(({ asksJudges, toPlan: { gates, kind, population, scorer, tracks } }) => {
    const same = asksJudges
      ? asked.find(({ scorer: { id, models } }) => id === scorer.id && models === undefined)
      : undefined
    const behaviour = same?.scorer.behaviour ?? scorer.behaviour
    const models = Object.fromEntries(
      Object.keys(scorer.roles).map((role) => [role, modelNamed(settings.roles[role] ?? "")])
    )
    return { id: population.suite, kind, gates, tracks, scorer: { ...scorer, behaviour, models } }
  })
  const calibrations = calibrationsOf({ suites: planned }, records)
  const forecastAt = (chosen: ReadonlyArray<Population>, epochs: number): Forecast => {
    const suites = suitesAt(loaded, chosen, epochs)
    const pools = pooledSize(policy, suites, chosen)
    return forecast(policy, {
      suites,
      calibrations,
      now,
      discordanceOf,
      power: options.power,
      sizeOf: (sort, name) => (sort === "pool" ? pools.get(name) : undefined)
    })
  }
  const first = forecastAt(populations, settings.epochs)
  const measured = options.rate === undefined
    ? yield* measureThroughput(settings.out, [settings.base, settings.tuned].filter((spec) => spec !== undefined))
    : undefined
  const rate = options.rate !== undefined
    ? { value: options.rate, from: "--rate" }
    : measured === undefined
    ? undefined
    : { value: measured.value, from: `run ${measured.run}` }
  return {
    profile: selected.profile?.id,
    policy,
    cost: estimateCost(
      selected.suites.map(({ decoding, scorer }, index) => ({
        population: populations[index]!,
        epochs: settings.epochs,
        maxTokens: decoding.maxTokens,
        roles: scorer.roles.map(({ name }) => name),
        texts: loaded[index]!.toPlan.reasoning === undefined ? 1 : 2
      })),
      { arms: ["base", "tuned"], judges: judgesOf(loaded), prices: settings.prices, rate }
    ),
    discordance: {
      assumed,
      from: options.discordance !== undefined ? "flag" : floor === undefined ? "default" : "noise floor",
      ...(floor === undefined ? {} : { floor })
    },
    power: options.power,
    forecast: first,
    proposals: propose({
      forecast: first,
      power: options.power,
      limit: settings.limit,
      epochs: settings.epochs,
      available: Math.max(...loaded.map(({ toPlan }) => toPlan.population.samples.length)),
      draws: selected.suites.some(({ decoding }) => decoding.temperature > 0),
      at: ({ epochs = settings.epochs, limit = settings.limit ?? null }) =>
        forecastAt(populationsAt(limit ?? undefined), epochs)
    })
  } satisfies GatePlan as GatePlan
})
