import type { Guard } from "../domain/decision.ts"
import type { Plan } from "../domain/plan.ts"

export type Parts = Plan["target"]["identity"]["parts"]

/** A part of an identity that belongs to the candidate: the guard's name, the part, and what another one means. */
export type CandidatePart = readonly [name: string, part: string, what: string]

const shown = (value: string | undefined): string =>
  value === undefined ? "none" : /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value

/** Names the parts of the candidate that differ from the base's; they stand beside the verdict and break nothing. */
export const namedDifferences = (
  base: Parts,
  tuned: Parts,
  named: ReadonlyArray<CandidatePart>
): ReadonlyArray<Guard> =>
  named.flatMap(([name, part, what]): ReadonlyArray<Guard> =>
    base[part] === tuned[part] ? [] : [{
      name,
      ok: false,
      overridden: true,
      base: shown(base[part]),
      tuned: shown(tuned[part]),
      detail: `${what}: what differs may come from that and not from its weights`
    }]
  )
