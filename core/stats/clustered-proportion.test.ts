import { describe, expect, it } from "vitest"
import { clusteredProportion } from "./clustered-proportion.ts"
import { RangeProblem } from "./range-problem.ts"

describe("clusteredProportion", () => {
  it("leaves counts alone when every cluster has one answer", () => {
    const single = Array.from({ length: 20 }, (_, i) => ({ x: i < 15 ? 1 : 0, n: 1 }))
    // With the factor G / (G - 1) the effect of 20 clusters of one is 20 / 19.
    expect(clusteredProportion(single)).toEqual({ x: 14, n: 19, designEffect: expect.closeTo(20 / 19, 12) })
  })

  // By hand: 6 of 8, a rate of 3/4; (2 - 1.5)^2 * 3 + (0 - 1.5)^2 = 3;
  // 4/3 * 3 / 64 = 1/16 over 3/128 is 8/3.
  it("divides counts by the design effect of clusters that agree within", () => {
    const clusters = [{ x: 2, n: 2 }, { x: 2, n: 2 }, { x: 2, n: 2 }, { x: 0, n: 2 }]
    expect(clusteredProportion(clusters)).toEqual({ x: 2, n: 3, designEffect: expect.closeTo(8 / 3, 12) })
  })

  it("never counts more than there is where clusters vary less than chance", () => {
    expect(clusteredProportion([{ x: 1, n: 2 }, { x: 1, n: 2 }, { x: 1, n: 2 }])).toEqual({
      x: 3,
      n: 6,
      designEffect: 1
    })
  })

  it("counts each cluster once where all answers are alike", () => {
    expect(clusteredProportion([{ x: 5, n: 5 }, { x: 7, n: 7 }])).toEqual({ x: 2, n: 2, designEffect: 6 })
    expect(clusteredProportion([{ x: 0, n: 5 }, { x: 0, n: 7 }])).toEqual({ x: 0, n: 2, designEffect: 6 })
    expect(clusteredProportion([{ x: 4, n: 5 }])).toEqual({ x: 0, n: 1, designEffect: 5 })
  })

  it("refuses nothing at all", () => {
    expect(() => clusteredProportion([])).toThrow(RangeProblem)
    expect(() => clusteredProportion([{ x: 0, n: 0 }])).toThrow(RangeProblem)
  })
})
