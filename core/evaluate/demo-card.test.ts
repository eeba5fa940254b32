import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { greedyRows, jointPower } from "./demo-card.ts"

const card = readFileSync(new URL("../../demo/MODEL-CARD.md", import.meta.url), "utf8")

describe("the demo's model card", () => {
  it("tells the greedy counts of each candidate beside the base's", () => {
    expect(greedyRows(card, "eroded")).toContainEqual({ suite: "toy-wrapped", base: "0", tuned: "62" })
    expect(greedyRows(card, "rlvr")).toContainEqual({ suite: "toy-sums", base: "142", tuned: "67" })
    expect(greedyRows(card, "eroded")).toHaveLength(10)
  })

  it("tells how likely a candidate without drift is to pass, which is 0.95 or more", () => {
    expect(Number(jointPower(card))).toBeGreaterThanOrEqual(0.95)
  })

  it("without the tables tells nothing", () => {
    expect(greedyRows("# Another card\n\n| a | b |\n", "eroded")).toEqual([])
    expect(jointPower("")).toBeUndefined()
  })
})
