import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { CalibrationRecord } from "../domain/calibration.ts"
import { sha256 } from "../domain/digest.ts"
import type { UsageProblem } from "../domain/problem.ts"
import { calibrate, recordOf } from "./calibrate.ts"
import { inSmallTree } from "./small-tree.fixture.ts"

const head = {
  scorer: { id: "words", plugin: { id: "words", version: "1-A", digest: "d" }, behaviour: "b" },
  measure: "unsafe",
  data: { name: "labels.jsonl", sha256: "s", rows: 0 },
  unscored: { positive: 0, negative: 0 },
  trainedOn: 0
} as const
const of = (truePositive: number, falseNegative: number, falsePositive: number, trueNegative: number) =>
  recordOf(head, { truePositive, falseNegative, falsePositive, trueNegative })

const isRecord = Schema.is(CalibrationRecord)

describe("a record", () => {
  it("agrees with a published table", () => {
    const { agreement, kappa } = of(20, 5, 10, 15)
    // Fleiss, Cohen, Everitt 1969, by gate.md B9: kappa 0.4, 95 % (0.151092, 0.648908).
    assert.deepStrictEqual([agreement, kappa.estimate?.toFixed(6), kappa.lower?.toFixed(6), kappa.upper?.toFixed(6)], [
      0.7,
      "0.400000",
      "0.151092",
      "0.648908"
    ])
  })
  it("shows agreement beside a kappa that collapses when few answers are bad", () => {
    const { ac1, agreement, kappa } = of(2, 3, 2, 93)
    // gate.md B7.
    assert.deepStrictEqual([agreement, kappa.estimate?.toFixed(3), ac1?.toFixed(3)], [0.95, "0.419", "0.945"])
  })
  it("has exact limits for Se and Sp at half a percent each side, and J from the two lower ones", () => {
    const { sensitivity, specificity, youden } = of(45, 5, 10, 140)
    // scipy.stats.beta.ppf: (0.005, 45, 6), (0.995, 46, 5), (0.005, 140, 11), (0.995, 141, 10).
    const limits = [sensitivity, specificity].map(({ lower, upper }) => [lower?.toFixed(6), upper?.toFixed(6)])
    assert.deepStrictEqual(limits, [["0.741950", "0.977782"], ["0.862717", "0.974771"]])
    assert.strictEqual(youden.estimate?.toFixed(6), (45 / 50 + 140 / 150 - 1).toFixed(6))
    assert.strictEqual(youden.lower?.toFixed(6), "0.604667")
  })
  it("corrects the flagged rate of its own rows to the labelled one", () => {
    const { prevalence } = of(45, 5, 10, 140)
    assert.deepStrictEqual([prevalence.labelled, prevalence.flagged], [0.25, 0.275])
    assert.closeTo(prevalence.corrected!, 0.25, 1e-12)
  })
  it("has nulls, and no number that was made up, where labels know one kind only", () => {
    const safe = of(0, 0, 3, 97)
    assert.deepStrictEqual(safe.sensitivity, { estimate: null, lower: null, upper: null })
    assert.deepStrictEqual(safe.youden, { estimate: null, lower: null, upper: null })
    assert.deepStrictEqual(safe.kappa, { estimate: null, lower: null, upper: null })
    assert.deepStrictEqual([safe.prevalence.corrected, safe.prevalence.interval], [null, null])
    assert.deepStrictEqual([safe.specificity.estimate, safe.agreement], [0.97, 0.97])
    const unsafe = of(50, 1, 0, 0)
    assert.deepStrictEqual(unsafe.specificity, { estimate: null, lower: null, upper: null })
    assert.strictEqual(unsafe.youden.lower, null)
  })
  it("holds finite numbers or nulls whatever the table, and is what its schema says", () => {
    const tables = [0, 1, 40].flatMap((a) =>
      [0, 1, 40].flatMap((b) => [0, 1, 40].flatMap((c) => [0, 1, 40].map((d) => [a, b, c, d] as const)))
    )
    for (const table of tables) {
      const record = of(...table)
      assert.isTrue(isRecord(record), table.join())
      // NaN and infinities become null on the way through JSON.
      assert.deepStrictEqual(JSON.parse(JSON.stringify(record)), record, table.join())
    }
  })
  it("has no interval for the corrected rate while the labels are too few for one", () => {
    const { corrected, interval } = of(1, 0, 1, 1).prevalence
    // Se 1, Sp 1/2; with a hit and a miss more each 2/3 + 2/4 - 1 is above 0: an interval. With 40 misses it is not.
    assert.isNotNull(interval)
    assert.closeTo(corrected!, 1 / 3, 1e-12)
    const few = of(1, 40, 0, 1).prevalence
    assert.deepStrictEqual([few.interval, few.corrected === null], [null, false])
  })
  it("of a judge that is no better than chance has no corrected rate", () => {
    assert.strictEqual(of(10, 10, 10, 10).prevalence.corrected, null)
    assert.strictEqual(of(5, 15, 15, 5).prevalence.corrected, null)
  })
})

const row = (id: number, response: string, unsafe?: 0 | 1) => ({
  id,
  response,
  labels: unsafe === undefined ? {} : { unsafe }
})
const calibrating = (rows: ReadonlyArray<unknown>, scorer = "words", measure: "unsafe" | "wrong" = "unsafe") =>
  inSmallTree((tree) =>
    Effect.gen(function*() {
      const text = rows.map((one) => (typeof one === "string" ? one : JSON.stringify(one)) + "\n").join("")
      const labels = join(tree.root, "labels.jsonl")
      writeFileSync(labels, text)
      return { record: yield* calibrate({ scorer, labels, measure, settings: yield* tree.settings() }), text }
    })
  )
const problemOf = (...args: Parameters<typeof calibrating>) =>
  Effect.map(Effect.flip(calibrating(...args)), (error) => error as UsageProblem)

describe("calibrating", () => {
  it.effect("counts labels against flags and names the labels by their digest", () =>
    Effect.gen(function*() {
      const { record, text } = yield* calibrating([
        row(1, "yes", 1),
        row(2, "well", 1),
        row(3, "well", 1),
        row(4, "yes", 0),
        row(5, "well", 0)
      ])
      assert.deepStrictEqual(record.table, { truePositive: 1, falseNegative: 2, falsePositive: 1, trueNegative: 1 })
      assert.deepStrictEqual(record.data, { name: "labels.jsonl", sha256: sha256(text), rows: 5 })
      assert.deepStrictEqual(record.unscored, { positive: 0, negative: 0 })
    }))
  it.effect("leaves out answers that the scorer says it was trained on, and counts them", () =>
    Effect.gen(function*() {
      const { record } = yield* calibrating([row(1, "yes", 1), row(2, "yes, as learnt", 1), row(3, "well", 0)])
      assert.deepStrictEqual(record.table, { truePositive: 1, falseNegative: 0, falsePositive: 0, trueNegative: 1 })
      assert.deepStrictEqual([record.trainedOn, record.data.rows], [1, 3])
    }))
  it.effect("takes the rate behind the flags from answers without a label", () =>
    Effect.gen(function*() {
      const flags = (from: number, many: number, word: string, unsafe?: 0 | 1) =>
        Array.from({ length: many }, (_, i) => row(from + i, word, unsafe))
      const { record } = yield* calibrating([
        ...flags(0, 90, "yes", 1),
        ...flags(100, 10, "well", 1),
        ...flags(200, 30, "yes", 0),
        ...flags(300, 70, "well", 0),
        ...flags(400, 400, "yes"),
        ...flags(1_000, 600, "well")
      ])
      assert.strictEqual(record.data.rows, 200)
      // Rogan-Gladen by hand: (0.4 + 0.7 - 1) / (0.9 + 0.7 - 1), as in the example of Lee et al.
      assert.closeTo(record.unlabelled!.corrected!, 1 / 6, 1e-12)
      const { estimate, lambda } = record.unlabelled!.predictionPowered!
      // PPI++ by hand: lambda * 0.4 + 0.5 - lambda * 0.6.
      assert.closeTo(estimate, 0.5 - 0.2 * lambda, 1e-12)
      assert.isTrue(lambda > 0 && lambda <= 1)
    }))
  it.effect("keeps answers without a score out of every rate, and counts them by label", () =>
    Effect.gen(function*() {
      const { record } = yield* calibrating([
        row(1, "yes", 1),
        row(2, "well", 0),
        row(3, "unclear", 1),
        row(4, "unclear", 1),
        row(5, "", 0)
      ])
      assert.deepStrictEqual(record.table, { truePositive: 1, falseNegative: 0, falsePositive: 0, trueNegative: 1 })
      assert.deepStrictEqual([record.unscored, record.data.rows], [{ positive: 2, negative: 1 }, 5])
    }))
  it.effect("makes no record where a judge failed on a line, and says how it failed", () =>
    Effect.gen(function*() {
      const rows = [row(1, "yes", 1), row(2, "well", 0), row(3, "gone", 1), row(4, "gone")]
      const error = yield* Effect.flip(calibrating(rows))
      assert.strictEqual(error._tag, "NotJudged")
      const failures = [{ reason: "deadline", count: 2, message: "the judge did not answer" }]
      assert.deepStrictEqual("failures" in error ? error.failures : undefined, failures)
    }))
  it.effect("names the line of labels that a judge would be shown without a request", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([{ ...row(1, "yes", 1), goal: "g" }, row(2, "well", 0)], "judged")
      assert.include(problem.where, "labels.jsonl, line 2")
      assert.include(problem.what, "no goal")
    }))
  it.effect("passes over lines that have no label of the measure", () =>
    Effect.gen(function*() {
      const { record } = yield* calibrating([row(1, "yes", 1), row(2, "yes")])
      assert.strictEqual(record.data.rows, 1)
    }))
  it.effect("speaks of the behaviour of the scorer", () =>
    Effect.gen(function*() {
      const rows = [row(1, "yes", 1), row(2, "well", 0)]
      const [words, others] = [yield* calibrating(rows), yield* calibrating(rows, "others")]
      assert.notStrictEqual(words.record.scorer.behaviour, others.record.scorer.behaviour)
    }))
  it.effect("fails when no line is labelled for the measure", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([row(1, "yes")])
      assert.include(problem.message, "no line has a label of unsafe")
    }))
  it.effect("names the line whose label is neither 0 nor 1", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([row(1, "yes", 1), { id: 2, response: "well", labels: { unsafe: true } }])
      assert.include(problem.where, "labels.jsonl, line 2")
    }))
  it.effect("fails for a measure that the scorer does not give", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf([row(1, "yes", 1)], "words", "wrong")
      assert.deepStrictEqual([problem.reason, problem.what], ["scorer", "this scorer gives unsafe"])
    }))
})
