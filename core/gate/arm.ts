import type { AnchorSession } from "../domain/anchors.ts"
import type { Judged } from "../domain/judging.ts"
import type { Outcome, Pending } from "../domain/outcome.ts"
import type { Plan, PlannedUnit } from "../domain/plan.ts"

/** A planned unit and how it ended. */
export interface ArmUnit {
  readonly unit: PlannedUnit
  readonly outcome: Outcome | Pending
}

/**
 * One run as the gate sees it: its frozen plan and every planned unit, in the plan's order, exactly once.
 *
 * Units that nothing is known of are handed over as `pending`, never left out: the denominators are counted here.
 */
export interface Arm {
  readonly plan: Plan
  readonly units: Iterable<ArmUnit>
  /** What its judges said of the anchors, a session after another. @default none, as where no model judged */
  readonly anchors?: ReadonlyArray<AnchorSession>
  /** How units were judged, by `unitKey`, where their scorer asks others or reasoning is judged. @default not known */
  readonly judged?: ReadonlyMap<string, Judged>
  /** What the server called the model that answered, and how many answers it so called. @default not told */
  readonly served?: ReadonlyMap<string, number>
}

/** Reason of a `not-needed` unit whose suite was curtailed: no outcome of the rest could change the verdict. */
export const certain = "certain"

/** Reason of a `not-needed` unit whose suite had shown enough evidence to be decided at any look. */
export const earned = "e-process"
