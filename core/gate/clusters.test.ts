import { describe, expect, it } from "vitest"
import { sha256 } from "../domain/digest.ts"
import type { PlannedUnit } from "../domain/plan.ts"
import { clustersOf } from "./clusters.ts"
import { counted, decideOn } from "./scenario.fixture.ts"

const unit = (sample: string, changes: Partial<PlannedUnit> = {}) => ({
  unit: { suite: "s", sample, epoch: 0, prompt: `prompt ${sample}`, goal: `goal ${sample}`, seed: 0, ...changes }
})
const of = (...units: ReadonlyArray<ReturnType<typeof unit>>) => clustersOf(units).of

describe("units that are not independent", () => {
  it("share a sample, a declared cluster, a goal or a prompt", () => {
    expect(of(unit("a"), unit("b"), unit("a", { epoch: 1 }))).toEqual([0, 1, 0])
    expect(of(unit("a", { cluster: "c" }), unit("b"), unit("c", { cluster: "c" }))).toEqual([0, 1, 0])
    expect(of(unit("a"), unit("b"), unit("c", { goal: "goal a" }))).toEqual([0, 1, 0])
    expect(of(unit("a"), unit("b"), unit("c", { prompt: "prompt a" }))).toEqual([0, 1, 0])
  })
  it("stand apart where their suite declares it, as HarmBench does for one behaviour in two contexts", () => {
    expect(of(unit("a", { cluster: "a", goal: "g" }), unit("b", { cluster: "b", goal: "g" }))).toEqual([0, 1])
  })
  it("meet in a pool by their goal, whatever their suites declare", () => {
    const other = { suite: "t", goal: "g" }
    expect(of(unit("a", { goal: "g" }), unit("b"), unit("c", other), unit("d", other))).toEqual([0, 1, 0, 0])
    expect(of(unit("a", { cluster: "a", goal: "g" }), unit("a", { ...other, cluster: "a" }))).toEqual([0, 0])
    expect(of(unit("a", { cluster: "a" }), unit("b", { suite: "t", cluster: "a" }))).toEqual([0, 1])
  })
  it("are not those whose goals hold no words", () => {
    const goal = sha256("").slice(0, 16)
    expect(
      of(
        unit("a", { goal }),
        unit("b", { goal }),
        unit("c", { goal: "", prompt: "" }),
        unit("d", { goal: "", prompt: "" })
      )
    )
      .toEqual([0, 1, 2, 3])
  })
})

describe("a suite that asks the same again under other names", () => {
  const asked = (goals: number, n = 120) => [{ id: "s", cells: counted(0, 0, n), goal: (i: number) => `g${i % goals}` }]

  it("has as many clusters as goals, and does not pass on four", () => {
    const { decision } = decideOn(asked(4))
    expect(decision.suites[0]).toMatchObject({ clusters: 4, method: "betting" })
    expect(decision.verdict).not.toBe("pass")
  })
  it("with one prompt is one observation", () => {
    const { decision } = decideOn(asked(1))
    expect(decision.suites[0]).toMatchObject({ clusters: 1, method: "betting" })
    expect(decision.verdict).not.toBe("pass")
  })
  it("stays on counts when no goal repeats", () => {
    expect(decideOn(asked(120)).decision.suites[0]).toMatchObject({ clusters: 120, method: "tango" })
  })
})
