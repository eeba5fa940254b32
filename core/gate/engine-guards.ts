import type { Guard } from "../domain/decision.ts"
import type { Plan } from "../domain/plan.ts"
import { type CandidatePart, namedDifferences, type Parts } from "./candidate-parts.ts"

const named: ReadonlyArray<CandidatePart> = [
  ["tokenizer", "tokenizer", "the candidate has another tokenizer, so it reads other tokens"],
  ["template", "template", "the candidate has another chat template, so it reads other tokens"],
  ["ends", "ends", "the candidate ends its answers with other tokens"]
]

/**
 * Whether both checkpoints were computed alike, and what differs in how they read a prompt and end an answer.
 *
 * Another engine, dtype, length or batch setting changes answers like training does, so it breaks the comparison. Another
 * tokenizer or chat template, or other tokens that end an answer, belong to the candidate: they are named, and stand
 * beside the verdict.
 */
export const engineGuards = (base: Plan, tuned: Plan): ReadonlyArray<Guard> => {
  const [mine, theirs] = [base.target.identity.parts, tuned.target.identity.parts]
  if (mine["scheme"] !== "checkpoint" || theirs["scheme"] !== "checkpoint") return []
  const computed = ({ engine, numerics }: Parts) =>
    [engine ?? "unknown", ...(numerics === undefined ? [] : [numerics])].join("; ")
  const engine: Guard = {
    name: "engine",
    ok: computed(mine) === computed(theirs),
    base: computed(mine),
    tuned: computed(theirs),
    ...(computed(mine) === computed(theirs) ? {} : {
      detail:
        "the two models were computed in different ways: use one engine, dtype, context and batch setting for both"
    })
  }
  return [engine, ...namedDifferences(mine, theirs, named)]
}
