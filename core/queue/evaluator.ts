import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { Verdict } from "../domain/decision.ts"
import type { BaseModel } from "./bases.ts"
import type { Evidence, Gate } from "./gate.ts"

/** How far an evaluation is. */
export interface EvaluationProgress {
  readonly ended: number
  readonly planned: number
}

export interface EvaluationJob {
  readonly gate: Gate
  /** The pinned checkpoint. */
  readonly folder: string
  readonly base: BaseModel
  /** Where this training run keeps its answers, decisions and looks. */
  readonly out: string
  readonly progress: (at: EvaluationProgress) => Effect.Effect<void>
}

export type Evaluation =
  | {
    readonly kind: "decided"
    readonly verdict: Verdict
    readonly reasons: ReadonlyArray<string>
    readonly decisionPath: string | null
    readonly evidence: Evidence
  }
  /** The full suites were not asked, because the probe set saw no drift; not a pass. */
  | { readonly kind: "skipped"; readonly reason: string; readonly evidence: Evidence }

/** An evaluation that could not be done; never a verdict. */
export class EvaluationFailed extends Data.TaggedError("EvaluationFailed")<{ readonly reason: string }> {}

/** Evaluates one pinned checkpoint; interrupting it stops it, and the same job then goes on where it stopped. */
export class Evaluator extends Context.Service<Evaluator, {
  readonly evaluate: (job: EvaluationJob) => Effect.Effect<Evaluation, EvaluationFailed>
}>()("driftgate/queue/Evaluator") {}
