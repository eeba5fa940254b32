import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { Plan, PlannedSuite } from "../domain/plan.ts"
import { type Policy, type PresetName, presetNames } from "../domain/policy.ts"
import { UsageProblem } from "../domain/problem.ts"
import { changesOf } from "../gate/policy-changes.ts"
import { decodeOverrides, decodePolicy, mergePolicy, withProfileMargins } from "../gate/policy.ts"
import { readYaml } from "./config.ts"
import { Installation } from "./installation.ts"
import { shippedMargins } from "./profile.ts"
import { rulesOf, type SelectedSuites } from "./selection.ts"
import type { Settings } from "./settings.ts"
import { whyUnreadable } from "./unreadable.ts"

const parse = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(file).pipe(
    Effect.mapError((error) =>
      new UsageProblem({
        reason: "policy",
        where: file,
        what: `the policy can't be read: ${whyUnreadable(error)}`,
        fix: "Name a YAML file with --policy FILE."
      })
    )
  )
  return (yield* readYaml({ file, text, reason: "policy" })).value
})

const isPreset = (name: string): name is PresetName => presetNames.some((known) => known === name)

/** A shipped preset. */
export const readPreset = Effect.fn("Policy.readPreset")(function*(name: string) {
  const path = yield* Path.Path
  const { root } = yield* Installation
  if (!isPreset(name)) {
    return yield* new UsageProblem({
      reason: "policy",
      where: `--preset ${name}`,
      what: "there is no such preset",
      fix: `Presets are: ${presetNames.join(", ")}.`
    })
  }
  const file = path.join(root, "core", "gate", "policies", `${name}.yaml`)
  return yield* Effect.fromResult(decodePolicy(yield* parse(file), file))
})

/** What the rules of a gate are made of beside settings: what its profile says, and the suites that it asks. */
export interface PolicyBasis {
  readonly profile: { readonly id: string; readonly rules: NonNullable<Plan["rules"]> } | undefined
  readonly suites: ReadonlyArray<Pick<PlannedSuite, "id" | "kind">>
}

/** The basis of a gate that is about to run. */
export const basisOf = (selected: SelectedSuites): PolicyBasis => {
  const rules = rulesOf(selected)
  return {
    profile: selected.profile === undefined || rules === undefined ? undefined : { id: selected.profile.id, rules },
    suites: selected.suites.map(({ suite: { id, manifest: { kind } } }) => ({ id, kind }))
  }
}

/**
 * The policy of a gate: a preset, the profile's own changes and margins, then those of configuration, file and flags.
 *
 * It says what it began with and what differs; the margins of a shipped profile differ from nothing.
 */
export const readPolicy = Effect.fn("Policy.read")(function*(settings: Settings, { profile, suites }: PolicyBasis) {
  const preset: Policy = yield* readPreset(settings.preset ?? profile?.rules.preset ?? "release")
  const layers: ReadonlyArray<readonly [where: string, input: unknown]> = [
    [`profile ${profile?.id}`, profile?.rules.policy ?? {}],
    ["driftgate.yaml, policy", settings.policy],
    ...(settings.policyFile === undefined ? [] : [[settings.policyFile, yield* parse(settings.policyFile)] as const])
  ]
  let policy = withProfileMargins(preset, profile?.rules.margins ?? {})
  for (const [where, input] of layers) {
    policy = mergePolicy(policy, yield* Effect.fromResult(decodeOverrides(input, where)))
  }
  const shipped = profile === undefined ? {} : yield* shippedMargins(profile.id, profile.rules.sha256)
  const changes = changesOf(withProfileMargins(preset, shipped), policy, suites)
  return {
    ...policy,
    name: changes.length > 0 && policy.name === preset.name ? `${preset.name} with changes` : policy.name,
    origin: {
      preset: preset.name as PresetName,
      ...(profile === undefined ? {} : { profile: { id: profile.id, sha256: profile.rules.sha256 } }),
      changes
    }
  } satisfies Policy as Policy
})
