import { assert, describe, it } from "@effect/vitest"
import { makeGrouping } from "./grouping.ts"

const groups = (kinds: number, things: ReadonlyArray<ReadonlyArray<string | undefined>>) => {
  const grouping = makeGrouping(kinds)
  const numbers = things.map((keys) => grouping.add(keys))
  return { count: grouping.count(), of: numbers.map((thing) => grouping.groupOf(thing)) }
}

describe("groups", () => {
  it("are things that share a key of one kind", () => {
    const things = [["a", "x"], ["b", "y"], ["a", "z"], [undefined, "a"]]
    assert.deepStrictEqual(groups(2, things), { count: 3, of: [0, 1, 0, 3] })
  })

  it("are joined by a thing that has keys of both", () => {
    const things = [["a", undefined], [undefined, "x"], ["c", "z"], ["a", "x"], [undefined, undefined]]
    assert.deepStrictEqual(groups(2, things), { count: 3, of: [0, 0, 2, 0, 4] })
  })

  it("do not depend on how long the chain is", () => {
    const chain = Array.from({ length: 1_000 }, (_, i) => [`${i >> 1}`, `${(i + 1) >> 1}`])
    assert.deepStrictEqual(groups(2, [...chain.slice(500), ...chain.slice(0, 500)]).count, 1)
  })
})
