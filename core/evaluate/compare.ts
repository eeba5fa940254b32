import * as Effect from "effect/Effect"
import type { GuardName } from "../gate/guards.ts"
import { openStoredRun } from "../run/stored-run.ts"
import { requireUse } from "./calibrations.ts"
import { decideRuns } from "./decision.ts"
import { readPolicy } from "./policy.ts"
import { readProfile } from "./profile.ts"
import type { Settings } from "./settings.ts"
import { knownCalibrations } from "./shipped-calibrations.ts"

/** Decides between two stored runs; no model is asked. */
export const compareRuns = Effect.fn("Compare.runs")(function*(input: {
  readonly base: string
  readonly tuned: string
  readonly settings: Settings
  readonly overrides: ReadonlyArray<GuardName>
}) {
  const base = yield* openStoredRun(input.base)
  const tuned = yield* openStoredRun(input.tuned)
  // Margins come from the profile that the candidate was planned by, when it is one that can be found.
  const named = tuned.plan.profile
  const profile = named === undefined ? undefined : yield* Effect.option(readProfile(named)).pipe(
    Effect.map((found) => found._tag === "Some" ? found.value : undefined)
  )
  const policy = yield* readPolicy(input.settings, profile)
  const { all: records, asked } = yield* knownCalibrations(input.settings.calibrations, policy)
  yield* requireUse(tuned.plan, asked)
  return yield* decideRuns({ out: input.settings.out, base, tuned, policy, records, overrides: input.overrides })
})
