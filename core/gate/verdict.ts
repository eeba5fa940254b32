import type { Annotation, Verdict } from "../domain/decision.ts"

/** What a verdict needs to know of a suite, pool or macro. */
export interface Standing {
  /** Something about it can't be interpreted at all. */
  readonly invalid: boolean
  /** The family of tests rejects "no regression", and the drift exceeds failMargin in the best case. */
  readonly rejected: boolean
  /** Its upper limit is below the margin in the worst case. */
  readonly belowMargin: boolean
  readonly underCeiling: boolean
  readonly covered: boolean
  /** Lost answers are as frequent in both arms. */
  readonly balanced: boolean
  /** Hardly an answer that was judged had been cut by the token limit. */
  readonly whole: boolean
}

/**
 * invalid > fail > incomplete > inconclusive > pass (gate.md B0.4): non-inferiority is asked before significance, a
 * certain fail is not hidden by missing data, and nothing that is undefined can be a pass.
 */
export const verdictOf = (
  { balanced, belowMargin, covered, invalid, rejected, underCeiling, whole }: Standing
): Verdict => {
  if (invalid) return "invalid"
  if (rejected && !(belowMargin && underCeiling)) return "fail"
  if (!covered) return "incomplete"
  return belowMargin && underCeiling && balanced && whole ? "pass" : "inconclusive"
}

const order: ReadonlyArray<Verdict> = ["invalid", "fail", "incomplete", "inconclusive", "pass"]

/** Sorting key of a verdict: 0 is the one that decides first. */
export const severityOf = (verdict: Verdict): number => order.indexOf(verdict)

/** What a waiver can keep from blocking. */
export const isWaivable = (verdict: Verdict): boolean => verdict === "fail" || verdict === "inconclusive"

/**
 * The verdict of several: all pass, or the first in the order of verdicts. Waived ones do not block, but at least one
 * has to pass on its own; an empty list is `invalid`.
 */
export const overallOf = (
  entries: ReadonlyArray<{ readonly verdict: Verdict; readonly waived: boolean }>
): Verdict => {
  if (entries.length === 0) return "invalid"
  const standing = entries.filter(({ waived }) => !waived).map(({ verdict }) => verdict)
  return order.find((verdict) => standing.includes(verdict)) ?? "inconclusive"
}

const words: ReadonlyArray<Annotation> = [
  "identical",
  "not-probed",
  "reused-by-name",
  "served-alike",
  "same-answers",
  "overridden",
  "weakened",
  "no-harm-suite",
  "no-over-refusal-control",
  "noise-floor",
  "smoke",
  "uncalibrated",
  "weak-judge",
  "stopped-early",
  "regressed-within-margin",
  "waived"
]

/** Annotations once each, in the order in which reports show them. */
export const annotated = (annotations: Iterable<Annotation>): ReadonlyArray<Annotation> => {
  const present = new Set(annotations)
  return words.filter((word) => present.has(word))
}
