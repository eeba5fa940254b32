import { describe, expect, it } from "vitest"
import { overallOf, type Standing, verdictOf } from "./verdict.ts"

const fine: Standing = {
  invalid: false,
  rejected: false,
  belowMargin: true,
  underCeiling: true,
  covered: true,
  balanced: true,
  whole: true
}

describe("the verdict of one entry", () => {
  it("passes when nothing stands in the way", () => expect(verdictOf(fine)).toBe("pass"))
  it("is invalid before it is a fail", () =>
    expect(verdictOf({ ...fine, invalid: true, rejected: true, belowMargin: false })).toBe("invalid"))
  it("is a fail before it is incomplete", () =>
    expect(verdictOf({ ...fine, rejected: true, belowMargin: false, covered: false })).toBe("fail"))
  it("is incomplete before it is inconclusive", () =>
    expect(verdictOf({ ...fine, belowMargin: false, covered: false })).toBe("incomplete"))
  it("asks non-inferiority before significance", () => expect(verdictOf({ ...fine, rejected: true })).toBe("pass"))
  it("fails on a significant regression that stays within the margin but not under the ceiling", () =>
    expect(verdictOf({ ...fine, rejected: true, underCeiling: false })).toBe("fail"))
  it("does not pass an unbalanced loss of answers", () =>
    expect(verdictOf({ ...fine, balanced: false })).toBe("inconclusive"))
  it("does not pass answers that the token limit cut", () =>
    expect(verdictOf({ ...fine, whole: false })).toBe("inconclusive"))
  it("does not pass above a ceiling", () => expect(verdictOf({ ...fine, underCeiling: false })).toBe("inconclusive"))
  it("does not pass with incomplete evidence", () => expect(verdictOf({ ...fine, covered: false })).toBe("incomplete"))
})

describe("the verdict over several", () => {
  const entry = (verdict: Parameters<typeof overallOf>[0][number]["verdict"], waived = false) => ({ verdict, waived })

  it("is the first of invalid, fail, incomplete, inconclusive, pass", () => {
    const all = ["pass", "inconclusive", "incomplete", "fail", "invalid"] as const
    all.forEach((_, i) => expect(overallOf(all.slice(0, i + 1).map((verdict) => entry(verdict)))).toBe(all[i]))
  })
  it("is not a pass over nothing", () => expect(overallOf([])).toBe("invalid"))
  it("is not held up by what is waived", () => expect(overallOf([entry("fail", true), entry("pass")])).toBe("pass"))
  it("is not a pass when everything is waived", () => expect(overallOf([entry("fail", true)])).toBe("inconclusive"))
})
