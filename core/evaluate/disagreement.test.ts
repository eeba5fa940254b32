import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { UnitResult } from "../run/stored-run.ts"
import { disagree, disagreementsOf } from "./disagreement.ts"
import { inSmallTree, ranOnce, silent } from "./small-tree.fixture.ts"

const result = (sample: string, outcome: UnitResult["outcome"]): UnitResult => ({
  unit: { suite: "a", sample, epoch: 0, prompt: "p", goal: "g", seed: 0 },
  outcome
})
const scored = (sample: string, unsafe: number) =>
  result(sample, { status: "scored", measures: { unsafe }, complete: true })
const lost = (sample: string) => result(sample, { status: "unscored", reason: "unparseable" })

describe("two scorers", () => {
  it("part where their scores lie on both sides of one half", () => {
    const { parted, suites } = disagreementsOf(
      [scored("1", 1), scored("2", 0.6), scored("3", 0), scored("4", 0)],
      [scored("1", 1), scored("2", 0.4), scored("3", 0), scored("4", 1)]
    )
    assert.deepStrictEqual(parted.map(({ first, second, unit }) => [unit.sample, first, second]), [["2", 0.6, 0.4], [
      "4",
      0,
      1
    ]])
    // [[1, 1], [1, 1]]: half agree, as they would by chance.
    assert.deepInclude(suites[0], { n: 4, agreement: 0.5, kappa: 0, firstOnly: 1, secondOnly: 1 })
  })
  it("agree on nothing that one of them gave no score, which is counted", () => {
    const { parted, suites } = disagreementsOf([scored("1", 0), lost("2"), scored("3", 0)], [
      lost("1"),
      scored("2", 0),
      scored("3", 0)
    ])
    assert.deepStrictEqual(parted, [])
    assert.deepInclude(suites[0], { n: 1, scoredByFirst: 1, scoredBySecond: 1, kappa: null })
  })
  it("that never score the same answer have no agreement, and no number for it", () => {
    const { suites } = disagreementsOf([scored("1", 0), lost("2")], [lost("1"), scored("2", 0)])
    assert.deepInclude(suites[0], { n: 0, agreement: null, kappa: null, ac1: null })
  })
})

it.live("a stored run is judged again without its model, and gives up answers only when it is told to", () =>
  inSmallTree((tree) =>
    Effect.gen(function*() {
      const source = yield* ranOnce(tree)
      const asked = tree.calls().length
      const settings = yield* tree.settings({ scorers: ["others"] })
      const run = (texts: boolean) =>
        Effect.flatMap(Deferred.make<string>(), (drain) =>
          disagree({ run: source.directory.path, settings, texts }, silent, drain)).pipe(Effect.scoped)
      const folded = yield* run(false)
      // `words` flags "yes", `others` flags "no": they part on each of the three answers.
      assert.deepStrictEqual(folded.parted.map(({ first, second, unit }) => [unit.sample, first, second]).toSorted(), [
        ["1", 1, 0],
        ["2", 0, 1],
        ["3", 0, 1]
      ])
      assert.deepStrictEqual(folded.scorers, [{ suite: "b", first: "words", second: "others" }])
      assert.strictEqual(folded.textOf(folded.parted[0]!.unit), undefined)
      const shown = yield* run(true)
      assert.strictEqual(shown.run.plan.run, folded.run.plan.run)
      const first = shown.parted.find(({ unit }) =>
        unit.sample === "1"
      )!
      assert.strictEqual(shown.textOf(first.unit), "yes, one")
      assert.strictEqual(tree.calls().length, asked)
    })
  ))
