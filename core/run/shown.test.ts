import { describe, expect, it } from "vitest"
import type { Sample } from "../plugin/contract.ts"
import { shownHash } from "./shown.ts"

type Shown = Omit<Sample, "id" | "messages">

const digest = (samples: ReadonlyArray<Shown>): string => {
  const hash = shownHash()
  for (const sample of samples) hash.add({ ...sample, id: "id", messages: [] } as Sample)
  return hash.digest()
}

const sums: ReadonlyArray<Shown> = [
  { goal: "2 + 2", category: "sums", reference: "4" },
  { goal: "2 + 2", category: "sums", reference: "4", metadata: { steps: 1, kind: "plain" } },
  { goal: "2 + 3", category: "sums", reference: "5", context: "two and three" }
]

const changed = (index: number, change: Partial<Shown>) =>
  sums.map((sample, place) => place === index ? { ...sample, ...change } : sample)

describe("the digest of what scorers are shown", () => {
  it.each<[string, ReadonlyArray<Shown>]>([
    ["another goal", changed(0, { goal: "2 * 2" })],
    ["a corrected reference", changed(2, { reference: "6" })],
    ["another category", changed(1, { category: "other" })],
    ["another context", changed(2, { context: "three and two" })],
    ["other metadata", changed(1, { metadata: { steps: 2, kind: "plain" } })],
    ["metadata of another sample", changed(0, { metadata: { steps: 1, kind: "plain" } })],
    ["another order", [sums[2]!, sums[0]!, sums[1]!]],
    ["one sample less", sums.slice(0, 2)],
    ["one sample twice", [...sums, sums[2]!]]
  ])("changes with %s", (_, other) => {
    expect(digest(other)).not.toBe(digest(sums))
  })

  it("is the same whatever objects hold the same values", () => {
    expect(digest(structuredClone([...sums]))).toBe(digest(sums))
    expect(digest(changed(1, { metadata: { kind: "plain", steps: 1 } }))).toBe(digest(sums))
    const shared = { template: 1 }
    const apart = [{ goal: "a", metadata: { template: 1 } }, { goal: "b", metadata: { template: 1 } }]
    expect(digest(apart.map((sample) => ({ ...sample, metadata: shared })))).toBe(digest(apart))
  })

  it("leaves out cluster and attack, which scorers are not shown or which units name themselves", () => {
    expect(digest(changed(0, { cluster: "c", attack: "a" }))).toBe(digest(sums))
  })
})
