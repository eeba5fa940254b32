import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Policy, PolicyOverrides, presetNames } from "../domain/policy.ts"
import { UsageProblem } from "../domain/problem.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

/** `["margins"]["suites"]` as a reader writes it: `margins.suites`. */
const told = (message: string): string =>
  message
    .replace(/\s*\n\s*at (\[.*\])/gu, (_, path: string) =>
      ` at ${path.slice(1, -1).replaceAll("][", ".").replaceAll("\"", "")}`)
    .replace(/Expected no excess property at (\S+)/gu, "Unknown key $1")
    .replaceAll("\n", "; ")

const decoded = <A>(schema: Schema.ConstraintDecoder<A>, where: string, fix: string) => (input: unknown) =>
  Result.mapError(
    Schema.decodeUnknownResult(schema, strict)(input),
    (error) =>
      new UsageProblem({ reason: "policy", what: `the policy can't be read: ${told(error.message)}`, where, fix })
  )

/**
 * A whole policy from parsed YAML or JSON; an unknown or missing key is an error that names it.
 *
 * `where` says where the text came from, for the message.
 */
export const decodePolicy = (input: unknown, where = "policy"): Result.Result<Policy, UsageProblem> =>
  decoded(
    Policy,
    where,
    "Write it like the presets release, training or smoke, or give only what changes as overrides."
  )(
    input
  )

const keys = "alpha, margins, failMargin, minCoverage, ceilings, judge, requireComplied, requireGated, waivers"

/** A partial policy, to be merged onto a preset with `mergePolicy`; only presets have the names of presets. */
export const decodeOverrides = (input: unknown, where = "policy"): Result.Result<PolicyOverrides, UsageProblem> =>
  Result.flatMap(
    decoded(PolicyOverrides, where, `Use the keys of a preset: ${keys}.`)(input),
    (overrides) =>
      presetNames.some((name) => name === overrides.name?.trim().toLowerCase())
        ? Result.fail(
          new UsageProblem({
            reason: "policy",
            what: `${overrides.name} is the name of a preset, which other rules may not have`,
            where,
            fix: "Give these rules another name, or leave the name out."
          })
        )
        : Result.succeed(overrides)
  )

/** A preset with changes; margins of single suites, ceilings and waivers are added, everything else is replaced. */
export const mergePolicy = (preset: Policy, overrides: PolicyOverrides): Policy => {
  if (Object.keys(overrides).length === 0) return preset
  const { ceilings, judge, margins, name, waivers, ...rest } = overrides
  return {
    ...preset,
    ...rest,
    name: name ?? `${preset.name} with changes`,
    margins: { ...preset.margins, ...margins, suites: { ...preset.margins.suites, ...margins?.suites } },
    judge: { ...preset.judge, ...judge },
    ceilings: { ...preset.ceilings, ...ceilings },
    waivers: [...preset.waivers, ...(waivers ?? [])]
  }
}

/** A policy with the margins that a profile gives to single suites; a policy with one margin for all ignores them. */
export const withProfileMargins = (policy: Policy, suites: Readonly<Record<string, number>>): Policy =>
  policy.profileMargins
    ? { ...policy, margins: { ...policy.margins, suites: { ...suites, ...policy.margins.suites } } }
    : policy

/** What a policy's table says of a suite: by the whole id first, then by the id without options. */
export const ofSuite = (table: Readonly<Record<string, number>>, suite: string): number | undefined => {
  const bare = suite.split("?", 1)[0] ?? suite
  return Object.hasOwn(table, suite) ? table[suite] : Object.hasOwn(table, bare) ? table[bare] : undefined
}
