import { assert, describe, it } from "@effect/vitest"
import { endingOf } from "./ending.ts"
import type { Followed } from "./follow.ts"
import type { JudgedStep, Word } from "./outcome.ts"

const step = (number: number, word: Word): JudgedStep => ({
  step: number,
  folder: `/out/checkpoint-${number}`,
  outcome: { word, reasons: word === "pass" ? [] : [`because ${word}`] }
})
const accept = new Set<Word>(["pass"])
const run = (steps: ReadonlyArray<JudgedStep>, more: Partial<Followed> = {}): Followed => ({
  steps,
  refused: undefined,
  unfinished: [],
  ...more
})
const ended = (
  followed: Followed,
  { before, stopped = false, trainer, ungated }: {
    readonly before?: JudgedStep
    readonly stopped?: boolean
    readonly trainer?: number
    readonly ungated?: ReadonlyArray<string>
  } = {}
) => {
  const { code, lines } = endingOf(followed, { accept, before, stopped, trainer, ungated })
  return `${code} ${lines.join(" | ")}`
}

describe("the end of a run", () => {
  it("is 0 only where the last step was accepted", () => {
    assert.match(ended(run([step(2, "pass"), step(4, "pass")]), { trainer: 0 }), /^0 all 2 .*last good step is 4/)
    assert.match(ended(run([step(2, "skipped"), step(4, "pass")]), { trainer: 0 }), /^0 /)
    assert.match(ended(run([step(2, "pass"), step(4, "skipped")]), { trainer: 0 }), /^3 never gated: the last step, 4/)
  })

  it("is 3 where something was stopped, and names the last good step", () => {
    for (const word of ["fail", "inconclusive", "invalid", "failed", "unreachable", "timeout", "rejected"] as const) {
      const text = ended(run([step(2, "pass"), step(4, word)], { refused: step(4, word) }), {
        stopped: true,
        trainer: 143
      })
      assert.match(text, new RegExp(`^3 step 4 is not accepted: ${word}: because ${word} \\| the last good step is 2`))
    }
  })

  it("is the verdict's own code where nothing was to be stopped", () => {
    const of = (word: Word) => ended(run([step(2, word)], { refused: step(2, word) })).slice(0, 2)
    assert.deepStrictEqual([of("inconclusive"), of("incomplete"), of("fail"), of("invalid")], ["11", "12", "3 ", "3 "])
  })

  it("is never 0 without a checkpoint, nor after a save that was cut", () => {
    assert.match(ended(run([]), { trainer: 0 }), /^3 never gated/)
    assert.match(ended(run([])), /^3 never gated/)
    assert.match(ended(run([]), { trainer: 1 }), /^1 the trainer ended with code 1 before/)
    const unfinished = [{ step: 6, folder: "/out/checkpoint-6", reason: "trainer_state.json is not there" }]
    assert.match(
      ended(run([step(4, "pass")], { unfinished }), { trainer: 0 }),
      /^3 .*cut.*checkpoint-6 was never whole/
    )
    assert.match(ended(run([step(4, "pass")], { unfinished }), { trainer: 9 }), /^9 .*Remove or rename it/)
  })

  it("is 3 where a model was left that is none of the judged ones", () => {
    const { code, lines } = endingOf(run([step(4, "pass")]), { accept, stopped: false, trainer: 0, ungated: ["/out"] })
    assert.match(`${code} ${lines.join(" | ")}`, /^3 \/out holds a model that was never gated.*last good step is 4/)
  })

  it("is 0 where nothing was saved only if the newest checkpoint was accepted before", () => {
    const before = step(4, "pass")
    assert.match(ended(run([]), { before, trainer: 0 }), /^0 no checkpoint was saved, .*accepted before: step 4/)
    assert.match(ended(run([]), { before: step(4, "fail"), trainer: 0 }), /^3 never gated: the last step, 4, is fail/)
    assert.match(ended(run([step(2, "fail")]), { before, trainer: 0 }), /^3 never gated: the last step, 2, is fail/)
    assert.match(ended(run([]), { before, trainer: 0, ungated: ["/out"] }), /^3 \/out holds a model/)
    assert.match(ended(run([]), { before, trainer: 9 }), /^9 /)
    const unfinished = [{ step: 6, folder: "/out/checkpoint-6", reason: "trainer_state.json is not there" }]
    assert.match(ended(run([], { unfinished }), { before, trainer: 0 }), /^3 .*cut/)
  })

  it("is the trainer's own code where it broke by itself", () => {
    assert.match(ended(run([step(4, "pass")]), { trainer: 137 }), /^137 .*last good step is 4/)
  })
})
