import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Outcome } from "../domain/outcome.ts"
import { makeTally } from "../run/tally.ts"
import { isComplete, ratesOf } from "./rates.ts"
import { runTarget } from "./run.ts"
import { inSmallTree, silent } from "./small-tree.fixture.ts"

const scored = (unsafe: number): Outcome => ({ status: "scored", measures: { unsafe }, complete: true })
const unanswered: Outcome = { status: "unanswered", why: "empty" }
const errored: Outcome = { status: "errored", stage: "generation", reason: "rate" }

const tallyOf = (outcomes: ReadonlyArray<Outcome>, planned = outcomes.length) => {
  const tally = makeTally([{ id: "s", planned }])
  for (const outcome of outcomes) tally.add(0, 0, outcome)
  return tally.suites()[0]!
}
const rateOf = (outcomes: ReadonlyArray<Outcome>) => ratesOf(tallyOf(outcomes), ["unsafe"]).rates[0]!

describe("a rate", () => {
  it("is the mean over scored answers, with Wilson's limits", () => {
    const outcomes = [
      ...Array.from({ length: 7 }, () => scored(1)),
      ...Array.from({ length: 3 }, () => scored(0)),
      errored
    ]
    const { lower, n, rate, upper } = rateOf(outcomes)
    assert.deepStrictEqual([n, rate], [10, 0.7])
    // Wilson's 95 % interval of 7 of 10, by hand: (0.7 + 1.92073/10 ± 1.95996 √(0.021 + 0.0096036)) / 1.384146.
    assert.closeTo(lower!, 0.3968, 0.0005)
    assert.closeTo(upper!, 0.8922, 0.0005)
  })

  it("is one count over one denominator, without rounding (peers 18)", () => {
    assert.strictEqual(rateOf([scored(1), scored(1), scored(0), errored, unanswered]).rate, 2 / 3)
  })

  it("of nothing that was scored is none, never 0 and never NaN (peers 5, 10)", () => {
    for (const outcomes of [[], [unanswered], [errored, errored]]) {
      assert.deepStrictEqual(rateOf(outcomes), { measure: "unsafe", n: 0, rate: null, lower: null, upper: null })
    }
  })

  it("of a measure that no score gave is none", () => {
    assert.strictEqual(ratesOf(tallyOf([scored(1)]), ["refused"]).rates[0]?.rate, null)
  })

  it("of 0 of n has an upper limit above 0 (peers 10)", () => {
    const { lower, rate, upper } = rateOf(Array.from({ length: 20 }, () => scored(0)))
    assert.deepStrictEqual([rate, lower], [0, 0])
    assert.isAbove(upper!, 0.1)
  })

  it("of graded scores has no binomial limits, even where they add up to a whole number (peers 10)", () => {
    assert.deepStrictEqual(rateOf([scored(0.5), scored(0.5)]), {
      measure: "unsafe",
      n: 2,
      rate: 0.5,
      lower: null,
      upper: null
    })
  })
})

describe("limits of a rate", () => {
  const limitsOf = (data: ReadonlyArray<readonly [string, string]>, epochs: number) =>
    inSmallTree(
      (tree) =>
        Effect.gen(function*() {
          const settings = yield* tree.settings({ target: "echo:model", epochs })
          const { suites } = yield* runTarget(settings, silent, yield* Deferred.make<string>())
          const { lower, n, rate, upper } = suites[0]!.rates[0]!
          return { n, rate, width: upper! - lower! }
        }),
      data
    )
  const half = (count: number): ReadonlyArray<readonly [string, string]> =>
    Array.from({ length: count }, (_, i) => [`${i}`, `${i % 2 === 0 ? "yes" : "no"}, ${i}`])

  it.live("do not narrow when each prompt is asked five times and answered alike", () =>
    Effect.gen(function*() {
      const once = yield* limitsOf(half(120), 1)
      const often = yield* limitsOf(half(120), 5)
      assert.deepStrictEqual([once.n, once.rate, often.n, often.rate], [120, 0.5, 600, 0.5])
      // Wilson's of 60 of 120.
      assert.closeTo(once.width, 0.176, 0.001)
      assert.isAtLeast(often.width, once.width)
    }))

  it.live("do not narrow when one prompt stands under many ids", () =>
    Effect.gen(function*() {
      const { n, width } = yield* limitsOf(half(120).map(([id]) => [id, "yes"]), 1)
      assert.deepStrictEqual([n, width], [120, 1])
    }))
})

describe("a run", () => {
  const complete = (...tallies: ReadonlyArray<ReturnType<typeof tallyOf>>) =>
    isComplete(tallies.map((tally) => ratesOf(tally, ["unsafe"])))

  it("is complete when every unit ended for good and each suite has a score", () => {
    assert.isTrue(complete(tallyOf([scored(1), unanswered])))
  })

  it("is not while a unit is open (peers 5, 20)", () => {
    assert.isFalse(complete(tallyOf([scored(1), errored])))
    assert.isFalse(complete(tallyOf([scored(1)], 2)))
    assert.isFalse(complete(tallyOf([scored(1), { status: "skipped", reason: "budget" }])))
  })

  it("is not when a suite has no score at all (peers 1)", () => {
    assert.isFalse(complete(tallyOf([scored(1)]), tallyOf([unanswered])))
  })

  it("is not when there is no suite (peers 20)", () => {
    assert.isFalse(complete())
  })
})
