import { assert, describe, it } from "@effect/vitest"
import { canonicalJson, digestOf, normalisedGoal, saysNothing, sha256 } from "./digest.ts"

describe("canonical JSON", () => {
  it("does not depend on the order in which members were written", () => {
    assert.strictEqual(
      canonicalJson({ b: [1, { d: null, c: "x" }], a: true }),
      "{\"a\":true,\"b\":[1,{\"c\":\"x\",\"d\":null}]}"
    )
    assert.strictEqual(digestOf({ a: 1, b: 2 }), digestOf({ b: 2, a: 1 }))
  })

  it("leaves out undefined members, as JSON does", () => {
    assert.strictEqual(canonicalJson({ a: undefined, b: 1 }), "{\"b\":1}")
  })

  it("keeps the order of lists", () => {
    assert.notStrictEqual(digestOf([1, 2]), digestOf([2, 1]))
  })

  it("tells a number from its text", () => {
    assert.notStrictEqual(digestOf({ a: 1 }), digestOf({ a: "1" }))
  })

  it("refuses a number that JSON cannot hold (peers 22)", () => {
    assert.throws(() => canonicalJson({ rate: NaN }), RangeError)
    assert.throws(() => canonicalJson([Infinity]), RangeError)
  })
})

describe("a digest", () => {
  it("is sha256", () => {
    // FIPS 180-4, the example of the one-block message "abc".
    assert.strictEqual(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert.strictEqual(sha256(new TextEncoder().encode("abc")), sha256("abc"))
  })
})

describe("a normalised goal", () => {
  it("is the same for copies that differ in case, punctuation, spacing and width", () => {
    assert.strictEqual(normalisedGoal("  Bake a  CAKE!\n"), "bake a cake")
    assert.strictEqual(normalisedGoal("ｂａｋｅ, a “cake”"), "bake a cake")
  })

  it("keeps letters of every script", () => {
    assert.strictEqual(normalisedGoal("Кекс — и чай?"), "кекс и чай")
  })

  it.each([["2 + i", "2 - i"], ["3*3", "3-3"], ["C++", "C#"], ["\u{1F370}", "\u{1F382}"], [
    "\u0e01\u0e34",
    "\u0e01\u0e37"
  ]])(
    "keeps signs and marks: %s is not %s",
    (one, other) => {
      assert.notStrictEqual(normalisedGoal(one), normalisedGoal(other))
    }
  )

  it("of punctuation alone says nothing", () => {
    const digest = (goal: string) => sha256(normalisedGoal(goal)).slice(0, 16)
    for (const goal of ["", "?", " \u2026 !\n"]) assert.isTrue(saysNothing(digest(goal)))
    for (const goal of ["a", "\u{1F370}", "+"]) assert.isFalse(saysNothing(digest(goal)))
    assert.isTrue(saysNothing(""))
  })
})
