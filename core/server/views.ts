import { headlineOf } from "../domain/trajectory.ts"
import { decidingStage } from "../queue/drift.ts"
import type { EvaluationProgress } from "../queue/evaluator.ts"
import type { Gate } from "../queue/gate.ts"
import type { RunState } from "../queue/queue.ts"
import type { GateView, RunView, SeriesView, StepView } from "./api.ts"

const time = (millis: number): string => new Date(millis).toISOString()
const timeOrNull = (millis: number | null): string | null => millis === null ? null : time(millis)

/** A gate as clients see it. */
export const gateView = (gate: Gate, progress: EvaluationProgress | undefined): GateView => ({
  id: gate.id,
  run_id: gate.runId,
  step: gate.step,
  attempt: gate.attempt,
  status: gate.status,
  verdict: gate.verdict,
  reasons: gate.reasons,
  digest: gate.digest,
  pinned: gate.pinned,
  final: gate.final,
  checkpoint: gate.checkpoint,
  base: gate.base,
  created_at: time(gate.createdAt),
  started_at: timeOrNull(gate.startedAt),
  ended_at: timeOrNull(gate.endedAt),
  progress: progress ?? null,
  decision_path: gate.decisionPath
})

/** A run with its signs of life; `state` is undefined for one whose sender gives none. */
export const runView = (runId: string, state: RunState | undefined, gates: number): RunView => ({
  run_id: runId,
  attempt: state?.run.attempt ?? null,
  host: state?.run.host ?? null,
  state: state?.life ?? null,
  seen_seconds_ago: state === undefined ? null : Math.round(state.ageMillis / 1000),
  gates
})

const stepView = (gate: Gate): StepView => {
  const look = gate.status === "completed" ? gate.evidence?.look ?? null : null
  const stage = look === null ? undefined : decidingStage(look)
  return {
    gate: gate.id,
    step: gate.step,
    attempt: gate.attempt,
    status: gate.status,
    verdict: gate.verdict,
    digest: gate.digest,
    promoted: gate.verdict === "pass" && look?.accepted === true,
    look: look?.look ?? null,
    alpha: look?.selection.alpha ?? null,
    drift: stage?.sinceBase.drifts ?? [],
    rises: stage?.sinceBase.rises ?? [],
    drift_since_promoted: stage?.sinceAccepted?.drifts ?? [],
    triage: gate.evidence?.triage ?? null
  }
}

/** Sum of what each look spent; a candidate that was looked at twice spent once. */
const spentBy = (steps: ReadonlyArray<StepView>): number => {
  const looks = new Map(steps.flatMap(({ alpha, look }) => look === null || alpha === null ? [] : [[look, alpha]]))
  return [...looks.values()].reduce((sum, alpha) => sum + alpha, 0)
}

/** The series of a run: its gates, oldest first. */
export const seriesView = (
  run: { readonly runId: string; readonly state: RunState | undefined },
  gates: ReadonlyArray<Gate>
): SeriesView => {
  const steps = gates.map(stepView)
  const promoted = gates.findLast((_, index) => steps[index]!.promoted)
  const drifts = steps.findLast((step) => step.drift.length > 0)?.drift ?? []
  return {
    ...runView(run.runId, run.state, gates.length),
    steps,
    alpha_spent: spentBy(steps),
    promoted: promoted === undefined
      ? null
      : { step: promoted.step, gate: promoted.id, checkpoint: promoted.checkpoint, digest: promoted.digest },
    cumulative_drift: headlineOf({ drifts }) ?? null
  }
}
