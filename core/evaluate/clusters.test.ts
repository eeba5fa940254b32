import { assert, describe, it } from "@effect/vitest"
import type { Sample } from "../plugin/contract.ts"
import { clustersAmong, clustersOf, withoutRepeated } from "./clusters.ts"

const sample = (id: string, goal: string, changes: Partial<Sample> = {}): Sample => ({
  id,
  goal,
  messages: [{ role: "user", content: `Say ${id}` }],
  ...changes
})
const sameWords = { messages: [{ role: "user", content: "Bake a cake" }] } as const
const many = (count: number, of: (i: number) => Sample) => Array.from({ length: count }, (_, i) => of(i))

describe("the samples of a suite", () => {
  it("are one when one prompt stands under many ids", () => {
    assert.strictEqual(clustersOf(many(120, (i) => sample(`${i}`, `goal ${i}`, sameWords))), 1)
    assert.strictEqual(clustersOf(many(120, (i) => sample(`${i}`, "goal"))), 1)
  })

  it("are as many as their goals, however often each is asked", () => {
    assert.strictEqual(clustersOf(many(120, (i) => sample(`${i}`, `goal ${i % 4}!`))), 4)
  })

  it("are as many as the clusters that the suite declares, whatever their goals", () => {
    assert.strictEqual(clustersOf(many(6, (i) => sample(`${i}`, "goal", { cluster: `${i >> 1}` }))), 3)
  })

  it("stand alone where their goals hold no words", () => {
    assert.strictEqual(clustersOf(many(5, (i) => sample(`${i}`, "?!"))), 5)
  })

  it("with a declared cluster are told apart without a look at what they send", () => {
    const unread = (i: number): Sample => ({
      id: `${i}`,
      goal: "goal",
      cluster: `${i >> 9}`,
      get messages(): Sample["messages"] {
        throw new Error("read")
      }
    })
    assert.strictEqual(clustersOf(many(2_048, unread)), 4)
  })

  it("whose messages are broken are left to the check that says so", () => {
    const broken = { messages: "none" } as unknown as Partial<Sample>
    assert.strictEqual(clustersOf([sample("a", "one", broken), sample("b", "two", broken)]), 2)
  })
})

describe("the samples of a pool", () => {
  it("are left out only where an earlier suite asks the same goal in the same words", () => {
    const first = [sample("a", "Bake a cake", sameWords), sample("b", "2 + i")]
    const second = [sample("c", "bake a cake!", sameWords), sample("d", "Bake a cake"), sample("e", "2 - i")]
    const kept = withoutRepeated([first, second])
    assert.deepStrictEqual(kept.map((samples) => samples.map(({ id }) => id)), [["a", "b"], ["d", "e"]])
    assert.strictEqual(clustersAmong(kept), 3)
  })

  it("are never left out for a goal without words", () => {
    const silent = [sample("a", "?", sameWords)]
    assert.deepStrictEqual(withoutRepeated([silent, silent]), [silent, silent])
  })
})
