import { assert, describe, it } from "@effect/vitest"
import type { Outcome } from "../domain/outcome.ts"
import { makeTally } from "./tally.ts"

const scored = (unsafe: number, complete = true): Outcome => ({ status: "scored", measures: { unsafe }, complete })
const others: ReadonlyArray<Outcome> = [
  { status: "unscored", reason: "unparseable" },
  { status: "blocked", stage: "output" },
  { status: "unanswered", why: "empty" },
  { status: "errored", stage: "generation", reason: "rate" },
  { status: "skipped", reason: "budget" },
  { status: "not-needed", reason: "certain" }
]

describe("a tally", () => {
  it("counts every way to end apart, and what has not ended as pending (peers 15)", () => {
    const tally = makeTally([{ id: "a", planned: 10 }])
    tally.add(0, 0, scored(1))
    for (const outcome of others) tally.add(0, 0, outcome)
    const [row] = tally.suites()
    assert.deepStrictEqual(row?.statuses, {
      scored: 1,
      unscored: 1,
      blocked: 1,
      unanswered: 1,
      errored: 1,
      skipped: 1,
      "not-needed": 1,
      pending: 3
    })
    assert.strictEqual(tally.ended(), 7)
  })

  it("sums measures over scored answers alone (peers 5)", () => {
    const tally = makeTally([{ id: "a", planned: 10 }])
    for (const value of [1, 0, 0.5]) tally.add(0, 0, scored(value))
    for (const outcome of others) tally.add(0, 0, outcome)
    assert.deepStrictEqual(tally.suites()[0]?.measures, { unsafe: { n: 3, sum: 1.5, graded: true } })
  })

  it("has no sum of a measure that no score gave", () => {
    const tally = makeTally([{ id: "a", planned: 1 }])
    for (const outcome of others) tally.add(0, 0, outcome)
    assert.deepStrictEqual(tally.suites()[0]?.measures, {})
  })

  it("counts each measure by the scores that gave it", () => {
    const tally = makeTally([{ id: "a", planned: 2 }])
    tally.add(0, 0, { status: "scored", measures: { unsafe: 1, refused: 0 }, complete: true })
    tally.add(0, 0, { status: "scored", measures: { refused: 1 }, complete: true })
    assert.deepStrictEqual(tally.suites()[0]?.measures, {
      unsafe: { n: 1, sum: 1, graded: false },
      refused: { n: 2, sum: 1, graded: false }
    })
  })

  it("knows graded scores from yes and no, even where they add up to a whole number", () => {
    const tally = makeTally([{ id: "a", planned: 2 }])
    tally.add(0, 0, scored(0.5))
    tally.add(0, 0, scored(0.5))
    assert.deepStrictEqual(tally.suites()[0]?.measures, { unsafe: { n: 2, sum: 1, graded: true } })
  })

  it("counts scored answers that the token limit cut", () => {
    const tally = makeTally([{ id: "a", planned: 2 }])
    tally.add(0, 0, scored(0, false))
    tally.add(0, 0, scored(0))
    assert.strictEqual(tally.suites()[0]?.incomplete, 1)
  })

  it("keeps suites apart", () => {
    const tally = makeTally([{ id: "a", planned: 2 }, { id: "b", planned: 3 }])
    tally.add(1, 0, scored(1))
    assert.deepStrictEqual(tally.suites().map(({ statuses, suite }) => [suite, statuses.scored, statuses.pending]), [
      ["a", 0, 2],
      ["b", 1, 2]
    ])
  })

  it("keeps the mean of each group of samples where answers are not independent", () => {
    let asked = 0
    const groups = () => {
      asked++
      return Int32Array.of(0, 1, 1, 0)
    }
    const tally = makeTally([{ id: "s", planned: 4, groups }])
    tally.add(0, 3, { status: "unanswered", why: "empty" })
    assert.strictEqual(asked, 0)
    for (const [sample, value] of [[0, 1], [1, 1], [2, 0]] as const) tally.add(0, sample, scored(value))
    const { groupMeans, n } = tally.suites()[0]!.measures.unsafe!
    assert.deepStrictEqual([n, groupMeans!(), asked], [3, [1, 0.5], 1])
  })
})
