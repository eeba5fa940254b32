import { Verdict } from "../domain/decision.ts"

/** What is said of a checkpoint without a verdict. Only `skipped` needs no leave, and only before the last step. */
const withoutVerdict = [
  "failed",
  "cancelled",
  "skipped",
  "unreachable",
  "timeout",
  "rejected",
  "ungated"
] as const

export type Word = Verdict | typeof withoutVerdict[number]

/** What a policy may let training go on with; a step that nobody judged is never among them. */
export const acceptable: ReadonlyArray<Word> = [...Verdict.literals, "failed", "cancelled", "unreachable", "timeout"]

/** What came of one checkpoint. */
export interface Outcome {
  readonly word: Word
  readonly reasons: ReadonlyArray<string>
  /** The gate's name in the queue or service that judged it. */
  readonly gate?: string
  /** Of the weights that were judged. */
  readonly digest?: string
  /** Path of the deciding `decision.json`, on the machine that judged. */
  readonly decision?: string
}

/** One checkpoint that was taken up, and what came of it. */
export interface JudgedStep {
  readonly step: number
  readonly folder: string
  readonly outcome: Outcome
}

/** Whether training may go on after this outcome; `last` is for the step whose weights are the result. */
export const isAccepted = ({ word }: Outcome, accept: ReadonlySet<Word>, last: boolean): boolean =>
  accept.has(word) || (word === "skipped" && !last)

/** The latest step that passed. */
export const lastGood = (steps: ReadonlyArray<JudgedStep>): JudgedStep | undefined =>
  steps.filter(({ outcome }) => outcome.word === "pass").toSorted((a, b) => a.step - b.step).at(-1)

/** One line for a step. */
export const lineOf = ({ folder, outcome: { reasons, word }, step }: JudgedStep): string =>
  `step ${step}: ${word}${reasons.length === 0 ? "" : `: ${reasons.slice(0, 3).join("; ")}`} (${folder})`
