import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { emptyFolder } from "./folder.fixture.ts"
import { journalText, recordsOf, session } from "./records.fixture.ts"
import { onDisk, planned, runFolder } from "./run-folder.fixture.ts"
import { openStoredRun, readResults, readUnits } from "./stored-run.ts"

const first = recordsOf({ suite: "s", sample: "0", epoch: 0 })
const second = recordsOf({ suite: "s", sample: "1", epoch: 0 })
const results = (folder: string) => onDisk(Effect.flatMap(openStoredRun(folder), readResults))
const statuses = (folder: string) =>
  Effect.map(
    results(folder),
    (found) => Object.fromEntries(found.map(({ outcome, unit }) => [unit.sample, outcome.status]))
  )

describe("a stored run", () => {
  it.effect("is its plan and the digest of the plan's bytes", () =>
    Effect.gen(function*() {
      const run = yield* onDisk(Effect.flatMap(runFolder([]), openStoredRun))
      assert.deepStrictEqual(run.plan, planned.plan)
      assert.strictEqual(run.planDigest, planned.planDigest)
    }))

  it.effect("is not any folder", () =>
    Effect.gen(function*() {
      const folder = yield* emptyFolder
      const problem = yield* onDisk(Effect.flip(openStoredRun(folder)))
      assert.deepStrictEqual([problem._tag, problem.reason, problem.where], ["UsageProblem", "file", folder])
    }))

  it.effect.each(["", "{", "[]", "{\"schema\":\"driftgate.plan/2\"}"])(
    "with the plan %s is invalid",
    (plan) =>
      Effect.gen(function*() {
        const problem = yield* onDisk(Effect.flip(Effect.flatMap(runFolder([], { plan }), openStoredRun)))
        assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-plan"])
        assert.notInclude(problem.what, "\n")
      })
  )

  it.effect("gives its units in the order of the plan", () =>
    Effect.gen(function*() {
      const run = yield* onDisk(Effect.flatMap(runFolder([]), openStoredRun))
      const units = yield* onDisk(readUnits(run).pipe(Stream.flattenIterable, Stream.runCollect))
      assert.strictEqual([...units].map((unit) => JSON.stringify(unit) + "\n").join(""), planned.units)
    }))
})

describe("the results of a stored run", () => {
  it.effect("say how each unit ended, and that one has not (peers 5)", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* statuses(yield* runFolder([first.generation(), first.score(), second.generation()])),
        {
          0: "scored",
          1: "pending"
        }
      )
    }))

  it.effect("of a run that was never begun are all pending", () =>
    Effect.gen(function*() {
      const folder = yield* runFolder([])
      rmSync(join(folder, "journal.ndjson"))
      assert.deepStrictEqual(yield* statuses(folder), { 0: "pending", 1: "pending" })
    }))

  it.effect("count the last attempt", () =>
    Effect.gen(function*() {
      const folder = yield* runFolder([
        first.error(),
        first.generation(2),
        first.score(2),
        second.skip(),
        second.error(2)
      ])
      assert.deepStrictEqual(yield* statuses(folder), { 0: "scored", 1: "errored" })
    }))

  it.effect.each(
    [
      ["with a unit missing", planned.units.split("\n").slice(1).join("\n")],
      ["with a unit changed", planned.units.replace("\"sample\":\"0\"", "\"sample\":\"9\"")],
      ["that are gone", ""]
    ] as const
  )("for units %s are refused: nobody would miss what is missing (peers 5)", ([, units]) =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(results(yield* runFolder([first.generation(), first.score()], { units })))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-plan"])
      assert.include(problem.message, planned.plan.units.sha256)
    }))

  it.effect.each(
    [
      [
        "that is not needed once it was scored",
        [first.generation(), first.score(), first.skip()],
        "line 4: a skip after"
      ],
      [
        "that is judged again in one attempt",
        [first.generation(), first.score(), first.score()],
        "line 4: a score after"
      ],
      ["that begins anew once it had ended", [first.generation(), first.score(), first.skip(2)], "line 4: attempt 2 of"]
    ] as const
  )("with a unit %s are refused", ([, records, fault]) =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(results(yield* runFolder(records)))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
      assert.include(problem.message, fault)
    }))

  it.effect("before any session, or of a unit that was not planned, are refused", () =>
    Effect.gen(function*() {
      const bare = yield* Effect.flip(results(yield* runFolder([], { journal: journalText(first.generation()) })))
      assert.include(bare.message, "line 1: a generation before any session")
      const strange = recordsOf({ suite: "s", sample: "9", epoch: 0 }).skip()
      assert.include((yield* Effect.flip(results(yield* runFolder([strange])))).message, "s 9 #0 is not planned")
    }))

  it.effect("of a journal for another plan are refused", () =>
    Effect.gen(function*() {
      const journal = journalText(
        session(planned.planDigest),
        first.generation(),
        session("0".repeat(64)),
        first.score()
      )
      const problem = yield* Effect.flip(results(yield* runFolder([], { journal })))
      assert.include(problem.message, "line 3: written for another plan")
    }))
})
