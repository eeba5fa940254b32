import type { Guard } from "../domain/decision.ts"
import type { Plan } from "../domain/plan.ts"

type Parts = Plan["target"]["identity"]["parts"]

const fieldsOf = ({ extra, omit }: Parts): string =>
  [
    ...(omit === undefined ? [] : [`omit ${omit}`]),
    ...(extra === undefined ? [] : [`extra ${extra}`])
  ].join("; ") || "none"

const named = [
  ["system", "systemPrompt", "the candidate stands behind another system prompt"],
  ["markers", "reasoningMarkers", "the candidate's thoughts are taken out by other markers"]
] as const

const shown = (value: string | undefined): string =>
  value === undefined ? "none" : /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value

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
  const differing = named.flatMap(([name, part, what]): ReadonlyArray<Guard> =>
    mine[part] === theirs[part] ? [] : [{
      name,
      ok: false,
      overridden: true,
      base: shown(mine[part]),
      tuned: shown(theirs[part]),
      detail: `${what}: what differs may come from that and not from its weights`
    }]
  )
  return [...request, ...differing]
}
