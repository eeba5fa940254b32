import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type { Plan } from "../domain/plan.ts"
import { type Problem, UsageProblem } from "../domain/problem.ts"
import { defaultRetryPolicy } from "../run/ask.ts"
import { type Budget, startBudget } from "../run/budget.ts"
import type { ResponseCache } from "../run/cache.ts"
import { type Judges, makeJudges } from "../run/judge-model.ts"
import { type Lanes, makeLanes } from "../run/lanes.ts"
import type { RunRequest } from "../run/planner.ts"
import type { Population } from "../run/population.ts"
import type { Steering } from "../run/steering.ts"
import type { RunSummary } from "../run/summary.ts"
import { clustersOf } from "./clusters.ts"
import { requireConsent } from "./consent.ts"
import { execute, type Execution, type Listener } from "./execute.ts"
import { freezeRuns, type FrozenRun } from "./freeze.ts"
import type { Installation } from "./installation.ts"
import { type LoadedSuite, loadSuites } from "./load.ts"
import { requirePrices } from "./prices.ts"
import { rulesOf, type SelectedSuites, selectSuites } from "./selection.ts"
import type { Settings } from "./settings.ts"
import { type NamedTarget, openTargets } from "./targets.ts"

/** One target's plan, and where it lies. */
export interface EvaluatedArm {
  readonly name: string
  readonly spec: string
  readonly run: FrozenRun
}

/** Plans that are frozen and could be run. */
export interface PreparedEvaluation {
  readonly selected: SelectedSuites
  readonly arms: ReadonlyArray<EvaluatedArm>
  /** The models of the arms, by name; one that stands twice is here once. */
  readonly targets: ReadonlyArray<NamedTarget>
  /** For each suite, how many groups of samples share a goal. */
  readonly clusters: ReadonlyArray<number>
  /** Samples of each suite, in the order of the plan. */
  readonly populations: ReadonlyArray<Population>
  /** Asks and scores what is open in every arm; scoped to the preparation. */
  readonly run: (
    listener: Listener,
    drain: Deferred.Deferred<string>,
    steering?: Steering
  ) => Effect.Effect<RunSummary, Problem, FileSystem.FileSystem | Installation | Path.Path | ResponseCache>
}

/** Models, judges and limits that are ready; no suite has been read yet. */
export interface OpenedEvaluation {
  readonly selected: SelectedSuites
  readonly targets: ReadonlyArray<NamedTarget>
  /** Models in roles. */
  readonly judging: ReadonlyArray<NamedTarget>
  readonly lanes: Lanes
  readonly judges: Judges
  readonly budget: Budget
}

/** Chooses suites and scorers and opens the models; `budget` is one that several evaluations share. */
export const openEvaluation = Effect.fn("Evaluation.open")(function*(
  settings: Settings,
  targets: ReadonlyArray<{ readonly name: string; readonly spec: string }>,
  shared?: Budget
) {
  const selected = yield* selectSuites(settings)
  const roleNames = [...new Set(selected.suites.flatMap(({ scorer }) => scorer.roles.map(({ name }) => name)))]
  yield* requirePrices(settings, [...targets.map(({ name }) => name), ...roleNames])
  const opened = yield* openTargets(
    [...targets, ...roleNames.map((name) => ({ name: `role ${name}`, spec: settings.roles[name]! }))],
    settings.seed
  )
  const budget = shared ?? (yield* startBudget(settings.budget))
  const lanes = yield* makeLanes({
    concurrency: settings.concurrency,
    deadlineMillis: settings.deadlineMillis,
    retry: defaultRetryPolicy,
    budget
  })
  const roles = new Map(roleNames.map((name, index) => [
    name,
    { target: opened[targets.length + index]!.target, price: settings.prices[name] }
  ]))
  const judges = yield* makeJudges({ roles, lanes, budget })
  return {
    selected,
    targets: opened.slice(0, targets.length),
    judging: opened.slice(targets.length),
    lanes,
    judges,
    budget
  } satisfies OpenedEvaluation as OpenedEvaluation
})

/** Freezes one plan a target over suites that have been read. */
export const freezeEvaluation = Effect.fn("Evaluation.freeze")(function*(
  settings: Settings,
  { budget, judges, judging, lanes, selected, targets: named }: OpenedEvaluation,
  { again, part, seed, suites: loaded }: {
    readonly suites: ReadonlyArray<LoadedSuite>
    readonly seed: number
    readonly part?: Plan["part"]
    /** One of the models once more, as an arm of that name whose answers are drawn with another seed. */
    readonly again?: { readonly name: string; readonly of: string; readonly answerSeed: number } | undefined
  }
) {
  const toPlan = loaded.map(({ toPlan }) => toPlan)
  yield* requireConsent({
    targets: [...named, ...judging],
    suites: toPlan.map(({ kind, population }) => ({ id: population.suite, kind, samples: population.samples.length })),
    yes: settings.yes
  })
  const requestOf = ({ spec, target }: NamedTarget, answerSeed?: number): RunRequest => ({
    target: { spec, identity: target.identity },
    profile: selected.profile?.id,
    rules: rulesOf(selected),
    ...(part === undefined ? {} : { part }),
    seed,
    ...(answerSeed === undefined ? {} : { answerSeed }),
    suites: toPlan.map(({ decoding, epochs, limit, population, reasoning, scorer }) => ({
      id: population.suite,
      epochs,
      limit,
      decoding,
      reasoning,
      scorer: { id: scorer.id, behaviour: scorer.behaviour }
    }))
  })
  const freezing = { out: settings.out, suites: toPlan, seed }
  const frozen = yield* freezeRuns({ ...freezing, requests: named.map((target) => requestOf(target)) })
  const armOf = (name: string, { name: price, spec, target }: NamedTarget, run: FrozenRun) => ({
    name,
    spec,
    run,
    target,
    asks: true,
    cache: settings.cache && (target.identity.verifiable || settings.cacheRemote),
    price: settings.prices[price]
  })
  const repeated = again === undefined ? undefined : named.find(({ name }) => name === again.of)
  const second = again === undefined || repeated === undefined ? [] : (yield* freezeRuns({
    ...freezing,
    requests: [requestOf(repeated, again.answerSeed)],
    answerSeed: again.answerSeed
  })).runs.map((run) => armOf(again.name, repeated, run))
  const arms = [...named.map((target, index) => armOf(target.name, target, frozen.runs[index]!)), ...second]
  const execution: Execution = {
    arms,
    suites: loaded,
    prompts: frozen.prompts,
    lanes,
    judges,
    budget
  }
  return {
    selected,
    arms: arms.map(({ name, run, spec }) => ({ name, run, spec })),
    targets: named,
    clusters: toPlan.map(({ population }) => clustersOf(population.samples)),
    populations: toPlan.map(({ population }) => population),
    run: (listener, drain, steering) =>
      listener.planned(arms.map(({ name, run }) => ({ arm: name, plan: run.plan }))).pipe(
        Effect.andThen(execute(execution, listener, drain, steering))
      )
  } satisfies PreparedEvaluation as PreparedEvaluation
})

/**
 * Opens models and plugins, reads the suites and freezes one plan a target; asks nothing of the suites yet.
 *
 * Everything that can be known to be wrong is found here: unknown suites, scorers and roles, an unreachable server, a
 * missing asset, an empty suite, a changed population.
 */
export const prepareEvaluation = Effect.fn("Evaluation.prepare")(function*(
  settings: Settings,
  targets: ReadonlyArray<{ readonly name: string; readonly spec: string }>,
  again?: { readonly name: string; readonly of: string; readonly answerSeed: number }
) {
  const opened = yield* openEvaluation(settings, targets)
  const suites = yield* loadSuites(opened.selected.suites, settings, opened.judges)
  return yield* freezeEvaluation(settings, opened, { suites, seed: settings.seed, again })
})

/** The model of a command, or an error that says where to name it. */
export const requireSpec = (settings: Settings, name: "target" | "base" | "tuned") =>
  settings[name] === undefined
    ? Effect.fail(
      new UsageProblem({
        reason: "flag",
        where: `--${name}`,
        what: "no model is named",
        fix:
          `Write --${name} SCHEME:MODEL, such as --${name} openai:my-model@http://127.0.0.1:8000/v1, or set ${name} in driftgate.yaml.`
      })
    )
    : Effect.succeed(settings[name])
