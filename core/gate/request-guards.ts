import type { Guard } from "../domain/decision.ts"
import type { Plan } from "../domain/plan.ts"
import { type CandidatePart, namedDifferences, type Parts } from "./candidate-parts.ts"

const fieldsOf = ({ extra, omit }: Parts): string =>
  [
    ...(omit === undefined ? [] : [`omit ${omit}`]),
    ...(extra === undefined ? [] : [`extra ${extra}`])
  ].join("; ") || "none"

const named: ReadonlyArray<CandidatePart> = [
  ["system", "systemPrompt", "the candidate stands behind another system prompt"],
  ["markers", "reasoningMarkers", "the candidate's thoughts are taken out by other markers"]
]

/**
 * Whether the questions to both models carried the same fields, and what stood around the texts of each.
 *
 * A field that is left out or added changes how answers are drawn, so it breaks the comparison. A system prompt and
 * markers of thoughts belong to the candidate: they are named, and stand beside the verdict.
 */
export const requestGuards = (base: Plan, tuned: Plan): ReadonlyArray<Guard> => {
  const [mine, theirs] = [base.target.identity.parts, tuned.target.identity.parts]
  const fields = { base: fieldsOf(mine), tuned: fieldsOf(theirs) }
  const request: ReadonlyArray<Guard> = fields.base === "none" && fields.tuned === "none" ? [] : [{
    name: "request",
    ok: fields.base === fields.tuned,
    ...fields,
    ...(fields.base === fields.tuned ? {} : {
      detail: "the two models were asked with other fields: give both the same omit= and extra.NAME="
    })
  }]
  return [...request, ...namedDifferences(mine, theirs, named)]
}
