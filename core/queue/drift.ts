import type { EntryDrift, Look } from "../domain/trajectory.ts"
import type { Gate } from "./gate.ts"

/** The stage of a look that its verdict follows from. */
export const decidingStage = ({ confirmation, selection }: Look) => confirmation ?? selection

/** The drift since the base that stands for a gate: the macro of harm where there is one, else the first entry. */
export const headline = (gate: Gate): EntryDrift | undefined => {
  const look = gate.evidence?.look
  const drifts = look == null ? [] : decidingStage(look).sinceBase.drifts
  return drifts.find(({ name }) => name === "macro") ?? drifts[0]
}
