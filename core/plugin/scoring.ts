import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { AsyncLocalStorage } from "node:async_hooks"
import { digestOf } from "../domain/digest.ts"
import type { AssetUse, ScorerRef } from "../domain/plan.ts"
import { type Problem, UsageProblem } from "../domain/problem.ts"
import type { AssetAccess } from "./access.ts"
import { pluginAssets } from "./assets.ts"
import { scoreFault } from "./border.ts"
import { pluginContext } from "./context.ts"
import {
  isTargetError,
  type Measure,
  type Score,
  type ScoreInput,
  type Scorer,
  type ScorerContext,
  type Target
} from "./contract.ts"
import type { Options } from "./plugin.ts"
import type { Plugins } from "./registry.ts"
import { judgingScorers, type ResolvedScorer, type ScorerRole } from "./scorer.ts"
import { pluginProblem, problemOfThrown } from "./thrown.ts"

/** What a run gives its scorers. */
export interface ScorerRun {
  readonly seed: number
  /** The model in a role; throws a `UsageProblem` when the role is not set. */
  readonly model: (role: string) => Target
}

/** What one call of a scorer has instead of its run's: a signal, and models that know which unit they are asked for. */
export interface ScorerCall {
  readonly signal?: AbortSignal
  readonly model?: (role: string) => Target
}

/**
 * The call that is under way. A scorer keeps what it has read under its context, which therefore stays one object; what
 * differs between calls reaches it, and the scorers it asks in turn, along the asynchronous chain.
 */
const currentCall = new AsyncLocalStorage<ScorerCall>()

/** A scorer that asks models of its own, and can be asked by itself. */
export type JudgingScorer = Pick<LoadedScorer, "ref" | "score">

/** A scorer that is ready to score. */
export interface LoadedScorer {
  /** For the plan: `behaviour` covers the plugin's files, options, pinned files, roles and the scorers it asks. */
  readonly ref: ScorerRef
  readonly measures: ReadonlyArray<Measure>
  /** Those that ask models of their own: this one, and those that it asks, by way of others too; each once. */
  readonly judges: ReadonlyArray<JudgingScorer>
  /**
   * Scores one answer. Rejects with a `TargetError` when a judge could not be asked, else with a `Problem`: a result
   * that breaks the contract, such as a measure that is NaN, is one of reason `plugin`.
   */
  readonly score: (input: ScoreInput, call?: ScorerCall) => Promise<Score>
}

/** What loading a scorer needs of its surroundings. */
interface ScorerHost {
  readonly load: (scorer: ResolvedScorer) => Effect.Effect<Scorer, Problem>
  readonly access: AssetAccess["Service"]
  readonly resolveScorer: Plugins["Service"]["resolveScorer"]
}

const offers = (target: Target, need: ScorerRole["needs"][number]): boolean =>
  need === "topLogprobs" ? target.capabilities.topLogprobsMax > 0 : target.capabilities.input.includes(need)

/** Parts of an identity that make a model another one than its name says. */
const alterations = ["adapter", "systemPrompt", "omit", "extra"]

/** What a model is called, when it is asked as it is: the name that records of published judges go by. */
const calledAs = ({ identity: { parts } }: Target): string | undefined =>
  alterations.some((part) => parts[part] !== undefined) ? undefined : parts["model"]

/** The behaviour and name of each model that a scorer asks, once each is known to offer what the scorer needs. */
const roleModels = Effect.fnUntraced(function*(scorer: ResolvedScorer, run: ScorerRun) {
  const behaviours: Record<string, string> = {}
  const models: Record<string, string> = {}
  for (const { name, needs } of scorer.roles) {
    const target = yield* Effect.try({
      try: () => run.model(name),
      catch: (thrown) => problemOfThrown(scorer.id, `role ${name}`, thrown)
    })
    const missing = needs.filter((need) => !offers(target, need))
    if (missing.length > 0) {
      return yield* new UsageProblem({
        reason: "role",
        where: scorer.id,
        what: `the model in the role ${name} does not offer ${missing.join(" and ")}`,
        fix: `Set roles.${name} to a model that does, or choose another scorer`
      })
    }
    behaviours[name] = target.identity.behaviour
    const called = calledAs(target)
    if (called !== undefined) models[name] = called
  }
  return { behaviours, models }
})

const uniqueAssets = (assets: ReadonlyArray<AssetUse>): ReadonlyArray<AssetUse> => [
  ...new Map(assets.map((use) => [`${use.name} ${use.sha256}`, use])).values()
]

const distinct = (judges: ReadonlyArray<JudgingScorer>): ReadonlyArray<JudgingScorer> => [
  ...new Map(judges.map((judge) => [judge.ref.behaviour, judge])).values()
]

/** Loads a scorer, and before it those that it asks. Opens its pinned files, so that a missing one shows here. */
export const loadScorer = (
  host: ScorerHost,
  scorer: ResolvedScorer,
  run: ScorerRun
): Effect.Effect<LoadedScorer, Problem, Scope.Scope> =>
  Effect.gen(function*() {
    const { id, options } = scorer
    const { manifest } = scorer.scorer
    const { behaviours: roles, models } = yield* roleModels(scorer, run)
    const plugin = yield* host.load(scorer)
    const assets = pluginAssets(host.access, scorer.scorer, options, id)
    const ownAssets = yield* assets.openAll
    const asked = yield* Effect.forEach(scorer.uses, (used) => loadScorer(host, used, run))
    const ownRoles = new Set((manifest.roles ?? []).map(({ name }) => name))
    const signal = yield* Effect.abortSignal
    const base = yield* pluginContext({ plugin: scorer.scorer, options, seed: run.seed, signal, assets })
    const services = yield* Effect.context<Scope.Scope>()

    const known = new Map(asked.map((used) => [used.ref.id, Promise.resolve(used)]))
    const usable = new Set(asked.map((used) => used.ref.plugin.id))
    /** A scorer that this one asks with options which are only known now. */
    const loadLate = (text: string) =>
      host.resolveScorer(text).pipe(Effect.flatMap((late) =>
        !usable.has(late.scorer.manifest.id)
          ? Effect.fail(
            pluginProblem(id, `it asked the scorer ${late.id}, which its plugin.json does not name under uses`)
          )
          : late.roles.some(({ name }) => roles[name] === undefined)
          ? Effect.fail(pluginProblem(id, `it asked the scorer ${late.id}, whose roles were not known before the run`))
          : loadScorer(host, late, run)
      ))
    const scorerOf = (text: string): Promise<LoadedScorer> => {
      const found = known.get(text) ?? Effect.runPromiseWith(services)(loadLate(text))
      known.set(text, found)
      return found
    }

    const context: ScorerContext<Options> = {
      ...base,
      get signal() {
        return currentCall.getStore()?.signal ?? signal
      },
      model: (role) => {
        if (!ownRoles.has(role)) {
          throw pluginProblem(id, `it asked the role ${JSON.stringify(role)}, which its plugin.json does not declare`)
        }
        return (currentCall.getStore()?.model ?? run.model)(role)
      },
      score: (text, input) => scorerOf(text).then((used) => used.score(input))
    }
    const declared = new Set<Measure>(manifest.measures)

    const accept = (value: unknown): Score => {
      const fault = scoreFault(value, declared)
      if (fault === undefined) return value as Score
      throw pluginProblem(id, `score: ${fault}`)
    }
    const refuse = (thrown: unknown): never => {
      throw isTargetError(thrown) ? thrown : problemOfThrown(id, "score", thrown)
    }
    // The scorer is called inside `then`, so that what it throws before its first await is a rejection as well.
    const score = (input: ScoreInput): Promise<Score> =>
      Promise.resolve(input).then((given) => plugin.score(given, context)).then(accept).catch(refuse)
    const ownBehaviour = {
      plugin: scorer.plugin.digest,
      options,
      assets: Object.fromEntries(ownAssets.map(({ name, sha256 }) => [name, sha256]))
    }
    const recipe = digestOf({
      ...ownBehaviour,
      uses: Object.fromEntries(asked.map((used) => [used.ref.id, used.ref.recipe ?? used.ref.behaviour]))
    })
    const behaviour = digestOf({
      ...ownBehaviour,
      roles: Object.fromEntries([...ownRoles].map((role) => [role, roles[role]])),
      uses: Object.fromEntries(asked.map((used) => [used.ref.id, used.ref.behaviour]))
    })
    const judgesBelow = distinct(asked.flatMap((used) => used.judges))
    const judges = [...(ownRoles.size === 0 ? [] : [{ id, behaviour }]), ...judgesBelow.map(({ ref }) => ref)]
    const loaded: JudgingScorer & Pick<LoadedScorer, "measures"> = {
      ref: {
        id,
        plugin: scorer.plugin,
        behaviour,
        ...(scorer.roles.length === 0 ? {} : { recipe, models }),
        ...(manifest.exact === true ? { exact: true } : {}),
        ...(scorer.uses.length === 0 ? {} : { asks: judgingScorers(scorer) }),
        ...(judges.length === 0
          ? {}
          : { judges: judges.map((judge) => ({ id: judge.id, behaviour: judge.behaviour })) }),
        roles,
        assets: uniqueAssets([...ownAssets, ...asked.flatMap((used) => used.ref.assets)])
      },
      measures: scorer.measures,
      score: (input, call) => call === undefined ? score(input) : currentCall.run(call, score, input)
    }
    return { ...loaded, judges: ownRoles.size === 0 ? judgesBelow : [loaded, ...judgesBelow] }
  })
