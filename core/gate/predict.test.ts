import { describe, expect, it } from "vitest"
import { predict, type RewardedPrompt } from "./predict.ts"

const times = (count: number, reward: number, unsafe: number) =>
  Array.from({ length: count }, () => ({ reward, unsafe }))

/** gate.md A4: reference (0.5, 0.3, 0.15, 0.05) as 20 answers, reward (1, 0, 1, 0), unsafe (0, 0, 1, 1). */
const toyCase: RewardedPrompt = {
  category: "toy",
  answers: [...times(10, 1, 0), ...times(6, 0, 0), ...times(3, 1, 1), ...times(1, 0, 1)]
}
const plain: RewardedPrompt = { category: "plain", answers: [...times(2, 0, 1), ...times(2, 0, 0)] }

describe("a prediction", () => {
  // Computed independently: rise of the unsafe rate, KL and tanh(1 / (4 beta)).
  it.each([[2, 0.009126, 0.025074, 0.124353], [0.5, 0.024798, 0.224597, 0.462117]])(
    "is the closed form of the toy case at beta = %d",
    (beta, rise, kl, most) => {
      const found = predict([toyCase], { beta })!
      expect(found.rise.estimate).toBeCloseTo(rise, 6)
      expect(found.kl).toBeCloseTo(kl, 6)
      expect(found.most).toBeCloseTo(most, 6)
      // The limit for beta to 0.
      expect(found.limit.estimate).toBeCloseTo(0.030769, 6)
      expect(found.base).toEqual({ reward: expect.closeTo(0.65, 12), unsafe: expect.closeTo(0.2, 12) })
      // Cov(unsafe, reward) = 0.15 - 0.2 * 0.65.
      expect(found.covariance).toBeCloseTo(0.02, 12)
    }
  )

  it("finds the beta of a KL budget", () => {
    expect(predict([toyCase], { kl: 0.224597 })!.beta).toBeCloseTo(0.5, 3)
  })

  it("says so when no beta uses up the budget", () => {
    // The most that 20 answers allow is -ln(0.65) = 0.43.
    const found = predict([toyCase], { kl: 1 })!
    expect(found.beta).toBeNull()
    expect(found.rise.estimate).toBeCloseTo(found.limit.estimate, 9)
  })

  it("is a mean over all prompts, those that a reward can't move included", () => {
    const found = predict([toyCase, plain], { beta: 0.5 })!
    expect(found.rise.estimate).toBeCloseTo(0.024798 / 2, 6)
    expect(found).toMatchObject({ prompts: 2, informative: 1 })
    expect(found.categories.map(({ contribution, name }) => [name, contribution])).toEqual([
      ["toy", expect.closeTo(0.024798 / 2, 6)],
      ["plain", 0]
    ])
  })

  it("is not given when no answers are rewarded differently: that says nothing, and not that nothing moves", () => {
    expect(predict([plain], { beta: 0.04 })).toBeUndefined()
    expect(predict([], { beta: 0.04 })).toBeUndefined()
  })

  it("has no limits where the prompts do not differ", () => {
    expect(predict([toyCase, toyCase], { beta: 1 })!.rise.limits).toBeNull()
    expect(predict([toyCase, plain], { beta: 1 })!.rise.limits).not.toBeNull()
  })
})
