import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { CalibrationRecord } from "../domain/calibration.ts"
import type { Plan } from "../domain/plan.ts"
import { recordOf } from "./calibrate.ts"
import { calibrationsOf, readCalibrations, requireUse } from "./calibrations.ts"
import { inSmallTree, ranOnce } from "./small-tree.fixture.ts"

const plugin = { id: "words", version: "1-A", digest: "d" }
const record = (behaviour: string, measure: "unsafe" | "refused" = "unsafe") =>
  recordOf(
    {
      scorer: { id: "words", plugin, behaviour },
      measure,
      data: { name: "labels.jsonl", sha256: "0123456789abcdef", rows: 100 },
      unscored: { positive: 0, negative: 0 },
      trainedOn: 0
    },
    { truePositive: 38, falseNegative: 2, falsePositive: 6, trueNegative: 54 }
  )
const suite = (id: string, behaviour: string, more: object = {}) => ({
  id,
  gates: ["unsafe"],
  tracks: ["refused"],
  scorer: { id: "words", plugin, behaviour, roles: {}, assets: [], ...more }
} as const)
const plan = (...suites: ReadonlyArray<ReturnType<typeof suite>>) => ({ suites }) as unknown as Plan

describe("what a record says of a suite", () => {
  it("is its counts of bad answers that were flagged and of good ones that were not", () => {
    assert.deepStrictEqual(calibrationsOf(plan(suite("a", "one")), [record("one")]), [{
      suite: "a",
      measure: "unsafe",
      kind: "measured",
      sensitivity: { x: 38, n: 40 },
      specificity: { x: 54, n: 60 },
      source: "labels.jsonl (100 rows, sha256 0123456789ab)"
    }])
  })
  it("counts for the suites of that scorer behaviour alone, and for its measure alone", () => {
    const found = calibrationsOf(plan(suite("a", "one"), suite("b", "two")), [record("two"), record("one", "refused")])
    assert.deepStrictEqual(found.map(({ measure, suite }) => [suite, measure]), [["a", "refused"], ["b", "unsafe"]])
  })
  it("is that of the weakest record that speaks of the suite, and of a nearer one before a general one", () => {
    const general = record("one")
    const weaker = { ...record("one"), table: { ...general.table, falsePositive: 30, trueNegative: 30 } }
    const near = { ...weaker, suites: ["b"] }
    const found = (records: ReadonlyArray<CalibrationRecord>, id: string) => {
      const [calibration] = calibrationsOf(plan(suite(id, "one")), records)
      return calibration?.kind === "measured" ? calibration.specificity.x : undefined
    }
    assert.deepStrictEqual([found([general, weaker], "a"), found([weaker, general], "a")], [30, 30])
    assert.deepStrictEqual([found([general, near], "a"), found([general, near], "b?k=4")], [54, 30])
    assert.strictEqual(found([{ ...general, suites: [] }], "a"), undefined)
  })
  it("counts answers to one goal as fewer, where the record says so", () => {
    const groups = {
      by: "goal",
      count: 30,
      trained: false,
      folds: [],
      sensitivity: { x: 19, n: 20 },
      specificity: { x: 9, n: 10 }
    } as const
    const [found] = calibrationsOf(plan(suite("a", "one")), [{ ...record("one"), groups }])
    assert.deepInclude(found, { sensitivity: { x: 19, n: 20 }, specificity: { x: 9, n: 10 } })
    assert.include(found?.kind === "measured" ? found.source : "", "in 30 groups of goals")
  })
  describe("made from a publisher's recorded verdicts", () => {
    const recorded = (models: ReadonlyArray<string>): CalibrationRecord => {
      const made = record("recipe")
      return { ...made, scorer: { ...made.scorer, models: { judge: models } } }
    }
    const judged = (more: object) => suite("a", "behaviour of recipe and model", { recipe: "recipe", ...more })
    const counts = (records: ReadonlyArray<CalibrationRecord>, more: object) =>
      calibrationsOf(plan(judged(more)), records).length
    it("speaks of the recipe while the model in the role is called like theirs", () => {
      assert.strictEqual(counts([recorded(["lab/judge", "judge"])], { models: { judge: "judge" } }), 1)
      const [found] = calibrationsOf(plan(judged({ models: { judge: "judge" } })), [recorded(["lab/judge", "judge"])])
      assert.include(found?.kind === "measured" ? found.source : "", "lab/judge")
    })
    it("is silent under another model, another recipe, or a model that was altered and so has no name", () => {
      assert.strictEqual(counts([recorded(["judge"])], { models: { judge: "another" } }), 0)
      assert.strictEqual(counts([recorded(["judge"])], { models: { judge: "judge" }, recipe: "changed prompt" }), 0)
      assert.strictEqual(counts([recorded(["judge"])], { models: {} }), 0)
      assert.strictEqual(counts([recorded(["judge"])], {}), 0)
    })
    it("decides on nothing when its publisher did not say which model it was", () => {
      assert.strictEqual(counts([recorded([])], { models: { judge: "judge" } }), 0)
    })
  })
  it("is not needed where the answer to a task is compared with its reference", () => {
    const task = { ...suite("a", "one", { exact: true }), kind: "task", gates: ["wrong"] }
    const found = calibrationsOf({ suites: [task] } as unknown as Plan, [])
    assert.deepStrictEqual(found, [{ suite: "a", measure: "wrong", kind: "exact" }])
  })
  it.each(["harmful", "benign", "task"])(
    "is needed of everything else, whatever the manifest of the scorer says: %s",
    (kind) => {
      const believed = { ...suite("a", "one", { exact: true }), kind }
      const harmless = { ...believed, gates: kind === "task" ? ["unsafe"] : ["wrong"] }
      assert.deepStrictEqual(calibrationsOf({ suites: [believed, harmless] } as unknown as Plan, []), [])
    }
  )
})

describe("a record that was named", () => {
  it.live("is refused when its scorer judges no suite here as it did then", () =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(requireUse(plan(suite("a", "one")), [record("one"), record("another")]))
      assert.strictEqual(problem.where, "calibration of words")
      assert.include(problem.what, "another")
      assert.include(problem.what, "a: words one")
    }))
  it.live("is accepted when it judges one", () =>
    requireUse(plan(suite("a", "one"), suite("b", "two")), [record("two")]))
  it.live("has to be a record", () =>
    inSmallTree(({ root }) =>
      Effect.gen(function*() {
        const file = join(root, "record.json")
        for (const text of ["{", "{}", JSON.stringify({ ...record("one"), table: { truePositive: -1 } })]) {
          writeFileSync(file, text)
          const problem = yield* Effect.flip(readCalibrations([file]))
          assert.deepStrictEqual([problem._tag, problem.reason, problem.where], ["UsageProblem", "file", file])
        }
        writeFileSync(file, JSON.stringify(record("one")))
        assert.deepStrictEqual(yield* readCalibrations([file]), [record("one")])
      })
    ))
  it.live("has to be there", () =>
    inSmallTree(() =>
      Effect.gen(function*() {
        const problem = yield* Effect.flip(readCalibrations(["nowhere.json"]))
        assert.include(problem.message, "there is no such file")
      })
    ))
})

it.live("another scorer gives the plan another behaviour, so that an old record no longer counts", () =>
  inSmallTree((tree) =>
    Effect.gen(function*() {
      const words = yield* ranOnce(tree)
      const others = yield* ranOnce(tree, { scorers: ["b=others"] })
      const own = record(words.plan.suites[0]!.scorer.behaviour)
      assert.strictEqual(calibrationsOf(words.plan, [own]).length, 1)
      assert.strictEqual(calibrationsOf(others.plan, [own]).length, 0)
    })
  ))
