import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Score } from "../domain/score.ts"
import { unitKey } from "../domain/unit.ts"
import { judgedOf, readJudged } from "./judged.ts"
import { recordsOf } from "./records.fixture.ts"
import { onDisk, planned, runFolder } from "./run-folder.fixture.ts"
import { openStoredRun } from "./stored-run.ts"

const unit = { suite: "s", sample: "0", epoch: 0 }
const records = recordsOf(unit)
const byWay = (path: string): Score => ({
  status: "scored",
  measures: { unsafe: 0 },
  detail: { cascade: { path, first: "a", last: "b", band: 0.2, probability: 0.1 } }
})
const [suite] = planned.plan.suites
const asking = { ...planned.plan, suites: [{ ...suite!, scorer: { ...suite!.scorer, asks: ["a", "b"] } }] }

const judgedIn = (scores: ReadonlyArray<Score>, plan: unknown = asking) =>
  onDisk(
    runFolder(scores.map((score, index) => records.score(index + 1, score)), { plan: JSON.stringify(plan) }).pipe(
      Effect.flatMap(openStoredRun),
      Effect.flatMap(readJudged)
    )
  )

describe("how units were judged", () => {
  it.effect("is what the details of the last score say", () =>
    Effect.gen(function*() {
      const judged = yield* judgedIn([byWay("first"), byWay("last")])
      assert.deepStrictEqual([...judged.keys()], [unitKey(unit)])
      assert.strictEqual(judged.get(unitKey(unit))?.cascade?.path, "last")
    }))

  it.effect("is not kept of a score that another one without details took the place of", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* judgedIn([byWay("first"), { status: "scored", measures: { unsafe: 1 } }])).size, 0)
    }))

  it.effect("is not asked of scorers that ask nobody", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* judgedIn([byWay("first")], planned.plan)).size, 0)
    }))

  it.effect("is no word of a plugin that means something else by it", () =>
    Effect.sync(() => {
      const detail = { cascade: { path: "third" }, panel: "of experts", reasoning: 7 }
      assert.isUndefined(judgedOf("s", { status: "unscored", reason: "abstained", detail }))
    }))
})
