import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../domain/digest.ts"
import { looserRules } from "../gate/policy-changes.ts"
import { emptyFolder } from "../run/folder.fixture.ts"
import { Installation } from "./installation.ts"
import { type PolicyBasis, readPolicy } from "./policy.ts"
import { type Profile, readProfile } from "./profile.ts"
import { defaultFlags, readSettings } from "./settings.ts"

const root = join(import.meta.dirname, "..", "..")
const here = Layer.mergeAll(NodeServices.layer, Layer.succeed(Installation, { root, version: "0.0.0" }))

const suites = [{ id: "jailbreakbench", kind: "harmful" }, { id: "harm", kind: "harmful" }] as const
const basis = (profile?: Profile): PolicyBasis => ({
  suites,
  profile: profile === undefined ? undefined : {
    id: profile.id,
    rules: {
      sha256: digestOf(profile),
      margins: Object.fromEntries(
        profile.suites.flatMap(({ id, margin }) => margin === undefined ? [] : [[id, margin]])
      )
    }
  }
})
const policyOf = Effect.fnUntraced(function*(text: string, from: PolicyBasis = basis(), preset = "release") {
  const policyFile = join(yield* emptyFolder, "policy.yaml")
  writeFileSync(policyFile, text)
  return yield* readPolicy(yield* readSettings({ ...defaultFlags, policyFile, preset }), from)
}, Effect.provide(here))

describe("the rules of a gate", () => {
  it.effect("say which preset they are", () =>
    Effect.gen(function*() {
      const policy = yield* policyOf("{}")
      assert.deepStrictEqual([policy.name, policy.origin], ["release", { preset: "release", changes: [] }])
    }))

  it.effect("say what they changed of it, under a name of their own", () =>
    Effect.gen(function*() {
      const policy = yield* policyOf("{ alpha: 0.5, minCoverage: 0.01, margins: { suite: 0.99 } }")
      assert.strictEqual(policy.name, "release with changes")
      assert.deepStrictEqual(looserRules(policy).map(({ rule }) => rule), ["alpha", "minCoverage", "margins.suite"])
    }))

  it.effect("may not have the name of a preset", () =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(policyOf("{ name: release, alpha: 0.5 }"))
      assert.strictEqual(problem._tag, "UsageProblem")
      assert.include(problem.message, "release is the name of a preset")
    }))

  it.effect("are not changed by the margins of a shipped profile", () =>
    Effect.gen(function*() {
      const policy = yield* policyOf("{}", basis(yield* Effect.provide(readProfile("core-5@1"), here)))
      assert.strictEqual(policy.margins.suites["jailbreakbench"], 0.1)
      assert.deepStrictEqual([policy.name, policy.origin?.changes], ["release", []])
    }))

  it.effect("are changed by the margins of one's own profile, also of one that is called like a shipped one", () =>
    Effect.gen(function*() {
      const profile: Profile = { id: "core-5@1", suites: [{ id: "harm", role: "gated", margin: 0.99 }] }
      const policy = yield* policyOf("{}", basis(profile))
      assert.deepStrictEqual(
        [policy.name, looserRules(policy).map(({ rule }) => rule)],
        ["release with changes", ["margins.suites.harm"]]
      )
    }))

  it.effect("with aliases that would fill the memory are refused", () =>
    Effect.gen(function*() {
      // Each line repeats the one before ten times: 10^8 items.
      const bomb = Array.from({ length: 8 }, (_, i) =>
        `l${i + 1}: &l${i + 1} [${Array.from({ length: 10 }, () => i === 0 ? "x" : `*l${i}`).join(", ")}]`)
      const problem = yield* Effect.flip(policyOf(bomb.join("\n")))
      assert.deepStrictEqual([problem._tag, "reason" in problem && problem.reason], ["UsageProblem", "policy"])
      assert.include(problem.message, "this is not YAML")
    }))

  it.effect("that are not YAML are shown at their place", () =>
    Effect.gen(function*() {
      assert.include((yield* Effect.flip(policyOf("alpha: [1\nb: 2\n"))).message, "policy.yaml:2:")
    }))
})
