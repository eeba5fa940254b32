import * as Effect from "effect/Effect"
import { UsageProblem } from "../../domain/problem.ts"
import { compareRuns } from "../../evaluate/compare.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { type GuardName, likeForLike } from "../../gate/guards.ts"
import { Output } from "../output.ts"
import { printDecision } from "../print/decision.ts"

/** `driftgate compare`: the exit code is the verdict's. */
export const work = Effect.fn("cli.compare")(function*(
  input: { readonly base: string; readonly tuned: string; readonly accept: ReadonlyArray<string> },
  flags: Flags,
  json: boolean
) {
  const unknown = input.accept.find((name) => !likeForLike.some((guard) => guard === name))
  if (unknown !== undefined) {
    return yield* new UsageProblem({
      reason: "flag",
      where: `--accept ${unknown}`,
      what: "there is no such guard",
      fix: `What may be accepted: ${likeForLike.join(", ")}.`
    })
  }
  const settings = yield* readSettings(flags)
  const decided = yield* compareRuns({
    base: input.base,
    tuned: input.tuned,
    profile: flags.profile,
    settings,
    overrides: input.accept as ReadonlyArray<GuardName>
  })
  yield* printDecision(decided).pipe(Effect.provide(Output.layer(json)))
})
