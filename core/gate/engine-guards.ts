import type { Guard } from "../domain/decision.ts"
import type { Plan } from "../domain/plan.ts"

const short = (value: string | undefined): string =>
  value === undefined ? "none" : /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value

/**
 * Whether both checkpoints were computed alike, and what differs in how they read a prompt.
 *
 * Another engine, dtype, length or batch setting changes answers like training does, so it breaks the comparison. Another
 * tokenizer or chat template belongs to the candidate: it is named, and stands beside the verdict.
 */
export const engineGuards = (base: Plan, tuned: Plan): ReadonlyArray<Guard> => {
  const [mine, theirs] = [base.target.identity.parts, tuned.target.identity.parts]
  if (mine["scheme"] !== "checkpoint" || theirs["scheme"] !== "checkpoint") return []
  const computed = ({ engine, numerics }: Readonly<Record<string, string>>) =>
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
  const named = (["tokenizer", "template"] as const).flatMap((name): ReadonlyArray<Guard> =>
    mine[name] === theirs[name] ? [] : [{
      name,
      ok: false,
      overridden: true,
      base: short(mine[name]),
      tuned: short(theirs[name]),
      detail: `the candidate has another ${name === "template" ? "chat template" : name}, so it reads other tokens: `
        + "what differs may come from that and not from its weights"
    }]
  )
  return [engine, ...named]
}
