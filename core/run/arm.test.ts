import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { isOpen, readStates, unitNumbers } from "./arm.ts"
import { frozen, samples, suiteToPlan } from "./plan.fixture.ts"
import { journalText, recordsOf, session } from "./records.fixture.ts"
import { onDisk, planned, runFolder } from "./run-folder.fixture.ts"

const first = recordsOf({ suite: "s", sample: "0", epoch: 0 })
const states = (folder: string) => onDisk(readStates(planned, planned.suites, join(folder, "journal.ndjson")))

describe("the numbers of units", () => {
  const { plan } = frozen([suiteToPlan("a", samples(5), { epochs: 3 }), suiteToPlan("b", samples(4))])

  it("are 0 to n - 1, each once", () => {
    const numbers = unitNumbers(plan)
    const all = [...numbers.order()].map(numbers.of)
    assert.strictEqual(numbers.count, 19)
    assert.deepStrictEqual(all.toSorted((a, b) => a - b), Array.from({ length: 19 }, (_, i) => i))
  })
})

describe("where the units of a run stand", () => {
  it.effect("is read from its journal", () =>
    Effect.gen(function*() {
      const second = recordsOf({ suite: "s", sample: "1", epoch: 0 })
      const found = yield* states(yield* runFolder([first.generation(), first.score(), second.generation()]))
      assert.strictEqual(found.get(0)?.outcome?.status, "scored")
      assert.isFalse(isOpen(found, 0))
      assert.isUndefined(found.get(1)?.outcome)
      assert.isTrue(isOpen(found, 1))
    }))

  it.effect("in a journal that was never written to is nowhere", () =>
    Effect.gen(function*() {
      const found = yield* states(yield* runFolder([], { journal: "" }))
      assert.strictEqual(found.size, 0)
      assert.isTrue(isOpen(found, 0))
    }))

  it.effect.each(
    [
      ["a suite", { suite: "t", sample: "0", epoch: 0 }],
      ["a sample", { suite: "s", sample: "2", epoch: 0 }],
      ["a repetition", { suite: "s", sample: "0", epoch: 1 }]
    ] as const
  )("with %s that was not planned is an error that names the line", ([, unit]) =>
    Effect.gen(function*() {
      const folder = yield* runFolder([first.generation(), recordsOf(unit).generation()])
      const problem = yield* Effect.flip(states(folder))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
      assert.include(problem.message, "line 3: ")
    }))

  it.effect("ended twice in one attempt is an error that names the line", () =>
    Effect.gen(function*() {
      const folder = yield* runFolder([first.generation(), first.score(), first.skip()])
      const problem = yield* Effect.flip(states(folder))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
      assert.include(problem.message, "line 4: a skip after the unit had ended in attempt 1")
    }))

  it.effect("written for another plan is an error and never read as this one's (peers 13)", () =>
    Effect.gen(function*() {
      const journal = journalText(session("0".repeat(64)), first.generation(), first.score())
      const problem = yield* Effect.flip(states(yield* runFolder([], { journal })))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
      assert.include(problem.message, "line 1: written for another plan")
      assert.include(problem.message, planned.planDigest)
    }))
})
