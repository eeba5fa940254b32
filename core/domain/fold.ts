import type { Generation } from "./generation.ts"
import type { UnitRecord } from "./journal.ts"
import type { ReasoningPolicy } from "./judging.ts"
import { type Outcome, outcomeOfGeneration, outcomeOfScore } from "./outcome.ts"

/** Where a unit stands after the records read so far. */
export interface UnitState {
  /** The last attempt seen, 1-based. */
  readonly attempt: number
  /**
   * The latest answer, or refusal with thoughts, while it still has to be judged; kept over a failed scoring, so that it
   * is not asked again.
   */
  readonly generation?: Generation
  /** How the unit ended, or undefined while it has not. */
  readonly outcome?: Outcome
}

/**
 * The state of a unit after one more of its records: the whole meaning of the journal. `reasoning` is what the plan says
 * of the unit's suite.
 */
export const advance = (
  state: UnitState | undefined,
  record: UnitRecord,
  reasoning: ReasoningPolicy = "final"
): UnitState => {
  const kept = state?.generation === undefined ? {} : { generation: state.generation }
  switch (record.type) {
    case "generation": {
      const outcome = outcomeOfGeneration(record.generation, reasoning)
      return {
        attempt: record.attempt,
        generation: record.generation,
        ...(outcome === undefined ? {} : { outcome })
      }
    }
    case "score":
      return { attempt: record.attempt, outcome: outcomeOfScore(record.score, state?.generation) }
    case "error":
      return {
        attempt: record.attempt,
        ...(record.stage === "scoring" ? kept : {}),
        outcome: { status: "errored", stage: record.stage, reason: record.reason }
      }
    case "skip":
      return { attempt: record.attempt, ...kept, outcome: { status: record.status, reason: record.reason } }
    case "judge":
      // In a new attempt, how the last one ended says nothing any more.
      return record.attempt === state?.attempt ? state : { attempt: record.attempt, ...kept }
  }
}

/** Whether running again may give the unit a new attempt: what one gate did not need, another one may. */
export const reopens = (state: UnitState | undefined): boolean =>
  state?.outcome === undefined || state.outcome.status === "errored" || state.outcome.status === "skipped" ||
  state.outcome.status === "not-needed"

/**
 * What is wrong with a unit's next record, or undefined: attempts go up one by one and only while the unit is open, an
 * attempt ends once, and a score has an answer. What judges said may follow in any attempt that is not new.
 */
export const faultOf = (state: UnitState | undefined, { attempt, type }: UnitRecord): string | undefined => {
  const last = state?.attempt ?? 0
  if (attempt !== last && attempt !== last + 1) return `attempt ${attempt} follows attempt ${last}`
  if (attempt > last) {
    if (last > 0 && !reopens(state)) return `attempt ${attempt} of a unit that had ended`
  } else if (type !== "judge") {
    if (state?.outcome !== undefined) {
      return `${type === "error" ? "an" : "a"} ${type} after the unit had ended in attempt ${attempt}`
    }
    if (type === "generation" && state?.generation !== undefined) return `a second generation in attempt ${attempt}`
  }
  return type === "score" && state?.generation === undefined ? "a score without an answer" : undefined
}
