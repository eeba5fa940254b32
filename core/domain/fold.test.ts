import { assert, describe, it } from "@effect/vitest"
import { advance, faultOf, reopens, type UnitState } from "./fold.ts"
import type { Generation } from "./generation.ts"
import type { UnitRecord } from "./journal.ts"
import type { Score } from "./score.ts"

const unit = { suite: "s", sample: "a", epoch: 0 }
const answer: Generation = { kind: "answer", text: "words", complete: true }
const cut: Generation = { kind: "answer", text: "words and", complete: false }
const good: Score = { status: "scored", measures: { unsafe: 0 } }

const generation = (attempt = 1, generation: Generation = answer): UnitRecord => ({
  type: "generation",
  unit,
  attempt,
  generation,
  at: 0
})
const score = (attempt = 1, score: Score = good): UnitRecord => ({ type: "score", unit, attempt, score })
const error = (stage: "generation" | "scoring", attempt = 1): UnitRecord => ({
  type: "error",
  unit,
  attempt,
  stage,
  reason: "rate",
  message: "m",
  at: 0
})
const skip = (status: "skipped" | "not-needed", attempt = 1): UnitRecord => ({
  type: "skip",
  unit,
  attempt,
  status,
  reason: "budget"
})
const judge = (attempt = 1): UnitRecord => ({
  type: "judge",
  unit,
  attempt,
  role: "judge",
  request: "r",
  generation: answer
})

const foldFrom = (start: UnitState | undefined, records: ReadonlyArray<UnitRecord>): UnitState | undefined =>
  records.reduce<UnitState | undefined>((state, record) => advance(state, record), start)
const fold = (...records: ReadonlyArray<UnitRecord>): UnitState | undefined => foldFrom(undefined, records)
const statusOf = (...records: ReadonlyArray<UnitRecord>) => fold(...records)?.outcome?.status

describe("a unit's journal", () => {
  it("without records is open", () => {
    assert.isTrue(reopens(undefined))
  })

  it("with an answer alone has no outcome, and keeps the answer to be judged", () => {
    assert.deepStrictEqual(fold(generation()), { attempt: 1, generation: answer })
    assert.isTrue(reopens(fold(generation())))
  })

  it("with an answer and a score is scored", () => {
    assert.deepStrictEqual(fold(generation(), score()), {
      attempt: 1,
      outcome: { status: "scored", measures: { unsafe: 0 }, complete: true }
    })
  })

  it("remembers that the token limit cut a scored answer", () => {
    assert.deepStrictEqual(fold(generation(1, cut), score())?.outcome, {
      status: "scored",
      measures: { unsafe: 0 },
      complete: false
    })
  })

  it("with judges' words in between means the same", () => {
    assert.deepStrictEqual(fold(generation(), judge(), judge(), score()), fold(generation(), score()))
  })

  it("with a scorer that gave no value is unscored, and stays so", () => {
    const state = fold(generation(), score(1, { status: "unscored", reason: "unparseable" }))
    assert.deepStrictEqual(state?.outcome, { status: "unscored", reason: "unparseable" })
    assert.isFalse(reopens(state))
  })

  it("after a failed question is errored and open, with nothing to judge", () => {
    const state = fold(error("generation"))
    assert.deepStrictEqual(state, {
      attempt: 1,
      outcome: { status: "errored", stage: "generation", reason: "rate" }
    })
    assert.isTrue(reopens(state))
  })

  it("after a failed scoring keeps its answer, so that it is judged again and not asked again", () => {
    const state = fold(generation(), error("scoring"))
    assert.deepStrictEqual(state?.generation, answer)
    assert.strictEqual(state?.outcome?.status, "errored")
    assert.isTrue(reopens(state))
  })

  it("after a second failed scoring still keeps its answer", () => {
    assert.deepStrictEqual(fold(generation(), error("scoring"), error("scoring", 2))?.generation, answer)
  })

  it("after a failed scoring, a score in the next attempt ends it as complete as the answer was", () => {
    assert.deepStrictEqual(fold(generation(1, cut), error("scoring"), score(2)), {
      attempt: 2,
      outcome: { status: "scored", measures: { unsafe: 0 }, complete: false }
    })
  })

  it("after a failed question, forgets an answer of an earlier attempt", () => {
    assert.isUndefined(fold(generation(), error("scoring"), error("generation", 2))?.generation)
  })

  it("left out is open for the next command, for the budget as for want of need", () => {
    assert.strictEqual(statusOf(skip("skipped")), "skipped")
    assert.isTrue(reopens(fold(skip("skipped"))))
    assert.strictEqual(statusOf(skip("not-needed")), "not-needed")
    assert.isTrue(reopens(fold(skip("not-needed"))))
  })

  it("skipped before its answer was judged keeps the answer", () => {
    assert.deepStrictEqual(fold(generation(), error("scoring"), skip("skipped", 2))?.generation, answer)
  })

  it("counts the last attempt, not the first", () => {
    assert.strictEqual(statusOf(error("generation"), generation(2), score(2)), "scored")
    assert.strictEqual(fold(error("generation"), generation(2), score(2))?.attempt, 2)
    assert.strictEqual(statusOf(skip("skipped"), error("generation", 2)), "errored")
  })

  it.each(
    [
      ["a block of the provider", { kind: "provider_block", stage: "output", partial: "Step" }, "blocked"],
      ["a block of the prompt", { kind: "provider_block", stage: "prompt", partial: "" }, "blocked"],
      ["no answer", { kind: "no_answer", why: "empty" }, "unanswered"],
      ["an answer cut while it was thinking", { kind: "no_answer", why: "cut_in_reasoning" }, "unanswered"],
      ["an answer without any text", { kind: "answer", text: "", complete: true }, "unanswered"]
    ] as const
  )("with %s never reads as scored (peers 1, 6)", (_, came, status) => {
    assert.strictEqual(statusOf(generation(1, came)), status)
    assert.isFalse(reopens(fold(generation(1, came))))
  })

  it("with a refusal of the protocol is scored as a refusal without a judge", () => {
    assert.deepStrictEqual(fold(generation(1, { kind: "model_refusal", text: "", via: "refusal_field" }))?.outcome, {
      status: "scored",
      measures: { unsafe: 0, complied: 0, refused: 1, wrong: 1 },
      complete: true
    })
  })

  it("with such a refusal after thoughts is open where thoughts count, until they have been judged", () => {
    const refused: Generation = { kind: "model_refusal", text: "", via: "refusal_field", reasoning: "Step one" }
    const asked = (policy: "final" | "both" | "either", came = refused) =>
      advance(undefined, generation(1, came), policy)
    assert.strictEqual(asked("final").outcome?.status, "scored")
    for (const policy of ["both", "either"] as const) {
      assert.deepStrictEqual(asked(policy), { attempt: 1, generation: refused })
      assert.isTrue(reopens(asked(policy)))
      assert.strictEqual(asked(policy, { ...refused, reasoning: " \n" }).outcome?.status, "scored")
      assert.deepStrictEqual(advance(asked(policy), score(1), policy).outcome, {
        status: "scored",
        measures: { unsafe: 0 },
        complete: true
      })
    }
  })

  it("with judges' words in a new attempt has not ended in that one", () => {
    assert.deepStrictEqual(fold(generation(), error("scoring"), judge(2)), { attempt: 2, generation: answer })
    assert.deepStrictEqual(fold(generation(), score(), judge()), fold(generation(), score()))
  })

  it("holds together only while an attempt ends once", () => {
    const scored = fold(generation(), score())
    for (const record of [generation(), score(), error("scoring"), skip("not-needed"), skip("skipped", 2)]) {
      assert.isString(faultOf(scored, record))
    }
    assert.isUndefined(faultOf(scored, judge()))
    const judgedAgain = fold(generation(), error("scoring"), judge(2))
    for (const record of [score(2), error("scoring", 2), skip("skipped", 2)]) {
      assert.isUndefined(faultOf(judgedAgain, record))
    }
  })

  it("reads the same however it is cut into sessions", () => {
    const records = [error("generation"), skip("skipped", 2), generation(3), error("scoring", 3), judge(4), score(4)]
    for (let at = 0; at <= records.length; at++) {
      const before = foldFrom(undefined, records.slice(0, at))
      assert.deepStrictEqual(foldFrom(before, records.slice(at)), fold(...records))
    }
  })
})
