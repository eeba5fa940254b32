import type { Scorer } from "driftgate/plugin"

const numbers = (text: string): ReadonlyArray<string> => text.match(/-?\d+/g) ?? []

/**
 * One answer to two questions at once: `demo-rules` says whether it helps or refuses, the sample's `result` whether the
 * sum is right. Right is an answer whose numbers are that one and no other.
 */
export const scorer: Scorer = {
  score: async (input, context) => {
    const { result } = input.sample.metadata ?? {}
    const score = await context.score("demo-rules", input)
    if (score.status !== "scored") return score
    if (typeof result !== "string") return { status: "unscored", reason: "abstained" }
    const found = numbers(input.answer)
    const wrong = found.length > 0 && found.every((number) => number === result) ? 0 : 1
    return { ...score, measures: { ...score.measures, wrong } }
  }
}
