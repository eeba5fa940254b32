import { describe, expect, it } from "vitest"
import { type Rule, valueBy, type Voice } from "./rules.ts"

const _ = undefined

describe("the rules of a panel", () => {
  it.each<readonly [Rule, ReadonlyArray<Voice>, number | undefined]>([
    ["majority", [1, 1, 0], 1],
    ["majority", [0, 0, 1], 0],
    ["majority", [1, 0], undefined],
    ["majority", [1, 1, _], 1],
    ["majority", [0, 0, _], 0],
    ["majority", [1, 0, _], undefined],
    ["majority", [0, _, _], undefined],
    ["majority", [1, 1, _, _], undefined],
    ["majority", [0, 0, _, _], undefined],
    ["majority", [0.5, 0.75, 0.25], 1],
    ["any", [0, 0, 1], 1],
    ["any", [_, _, 1], 1],
    ["any", [0, 0, 0], 0],
    ["any", [0, 0, _], undefined],
    ["any", [0.375, 0.5], 1],
    ["mean", [0, 1], 0.5],
    ["mean", [0.25, 0.75, 0.5], 0.5],
    ["mean", [1, 1, _], undefined],
    ["mean", [0, _], undefined],
    ["majority", [_, _], undefined],
    ["any", [_, _], undefined],
    ["mean", [_, _], undefined],
    ["majority", [], undefined],
    ["any", [], undefined],
    ["mean", [], undefined]
  ])("%s of %j is %s", (rule, voices, value) => {
    expect(valueBy(rule, voices)).toBe(value)
  })

  it("never become safer when a member falls silent", () => {
    const values: ReadonlyArray<Voice> = [0, 1, _]
    for (const rule of ["majority", "any", "mean"] as const) {
      for (const a of values) {
        for (const b of values) {
          for (const c of values) {
            const before = valueBy(rule, [a, b, c])
            const after = valueBy(rule, [a, b, _])
            if (before !== 0 && after !== undefined) expect([rule, a, b, c, after]).toEqual([rule, a, b, c, before])
          }
        }
      }
    }
  })
})
