import type { Guard, SuiteDecision } from "../domain/decision.ts"
import type { Measure } from "../domain/measures.ts"
import type { Policy } from "../domain/policy.ts"
import type { Assessment } from "./assess.ts"
import type { Levels } from "./calibration.ts"
import type { Cut } from "./cut.ts"
import type { MacroAssessment } from "./macro.ts"
import type { PreflightProblem } from "./preflight.ts"
import type { JointItem } from "./scope.ts"
import { annotated, isWaivable, verdictOf } from "./verdict.ts"
import { concerns, isInForce } from "./waiver.ts"

export type EntrySort = "suite" | "pool" | "macro"

/** One string for an entry of a decision, for maps; a suite may be called like a pool. */
export const entryKey = (sort: EntrySort, name: string, measure: Measure): string =>
  `${sort}\u0000${name}\u0000${measure}`

/** Turns what was measured of an entry into its verdict, once the family of tests is known. */
export const settleWith = ({ adjusted, broken, levels, now, policy, problems }: {
  readonly adjusted: ReadonlyMap<string, number>
  readonly broken: ReadonlyArray<Guard>
  readonly levels: Levels
  readonly now: number
  readonly policy: Policy
  readonly problems: ReadonlyArray<PreflightProblem>
}) =>
(
  sort: EntrySort,
  name: string,
  role: JointItem["role"],
  measure: Measure,
  members: ReadonlyArray<string>,
  assessment: Assessment | MacroAssessment,
  cut: ReadonlyArray<Cut>
): Pick<SuiteDecision, "verdict" | "waived" | "holmAdjusted" | "annotations"> => {
  const { annotations } = assessment.measured
  if (role === "tracked") return { verdict: null, waived: false, holmAdjusted: null, annotations }
  const p = adjusted.get(entryKey(sort, name, measure)) ?? 1
  const verdict = verdictOf({
    invalid: broken.length > 0 || problems.some(({ suite }) => suite === name || members.includes(suite)),
    rejected: assessment.regressed && p <= levels.drift,
    belowMargin: assessment.belowMargin,
    underCeiling: "underCeiling" in assessment ? assessment.underCeiling : true,
    covered: assessment.covered,
    balanced: assessment.lopsided.length === 0,
    whole: cut.length === 0
  })
  const waived = isWaivable(verdict)
    && policy.waivers.some((waiver) => isInForce(waiver, now) && concerns(waiver, name))
  const lower = assessment.measured.bounds.complete?.lower ?? 0
  return {
    verdict,
    waived,
    holmAdjusted: p,
    annotations: annotated([
      ...annotations,
      ...(verdict === "pass" && lower > 0 ? ["regressed-within-margin"] as const : []),
      ...(waived ? ["waived"] as const : [])
    ])
  }
}
