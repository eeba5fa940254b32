import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type SuiteJudging, suiteJudgings } from "../gate/judging.ts"
import { readJudged } from "../run/judged.ts"
import type { RunSummary } from "../run/summary.ts"
import { type EvaluatedArm, prepareEvaluation, requireSpec } from "./evaluate.ts"
import type { Listener } from "./execute.ts"
import { ratesOfRun, type SuiteRates } from "./rates.ts"
import type { Settings } from "./settings.ts"

/** What `driftgate run` ends with. */
export interface RunResult {
  readonly arm: EvaluatedArm
  readonly summary: RunSummary
  readonly suites: ReadonlyArray<SuiteRates>
  /** Suites whose scorer asks others. */
  readonly judging: ReadonlyArray<SuiteJudging>
}

/** Evaluates one model. Scoped: engines and plugins live as long as the scope. */
export const runTarget = Effect.fn("Run.target")(function*(
  settings: Settings,
  listener: Listener,
  drain: Deferred.Deferred<string>
) {
  const spec = yield* requireSpec(settings, "target")
  const prepared = yield* prepareEvaluation(settings, [{ name: "target", spec }])
  const summary = yield* prepared.run(listener, drain)
  const [arm] = prepared.arms
  const suites = ratesOfRun(arm!.run, summary)
  const judging = suiteJudgings((yield* readJudged(arm!.run)).values())
  return { arm: arm!, summary, suites, judging } satisfies RunResult as RunResult
})
