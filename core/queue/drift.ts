import { type EntryDrift, headlineOf, type Look } from "../domain/trajectory.ts"
import type { Gate } from "./gate.ts"

/** The stage of a look that its verdict follows from. */
export const decidingStage = ({ confirmation, selection }: Look) => confirmation ?? selection

/** The drift since the base that stands for a gate. */
export const headline = (gate: Gate): EntryDrift | undefined => {
  const look = gate.evidence?.look
  return look == null ? undefined : headlineOf(decidingStage(look).sinceBase)
}
