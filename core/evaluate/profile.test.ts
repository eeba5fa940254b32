import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emptyFolder } from "../run/folder.fixture.ts"
import { Installation } from "./installation.ts"
import { readProfile } from "./profile.ts"

const root = join(import.meta.dirname, "..", "..")
const here = Layer.mergeAll(NodeServices.layer, Layer.succeed(Installation, { root, version: "0.0.0" }))
const read = (name: string) => Effect.provide(readProfile(name), here)
const readText = (text: string) =>
  Effect.gen(function*() {
    const file = join(yield* emptyFolder, "own.yaml")
    writeFileSync(file, text)
    return yield* read(file)
  })

describe("a profile", () => {
  it.effect.each(readdirSync(join(import.meta.dirname, "profiles")).map((file) => file.replace(/\.yaml$/, "")))(
    "that is shipped can be read by its id: %s",
    (id) =>
      Effect.gen(function*() {
        const profile = yield* read(id)
        assert.strictEqual(profile.id, id)
        assert.isTrue(profile.suites.some(({ role }) => role === "gated"))
      })
  )

  it.effect("of one's own is a file", () =>
    Effect.gen(function*() {
      const profile = yield* readText("id: own@1\nsuites:\n  - { id: arithmetic, role: gated, margin: 0.1 }\n")
      assert.deepStrictEqual(profile, { id: "own@1", suites: [{ id: "arithmetic", role: "gated", margin: 0.1 }] })
    }))

  it.effect("that there is not says which there are", () =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(read("core-6@1"))
      assert.deepStrictEqual([problem.reason, problem.where], ["config", "--profile core-6@1"])
      assert.include(problem.message, "core-5@1")
    }))

  it.effect("that can't be read says why", () =>
    Effect.gen(function*() {
      const folder = yield* emptyFolder
      const problem = yield* Effect.flip(read(join(folder, "none.yaml")))
      assert.include(problem.message, "the profile can't be read: there is no such file")
      mkdirSync(join(folder, "folder.yaml"))
      const other = yield* Effect.flip(read(join(folder, "folder.yaml")))
      assert.notInclude(other.message, "there is no such")
    }))

  it.effect.each(
    [
      ["an unknown role", "id: a\nsuites:\n  - id: x\n    role: optional\n", "4:11"],
      ["a suite without a role", "id: a\nsuites:\n  - id: x\n", "3:5"],
      ["a margin above 1", "id: a\nsuites:\n  - { id: x, role: gated, margin: 5 }\n", "3:35"],
      ["a margin that everything stays below", "id: a\nsuites:\n  - { id: x, role: gated, margin: 1 }\n", "3:35"],
      ["an unknown key", "id: a\nsuite: []\nsuites: []\n", "2:1"],
      ["no suites at all (peers 20)", "id: a\nsuites: []\n", "2:9"]
    ] as const
  )("with %s is refused at its place", ([, text, place]) =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(readText(text))
      assert.strictEqual(problem.reason, "config")
      assert.include(problem.message, `own.yaml:${place}`)
    }))
})
