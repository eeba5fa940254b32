import * as Effect from "effect/Effect"
import { digestOf } from "../domain/digest.ts"
import type { Plan } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import type { GuardName } from "../gate/guards.ts"
import { unnamed } from "../gate/named.ts"
import { scopeOf } from "../gate/scope.ts"
import { openStoredRun } from "../run/stored-run.ts"
import { requireUse } from "./calibrations.ts"
import { decideRuns } from "./decision.ts"
import { type PolicyBasis, readPolicy } from "./policy.ts"
import { type Profile, readProfile } from "./profile.ts"
import type { Settings } from "./settings.ts"
import { knownCalibrations } from "./shipped-calibrations.ts"

const short = (digest: string): string => digest.slice(0, 12)

const refused = (where: string, what: string, fix: string) => new UsageProblem({ reason: "config", where, what, fix })

/** What a profile says of the verdict on suites that were planned before plans held that. */
const rulesNow = Effect.fnUntraced(function*(profile: Profile, { suites }: Plan) {
  const margins: Record<string, number> = {}
  for (const { id, margin } of profile.suites) {
    if (margin === undefined) continue
    const planned = suites.find((suite) => suite.id === id || suite.selection === id)
    if (planned === undefined) {
      return yield* refused(
        `profile ${profile.id}`,
        `it gives a margin to ${id}, which is none of the planned suites (${
          suites.map((suite) => suite.id).join(", ")
        })`,
        "Ask the suites again with `driftgate gate`, or give the margins with --policy FILE and no profile."
      )
    }
    margins[planned.id] = margin
  }
  return {
    sha256: digestOf(profile),
    ...(profile.preset === undefined ? {} : { preset: profile.preset }),
    ...(profile.policy === undefined ? {} : { policy: profile.policy }),
    margins
  } satisfies Plan["rules"] as NonNullable<Plan["rules"]>
})

/**
 * What the profile of a stored run says of the verdict: frozen in its plan, and of a plan that holds only a name, what
 * `--profile` says.
 */
const profileOf = Effect.fnUntraced(function*(plan: Plan, named: string | undefined) {
  const { profile: id, rules, run } = plan
  if (named === undefined) {
    if (id === undefined) return undefined
    if (rules !== undefined) return { id, rules } satisfies PolicyBasis["profile"] as PolicyBasis["profile"]
    return yield* refused(
      run,
      `it was planned by the profile ${id}, and its plan does not hold what that said`,
      "Name the profile, an id or a file, with --profile."
    )
  }
  const where = `--profile ${named}`
  if (id === undefined) {
    return yield* refused(where, `${run} was planned by no profile`, "Leave it out, or give rules with --policy FILE.")
  }
  const profile = yield* readProfile(named)
  const now = digestOf(profile)
  if (profile.id !== id || (rules !== undefined && rules.sha256 !== now)) {
    const planned = rules === undefined ? id : `${id} (sha256 ${short(rules.sha256)})`
    return yield* refused(
      where,
      `this is ${profile.id} (sha256 ${short(now)}), and ${run} was planned by ${planned}`,
      rules === undefined
        ? "Name the profile that it was planned by."
        : "Leave it out to decide as it was planned, or give what shall differ with --policy FILE."
    )
  }
  return { id, rules: rules ?? (yield* rulesNow(profile, plan)) } satisfies PolicyBasis["profile"]
})

/**
 * Decides between two stored runs; no model is asked.
 *
 * Margins, preset and rules are those of the profile that the candidate was planned by. `profile` names it, and fails with
 * `UsageProblem` when it is another one by now.
 */
export const compareRuns = Effect.fn("Compare.runs")(function*(input: {
  readonly base: string
  readonly tuned: string
  readonly profile?: string | undefined
  readonly settings: Settings
  readonly overrides: ReadonlyArray<GuardName>
}) {
  const base = yield* openStoredRun(input.base)
  const tuned = yield* openStoredRun(input.tuned)
  const { suites } = tuned.plan
  const policy = yield* readPolicy(input.settings, { profile: yield* profileOf(tuned.plan, input.profile), suites })
  const idle = unnamed(policy, scopeOf(policy, suites))
  if (idle.length > 0) {
    return yield* new UsageProblem({
      reason: "policy",
      where: `policy ${policy.name}`,
      what: idle.map(({ message }) => message).join("\n  "),
      fix: "Correct the names, or leave them out. Nothing was decided."
    })
  }
  const { all: records, asked } = yield* knownCalibrations(input.settings.calibrations, policy)
  yield* requireUse(tuned.plan, asked)
  return yield* decideRuns({ out: input.settings.out, base, tuned, policy, records, overrides: input.overrides })
})
