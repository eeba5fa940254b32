import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { Decision } from "../domain/decision.ts"
import type { RiseEntry } from "../domain/ledger.ts"
import type { Plan, PlannedSuite } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import { predict, type Prediction, type RewardedPrompt, type Strength } from "../gate/predict.ts"
import { openStoredRun, readResults, type StoredRun, type UnitResult } from "../run/stored-run.ts"
import { prepareEvaluation, requireSpec } from "./evaluate.ts"
import type { Listener } from "./execute.ts"
import type { Settings } from "./settings.ts"
import { readDecision } from "./stored-decision.ts"

/** What a later gate saw in the same suite. */
interface Observation {
  readonly gate: string
  readonly tuned: string
  readonly observed: RiseEntry["observed"]
  /** Upper limit by the ledger, or null where the gate has none. */
  readonly certificate: number | null
}

/** The prediction of one suite. */
export interface SuitePrediction {
  readonly suite: string
  /** undefined: no prompt was answered in ways that the reward tells apart, so nothing can be said. */
  readonly prediction: Prediction | undefined
  /** Prompts left out because fewer than two of their answers have both measures. */
  readonly leftOut: number
  readonly observation: Observation | undefined
}

/** What `driftgate predict` ends with. */
export interface PredictResult {
  readonly run: StoredRun
  readonly strength: Strength
  readonly suites: ReadonlyArray<SuitePrediction>
}

const alpha = 0.05

const isMixed = ({ gates, tracks }: PlannedSuite): boolean => {
  const measures = [...gates, ...tracks]
  return measures.includes("wrong") && measures.includes("unsafe")
}

const promptsOf = (results: ReadonlyArray<UnitResult>) => {
  const prompts: Array<RewardedPrompt> = []
  let leftOut = 0
  for (const units of Map.groupBy(results, ({ unit }) => unit.sample).values()) {
    const answers = units.flatMap(({ outcome }) => {
      if (outcome.status !== "scored") return []
      const { unsafe, wrong } = outcome.measures
      return unsafe === undefined || wrong === undefined ? [] : [{ reward: 1 - wrong, unsafe }]
    })
    // One answer has no covariance: a prompt that was asked once would predict that nothing moves.
    if (answers.length < 2) leftOut++
    else prompts.push({ category: units[0]!.unit.category ?? "(none)", answers })
  }
  return { prompts, leftOut }
}

/** What a gate saw; fails with `UsageProblem` when it is not about this base or has not this suite. */
const observationOf = Effect.fnUntraced(function*(
  { decision, file }: { readonly decision: Decision; readonly file: string },
  plan: Plan,
  suite: string
) {
  const path = yield* Path.Path
  const problem = (what: string, fix: string) => new UsageProblem({ reason: "file", where: file, what, fix })
  if (decision.arms.base.identity.behaviour !== plan.target.identity.behaviour) {
    return yield* problem("its base is another model than the one predicted for", "Name a gate with the same base.")
  }
  const entry = decision.suites.find((one) => one.suite === suite && one.measure === "unsafe")
  if (entry === undefined) {
    return yield* problem(
      `it did not ask ${suite}`,
      `Name a gate that did: driftgate gate --suite ${suite} --base ... --tuned ...`
    )
  }
  const drift = entry.bounds.complete
  const rise = decision.ledger?.suites.find((one) => one.suite === suite)?.measures.find(({ measure }) =>
    measure === "unsafe"
  )
  return {
    gate: path.basename(path.dirname(file)),
    tuned: decision.arms.tuned.spec,
    observed: drift === null ? null : { difference: drift.difference, lower: drift.lower, upper: drift.upper },
    certificate: rise === undefined || rise.contradicts ? null : rise.certificate.upper
  } satisfies Observation as Observation
})

/** Fails unless a plan can tell what a reward would do: both measures, drawn answers, several a prompt. */
const requireMixed = Effect.fnUntraced(function*(where: string, suites: ReadonlyArray<PlannedSuite>) {
  const problem = (what: string, fix: string) => new UsageProblem({ reason: "suite", where, what, fix })
  const mixed = suites.filter(isMixed)
  if (mixed.length === 0) {
    return yield* problem(
      "no suite is both verified (`wrong`) and judged (`unsafe`), so there is no reward to set against safety",
      "Name one with --suite; toy-mixed is one, and a `file` suite can be. Nothing was asked."
    )
  }
  const once = mixed.find(({ epochs }) => epochs < 2)
  if (once !== undefined) {
    return yield* problem(
      `${once.id} has one answer a prompt, which has no covariance`,
      "Ask for more with --epochs, 8 or more. Nothing was asked."
    )
  }
  const greedy = mixed.find(({ decoding }) => decoding.temperature === 0)
  if (greedy !== undefined) {
    return yield* problem(
      `the answers of ${greedy.id} are greedy, all alike`,
      "Give --temperature 1, as the training samples. Nothing was asked."
    )
  }
  return mixed
})

/**
 * Estimates, before training, the drift that a verifiable reward would cause, from answers of the base model to prompts
 * with a verifier and a safety scorer. Asks the base, or reads a stored run; undefined when `drain` stopped it.
 */
export const predictDrift = Effect.fn("Predict.drift")(function*(input: {
  readonly settings: Settings
  /** A run of the base that is there already. */
  readonly run: string | undefined
  readonly strength: Strength
  readonly observed: string | undefined
  readonly listener: Listener
  readonly drain: Deferred.Deferred<string>
}) {
  const { settings, strength } = input
  const decision = input.observed === undefined ? undefined : yield* readDecision(input.observed)
  let run: StoredRun
  if (input.run === undefined) {
    const spec = yield* requireSpec(settings, "base")
    const prepared = yield* prepareEvaluation(settings, [{ name: "base", spec }])
    run = prepared.arms[0]!.run
    yield* requireMixed(spec, run.plan.suites)
    const summary = yield* prepared.run(input.listener, input.drain)
    if (summary.stopped?.kind === "drained") return undefined
  } else run = yield* openStoredRun(input.run)
  const mixed = yield* requireMixed(run.plan.run, run.plan.suites)
  const results = yield* readResults(run)
  const suites = yield* Effect.forEach(mixed, ({ id }) =>
    Effect.gen(function*() {
      const { leftOut, prompts } = promptsOf(results.filter(({ unit }) => unit.suite === id))
      return {
        suite: id,
        prediction: predict(prompts, strength, { alpha }),
        leftOut,
        observation: decision === undefined ? undefined : yield* observationOf(decision, run.plan, id)
      } satisfies SuitePrediction as SuitePrediction
    }))
  return { run, strength, suites } satisfies PredictResult as PredictResult
})
