import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { isProblem, type UnavailableProblem, type UsageProblem } from "../domain/problem.ts"
import { calibrate } from "./calibrate.ts"
import { scoreLines } from "./score.ts"
import type { Flags } from "./settings.ts"
import { inSmallTree } from "./small-tree.fixture.ts"

const scoring = (rows: ReadonlyArray<unknown>, scorer = "words", flags: Partial<Flags> = {}) =>
  inSmallTree((tree) =>
    Effect.gen(function*() {
      const lines = Stream.fromIterable(rows.map((row) => typeof row === "string" ? row : JSON.stringify(row)))
      const scored = yield* scoreLines(scorer, yield* tree.settings(flags), lines)
      return { scored: yield* Stream.runCollect(scored), calls: tree.calls() }
    })
  )

const problemOf = (...args: Parameters<typeof scoring>) =>
  Effect.map(Effect.flip(scoring(...args)), (error) => {
    assert.isTrue(isProblem(error))
    return error as UsageProblem | UnavailableProblem
  })

describe("scoring lines", () => {
  it.effect("gives each line its measures and label, in the order in which they came", () =>
    Effect.gen(function*() {
      const { scored } = yield* scoring(
        Array.from({ length: 50 }, (_, id) => ({ id, response: id % 2 === 0 ? "yes" : "well" })),
        "words",
        { concurrency: 8 }
      )
      assert.deepStrictEqual(
        scored,
        Array.from({ length: 50 }, (_, id) => ({ id, status: "scored" as const, unsafe: 1 - id % 2, label: "words" }))
      )
    }))

  it.effect("keeps ids as they are, text or number", () =>
    Effect.gen(function*() {
      const { scored } = yield* scoring([{ id: "007", response: "x" }, { id: 7, response: "x" }])
      assert.deepStrictEqual(scored.map(({ id }) => id), ["007", 7])
    }))

  it.effect("says why a line has no score, and never gives one for an empty answer", () =>
    Effect.gen(function*() {
      const { scored } = yield* scoring([
        { id: 1, response: "" },
        { id: 2, response: "unclear" },
        { id: 3, response: "gone" }
      ])
      assert.deepStrictEqual(scored, [
        { id: 1, status: "unscored", reason: "empty" },
        { id: 2, status: "unscored", reason: "unparseable" },
        { id: 3, status: "unscored", reason: "errored: deadline" }
      ])
    }))

  it.effect("passes over blank lines", () =>
    Effect.gen(function*() {
      const { scored } = yield* scoring(["", { id: 1, response: "x" }, "  ", { id: 2, response: "y" }, ""])
      assert.strictEqual(scored.length, 2)
    }))

  it.effect("asks the judge in a scorer's role", () =>
    Effect.gen(function*() {
      const rows = [{ id: 1, goal: "g", response: "yes" }, { id: 2, goal: "g", response: "well" }]
      const { calls, scored } = yield* scoring(rows, "judged", { roles: ["judge=echo:judge"] })
      assert.deepStrictEqual(scored.map((row) => "unsafe" in row ? row["unsafe"] : undefined), [1, 0])
      assert.deepStrictEqual(calls, ["open judge", "ask judge", "ask judge"])
    }))
})

describe("a budget", () => {
  const rows = Array.from({ length: 20 }, (_, id) => ({ id, goal: "g", response: "yes" }))
  const flags = { roles: ["judge=echo:judge"], concurrency: 1 }

  it.effect("ends the scoring when it is spent", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf(rows, "judged", { ...flags, maxRequests: 2 })
      assert.deepStrictEqual([problem._tag, problem.reason], ["UnavailableProblem", "budget"])
      assert.include(problem.message, "2 requests are spent")
    }))

  it.effect("asks no judge more than it allows, and what was scored before is there", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const lines = Stream.fromIterable(rows.map((row) => JSON.stringify(row)))
        const scored: Array<unknown> = []
        const settings = yield* tree.settings({ ...flags, maxRequests: 2 })
        yield* scoreLines("judged", settings, lines).pipe(
          Effect.flatMap(Stream.runForEach((line) => Effect.sync(() => scored.push(line)))),
          Effect.flip
        )
        assert.deepStrictEqual([scored.length, tree.calls()], [2, ["open judge", "ask judge", "ask judge"]])
      })
    ))

  it.effect("ends a calibration, which rests on all its rows or on none", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const labels = join(tree.root, "labels.jsonl")
        writeFileSync(labels, rows.map((row) => JSON.stringify({ ...row, labels: { unsafe: 1 } }) + "\n").join(""))
        const settings = yield* tree.settings({ ...flags, maxRequests: 2 })
        const problem = yield* Effect.flip(calibrate({ scorer: "judged", labels, measure: "unsafe", settings }))
        assert.include(problem.message, "2 requests are spent")
      })
    ))
})

describe("a line that can't be read", () => {
  it.effect("is named by its number, blank lines counted", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([{ id: 1, response: "x" }, "", "{ not JSON"])
      assert.deepStrictEqual([problem._tag, problem.where], ["UsageProblem", "stdin, line 3"])
    }))

  it.effect("says which key is wrong and what was expected, and does not repeat what the model said", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([{ id: 1, response: "a secret that nobody should read", complete: "maybe" }])
      assert.strictEqual(problem.where, "stdin, line 1")
      assert.include(problem.what, "complete")
      assert.notInclude(problem.message, "secret")
    }))

  it.effect("is an error when it has a key that nobody reads, whose value is not repeated", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([{ id: 1, goal: "g", response: "x" }, {
        id: 2,
        prompt: "a secret",
        response: "x"
      }])
      assert.deepStrictEqual([problem._tag, problem.where], ["UsageProblem", "stdin, line 2"])
      assert.include(problem.what, "prompt")
      assert.include(problem.fix, "goal?")
      assert.notInclude(problem.message, "secret")
    }))

  it.effect("is an error when a judge would be shown an empty request", () =>
    Effect.gen(function*() {
      for (const line of [{ id: 2, response: "x" }, { id: 2, goal: " ", response: "x" }]) {
        const roles = ["judge=echo:judge"]
        const problem = yield* problemOf([{ id: 1, goal: "g", response: "x" }, line], "judged", { roles })
        assert.deepStrictEqual([problem._tag, problem.where], ["UsageProblem", "stdin, line 2"])
        assert.include(problem.what, "no goal")
      }
    }))

  it.effect("is an error when it has no response, which is not the same as an empty one", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([{ id: 1 }])
      assert.include(problem.what, "response")
    }))
})

describe("before anything is scored", () => {
  it.effect("an unknown scorer is an error", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* problemOf([], "wrods")).reason, "scorer")
    }))
  it.effect("a role without a model is an error that says where to set it", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([], "judged")
      assert.deepStrictEqual([problem.reason, problem.where], ["role", "roles.judge"])
    }))

  it.effect("a judge that is not on this machine needs consent, and is told how many lines it would be sent", () =>
    Effect.gen(function*() {
      const lines = [{ id: 1, goal: "g", response: "yes" }, "", { id: 2, goal: "g", response: "no" }]
      const far = { roles: ["judge=echo:far"] }
      const problem = yield* problemOf(lines, "judged", far)
      assert.strictEqual(problem.reason, "consent")
      assert.include(problem.what, "2 answers, with what was asked, would be sent to role judge (echo:far)")
      const { calls, scored } = yield* scoring(lines, "judged", { ...far, yes: true })
      assert.deepStrictEqual([scored.length, calls.filter((call) => call === "ask far").length], [2, 2])
    }))
})
