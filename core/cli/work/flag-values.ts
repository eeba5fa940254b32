import * as Effect from "effect/Effect"
import { UsageProblem } from "../../domain/problem.ts"
import { durationMillis } from "../../evaluate/config-schema.ts"

/** A flag that can't be used. */
export const usage = (where: string, what: string, fix: string) =>
  new UsageProblem({ reason: "flag", where, what, fix })

/** Milliseconds of a flag such as `60s`. Fails with `UsageProblem`. */
export const durationOf = Effect.fnUntraced(function*(flag: string, text: string) {
  return durationMillis(text) ??
    (yield* usage(`--${flag} ${text}`, "expected a whole number above 0 and a unit: ms, s, m or h", "For example 60s"))
})
