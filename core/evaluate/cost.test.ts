import { describe, expect, it } from "vitest"
import { anchorCount } from "./anchors.ts"
import { estimateCost, type SuiteToCost } from "./cost.ts"

const suite = (rest: Partial<SuiteToCost> = {}): SuiteToCost => ({
  population: {
    suite: "s",
    samples: Array.from({ length: 10 }, (_, i) => ({
      id: `${i}`,
      // 30 characters of goal, 60 of what is sent.
      goal: "g".repeat(30),
      messages: [{ role: "system", content: "s".repeat(20) }, { role: "user", content: "u".repeat(40) }]
    })),
    excluded: {}
  },
  epochs: 1,
  maxTokens: 100,
  roles: [],
  ...rest
})
const arms = ["base", "tuned"]

describe("the cost of a gate", () => {
  it("counts every sample once an epoch and arm", () => {
    expect(estimateCost([suite({ epochs: 3 })], { arms, prices: {} })).toMatchObject({
      requests: 60,
      newTokensAtMost: 6_000
    })
    expect(estimateCost([suite()], { arms: [...arms, "base again"], prices: {} }).requests).toBe(30)
  })

  it("estimates prompts at three to five characters a token", () => {
    expect(estimateCost([suite()], { arms, prices: {} }).promptTokens).toEqual({ low: 240, high: 400 })
  })

  it("counts one call a role and answer, which reads goal and answer", () => {
    const { judgeCallsAtMost, judgeTokens } = estimateCost([suite({ roles: ["one", "two"] })], { arms, prices: {} })
    expect(judgeCallsAtMost).toBe(40)
    // Goals: 20 times 30 characters for each role; answers: none or 2,000 tokens.
    expect(judgeTokens).toEqual({ low: 240, high: 400 + 4_000 })
  })

  it("counts one call more a role, anchor and scorer that asks it, once for all arms", () => {
    const prices = { one: { input: 0, output: 1_000_000 } }
    const judges = [["one"], ["one", "two"]]
    const cost = estimateCost([suite({ roles: ["one", "two"] })], { arms, judges, prices })
    expect(cost).toMatchObject({ anchorCallsAtMost: 3 * anchorCount, judgeCallsAtMost: 40 + 3 * anchorCount })
    // A reply has 256 tokens at most.
    expect(cost.usd?.high).toBe((20 + 2 * anchorCount) * 256)
    expect(estimateCost([suite()], { arms, prices })).toMatchObject({ anchorCallsAtMost: 0, judgeCallsAtMost: 0 })
  })

  it("prices a reply for each text that judges read", () => {
    const prices = { one: { input: 0, output: 1_000_000 } }
    expect(estimateCost([suite({ roles: ["one", "two"], texts: 2 })], { arms, prices }).usd?.high).toBe(40 * 256)
  })

  it("adds up prices of models and judges, and names those without one", () => {
    const prices = { tuned: { input: 10, output: 100 }, judge: { input: 1, output: 0 } }
    const { usd } = estimateCost([suite({ roles: ["judge"] })], { arms, prices })
    // Tuned: 120 to 200 prompt tokens at 10, at most 1,000 new ones at 100; judge: 120 to 2,200 read at 1.
    expect(usd?.low).toBeCloseTo((120 * 10 + 120) / 1e6, 12)
    expect(usd?.high).toBeCloseTo((200 * 10 + 1_000 * 100 + 2_200) / 1e6, 12)
    expect(usd?.unpriced).toEqual(["base"])
  })

  it("charges a base that is asked twice at the base's price", () => {
    const priced = (names: ReadonlyArray<string>) =>
      estimateCost([suite()], { arms: names, prices: { base: { input: 1, output: 1 } } }).usd!.high
    expect(priced(["base", "base again"])).toBeCloseTo(2 * priced(["base"]), 12)
  })

  it("takes the time from the rate over all arms", () => {
    const { time } = estimateCost([suite()], { arms, prices: {}, rate: { value: 4, from: "--rate" } })
    expect(time).toEqual({ rate: 4, from: "--rate", seconds: 5 })
    expect(estimateCost([suite()], { arms, prices: {} })).not.toHaveProperty("time")
  })
})
