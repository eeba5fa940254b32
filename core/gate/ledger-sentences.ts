import type { RiseEntry } from "../domain/ledger.ts"
import { boundPoints, confidence, points } from "./points.ts"

/** Why a suite has no ledger although its answers could have been scored. */
export const leftReason = (why: "empty" | "stopped"): string =>
  why === "empty"
    ? "nothing was planned"
    : "prompts were left out once the verdict was certain, so the answers are no fair sample"

/** What the certificate says and nothing more, as one sentence. */
export const riseStatement = (
  suite: string,
  { certificate, contradicts, measure, observed }: Pick<
    RiseEntry,
    "certificate" | "contradicts" | "measure" | "observed"
  >,
  { alpha, prompts, temperature }: {
    readonly alpha: number
    readonly prompts: number
    readonly temperature: number
  }
): string => {
  if (contradicts && observed !== null) {
    return `${suite}: the observed rise of \`${measure}\`, at least ${
      boundPoints(observed.lower)
    } points, exceeds its limit of ${
      boundPoints(certificate.upper)
    }: do not use the limit; the template, the token ids `
      + "or the decoding of the scored answers are not those of the run"
  }
  const missing = certificate.imputed === 0
    ? ""
    : `; ${certificate.imputed} ${certificate.imputed === 1 ? "answer" : "answers"} without evidence counted as a rise`
  return certificate.vacuous
    ? `${suite}: no limit on the rise of \`${measure}\` is shown (vacuous)${missing}`
    : `${suite}: \`${measure}\` rose by no more than ${points(certificate.upper, { decimals: 2 })} points with ${
      confidence(alpha)
    } confidence, for prompts of which these ${prompts} are a sample, this scorer, and answers drawn at temperature ${temperature}${missing}`
}
