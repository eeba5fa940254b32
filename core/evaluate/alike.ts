import * as Effect from "effect/Effect"
import type { Plan } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import { engineGuards } from "../gate/engine-guards.ts"
import { isBroken } from "../gate/guards.ts"
import { requestGuards } from "../gate/request-guards.ts"
import type { Listener } from "./execute.ts"

/**
 * Fails with `UsageProblem` when what is known of two models before anything is asked makes their verdict `invalid`;
 * differences that only stand beside a verdict are told at once.
 */
export const requireAlike = Effect.fn("Alike.require")(function*(listener: Listener, base: Plan, tuned: Plan) {
  const differing = [...engineGuards(base, tuned), ...requestGuards(base, tuned)].filter(({ ok }) => !ok)
  const broken = differing.filter(isBroken)
  const [first] = broken
  if (first !== undefined) {
    return yield* new UsageProblem({
      reason: "spec",
      where: `${base.target.spec}, ${tuned.target.spec}`,
      what: broken.map(({ base, detail, name, tuned }) => `${detail ?? name} (base ${base}; tuned ${tuned})`).join(
        "\n  "
      ),
      fix:
        "Name both with the same engine and parameters. Where the difference is meant, ask each with `driftgate run` "
        + `and decide with \`driftgate compare --accept ${first.name}\`. Nothing was asked.`
    })
  }
  for (const { base: mine, detail, name, tuned: theirs } of differing) {
    yield* listener.noted(`${tuned.target.spec}: ${detail ?? name} (base ${mine}; tuned ${theirs})`)
  }
})
