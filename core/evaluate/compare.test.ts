import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { sha256 } from "../domain/digest.ts"
import type { UsageProblem } from "../domain/problem.ts"
import { compareRuns } from "./compare.ts"
import { runTarget } from "./run.ts"
import type { Flags } from "./settings.ts"
import { inSmallTree, silent, type SmallTree } from "./small-tree.fixture.ts"

const rows = Array.from({ length: 60 }, (_, i): readonly [string, string] => [`${i}`, `no, ${i}`])
const inTree = <A, E>(use: Parameters<typeof inSmallTree<A, E>>[0]) =>
  inSmallTree<A, E>((tree) => {
    for (const folder of ["core/gate/policies", "core/evaluate/profiles"]) {
      cpSync(join(import.meta.dirname, "../..", folder), join(tree.root, folder), { recursive: true })
    }
    return use(tree)
  }, rows)

const profileText = (margin: number, id = "own@1") =>
  `id: ${id}\npreset: training\nsuites:\n  - { id: b?size=5, role: gated, margin: ${margin} }\n`

/** Two models asked by a profile of one's own, and how they compare under flags. */
const planned = Effect.fnUntraced(function*(tree: SmallTree, text = profileText(0.07)) {
  const profile = join(tree.root, "own.yaml")
  writeFileSync(profile, text)
  const ran = Effect.fnUntraced(function*(name: string) {
    const settings = yield* tree.settings({ suites: [], profile, target: `echo:${name}` })
    return (yield* runTarget(settings, silent, yield* Deferred.make<string>()).pipe(Effect.scoped)).arm.run.directory
  })
  const [base, tuned] = [yield* ran("one"), yield* ran("two")]
  const compare = Effect.fnUntraced(function*(flags: Partial<Flags> = {}) {
    const settings = yield* tree.settings({ suites: [], ...flags })
    const runs = { base: base.path, tuned: tuned.path, profile: flags.profile, settings, overrides: [] }
    return (yield* compareRuns(runs)).decision
  })
  /** Takes a member out of the candidate's plan, as of one that was frozen before there was that member. */
  const forget = (member: string) => {
    const before = readFileSync(tuned.plan, "utf8")
    const now = JSON.stringify({ ...JSON.parse(before), [member]: undefined })
    writeFileSync(tuned.plan, now)
    const journal = readFileSync(tuned.journal, "utf8")
    writeFileSync(tuned.journal, journal.replaceAll(sha256(before), sha256(now)))
  }
  return { profile, compare, forget }
})

const problemOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (problem) => problem as unknown as UsageProblem)

describe("two stored runs that a profile planned", () => {
  it.live("are decided by what it said then, though its file is gone", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { compare, profile } = yield* planned(tree)
        rmSync(profile)
        const { policy, suites } = yield* compare()
        assert.deepStrictEqual([suites[0]?.margin, policy.origin?.preset], [0.07, "training"])
        assert.strictEqual(policy.origin?.profile?.id, "own@1")
      })
    ))

  it.live("keep its margins where an entry spells out an option that is the default", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { suites } = yield* (yield* planned(tree, profileText(0.06))).compare()
        assert.deepStrictEqual([suites[0]?.suite, suites[0]?.margin], ["b", 0.06])
      })
    ))

  it.live("are not decided by a profile that only has the name of theirs", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { compare, profile } = yield* planned(tree)
        assert.strictEqual((yield* compare({ profile })).suites[0]?.margin, 0.07)
        writeFileSync(profile, profileText(0.5))
        const problem = yield* problemOf(compare({ profile }))
        assert.deepStrictEqual([problem._tag, problem.where], ["UsageProblem", `--profile ${profile}`])
        assert.include(problem.what, "was planned by own@1 (sha256 ")
        assert.include((yield* problemOf(compare({ profile: "core-5@1" }))).what, "this is core-5@1")
      })
    ))

  it.live("are no shipped profile's because a file says so", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { compare } = yield* planned(tree, profileText(0.07, "core-5@1"))
        const { policy, suites } = yield* compare()
        assert.strictEqual(suites[0]?.margin, 0.07)
        assert.isTrue(policy.origin?.changes.some(({ looser, rule }) => looser && rule === "margins.suites.b"))
        assert.include((yield* problemOf(compare({ profile: "core-5@1" }))).what, "this is core-5@1 (sha256 ")
      })
    ))

  it.live("ask for it where the plan is from a time when it held a name alone", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { compare, forget, profile } = yield* planned(tree)
        forget("rules")
        const problem = yield* problemOf(compare())
        assert.deepStrictEqual([problem._tag, problem.reason], ["UsageProblem", "config"])
        assert.include(problem.message, "--profile")
        const found = yield* problemOf(compare({ profile }))
        assert.include(found.what, "it gives a margin to b?size=5")
        writeFileSync(profile, profileText(0.07).replace("?size=5", ""))
        assert.strictEqual((yield* compare({ profile })).suites[0]?.margin, 0.07)
      })
    ))

  it.live("have none when suites were named one by one", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { compare, forget, profile } = yield* planned(tree)
        forget("profile")
        forget("rules")
        assert.strictEqual((yield* compare()).suites[0]?.margin, 0.05)
        assert.include((yield* problemOf(compare({ profile }))).what, "was planned by no profile")
      })
    ))
})

it.live("a rule for a suite that there is not stops a comparison before there is a verdict", () =>
  inTree((tree) =>
    Effect.gen(function*() {
      const { compare } = yield* planned(tree)
      const policyFile = join(tree.root, "policy.yaml")
      writeFileSync(policyFile, "ceilings: { bb: 0.1 }\n")
      const problem = yield* problemOf(compare({ policyFile }))
      assert.deepStrictEqual([problem._tag, problem.reason], ["UsageProblem", "policy"])
      assert.include(problem.what, "ceilings.bb applies to nothing")
      assert.include(problem.what, "suites that are decided on their own: b")
    })
  ))
