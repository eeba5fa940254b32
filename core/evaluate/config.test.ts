import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { emptyFolder } from "../run/folder.fixture.ts"
import { durationMillis } from "./config-schema.ts"
import { readConfig } from "./config.ts"

const read = (text: string) =>
  Effect.gen(function*() {
    const file = join(yield* emptyFolder, "driftgate.yaml")
    writeFileSync(file, text)
    return yield* readConfig(file, true)
  }).pipe(Effect.provide(NodeServices.layer))
const problemOf = (text: string) => Effect.flip(read(text))

describe("a configuration", () => {
  it.effect("is YAML with the names that the command line has", () =>
    Effect.gen(function*() {
      const config = yield* read(
        "base: replay:old.jsonl\nsuites: [arithmetic]\nroles:\n  judge: openai:j@http://127.0.0.1:1/v1\nbudget: { wall: 2h }\n"
      )
      assert.deepStrictEqual(config, {
        base: "replay:old.jsonl",
        suites: ["arithmetic"],
        roles: { judge: "openai:j@http://127.0.0.1:1/v1" },
        budget: { wall: "2h" }
      })
    }))

  it.effect("that is empty says nothing", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read(""), {})
      assert.deepStrictEqual(yield* read("# nothing yet\n"), {})
    }))

  it.effect("that is not there is empty, unless it was named", () =>
    Effect.gen(function*() {
      const file = join(yield* emptyFolder, "driftgate.yaml")
      assert.deepStrictEqual(yield* readConfig(file, false), {})
      const problem = yield* Effect.flip(readConfig(file, true))
      assert.deepStrictEqual([problem.reason, problem.where], ["config", file])
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("that can't be read is never taken for an empty one", () =>
    Effect.gen(function*() {
      const folder = yield* emptyFolder
      mkdirSync(join(folder, "driftgate.yaml"))
      const problem = yield* Effect.flip(readConfig(join(folder, "driftgate.yaml"), false))
      assert.include(problem.message, "can't be read")
    }).pipe(Effect.provide(NodeServices.layer)))
})

describe("a wrong configuration", () => {
  it.effect.each(
    [
      ["an unknown key at the top", "seed: 1\ntarget: a:b\nsuits:\n  - x\n", "3:1", "suits"],
      ["an unknown key below another", "budget:\n  requests: 1\n  tokns: 5\n", "3:3", "tokns"],
      ["an unknown key in one line", "budget: { requests: 1, tokns: 5 }\n", "1:24", "tokns"],
      ["an unknown key that is a number", "seed: 1\n7: x\n", "2:1", "7"],
      ["a value of the wrong type", "seed: 1\nlimit: many\n", "2:8", "/limit"],
      ["a number out of range", "limit: 0\n", "1:8", "/limit"],
      ["a fraction where a whole number belongs", "epochs: 1.5\n", "1:9", "/epochs"],
      ["an item of a list", "suites:\n  - arithmetic\n  - 7\n", "3:5", "/suites/1"],
      ["a preset that there is not", "preset: strict\n", "1:9", "/preset"],
      ["a time without a unit", "timeout: 90\n", "1:10", "/timeout"],
      ["a list instead of keys", "- seed\n", "1:1", "object"],
      ["a key that is there twice", "seed: 1\nseed: 2\n", "2:1", "unique"],
      ["brackets that do not close", "suites: [a, b\nseed: 1\n", "2:", "YAML"],
      ["two documents", "seed: 1\n---\nseed: 2\n", "2:1", "YAML"]
    ] as const
  )("shows the place of %s", ([, text, place, word]) =>
    Effect.gen(function*() {
      const problem = yield* problemOf(text)
      assert.deepStrictEqual([problem._tag, problem.reason], ["UsageProblem", "config"])
      assert.include(problem.message, `driftgate.yaml:${place}`)
      assert.include(problem.message, word)
    }))

  it.effect("with an unknown key says which there are", () =>
    Effect.gen(function*() {
      const { fix } = yield* problemOf("suits: []\n")
      assert.include(fix, "suites")
      assert.include(fix, "timeout")
    }))

  it.effect("with an alias of nothing is no defect", () =>
    Effect.gen(function*() {
      assert.include((yield* problemOf("suites: *all\n")).message, "this is not YAML")
    }))

  it.effect("with aliases that would fill the memory is refused", () =>
    Effect.gen(function*() {
      // Each line repeats the one before ten times: 10^8 items.
      const bomb = Array.from({ length: 8 }, (_, i) =>
        `l${i + 1}: &l${i + 1} [${Array.from({ length: 10 }, () => i === 0 ? "x" : `*l${i}`).join(", ")}]`)
      assert.strictEqual((yield* problemOf(bomb.join("\n"))).reason, "config")
    }))
})

describe("a length of time", () => {
  it("is a number of its unit", () => {
    assert.deepStrictEqual(["250ms", "90s", "2m", "3h"].map(durationMillis), [250, 90_000, 120_000, 10_800_000])
    for (const text of ["", "90", "0s", "1.5s", "-1s", " 1s", "1 s", "1d", "1S", "ms"]) {
      assert.isUndefined(durationMillis(text), text)
    }
  })
})
