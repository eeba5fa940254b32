import { assert, describe, it } from "@effect/vitest"
import { sha256 } from "../domain/digest.ts"
import { digestTable } from "./digests.ts"
import { promptDigest, promptHash } from "./population.ts"

describe("a table of digests", () => {
  it("gives the first 32 digits of what was set, each in its place", () => {
    const table = digestTable(3)
    for (const place of [2, 0, 1]) table.set(place, sha256(`prompt ${place}`))
    for (const place of [0, 1, 2]) assert.strictEqual(table.at(place), sha256(`prompt ${place}`).slice(0, 32))
  })
})

describe("the hash of a prompt", () => {
  it("is that of its pieces in one text, whether it is short, long or beyond ASCII", () => {
    for (const content of ["", "short", "ü✓😀", "x".repeat(100_000), "✓".repeat(90_000)]) {
      const [system, user] = [{ role: "system", content: "é" }, { role: "user", content }] as const
      const text = `6:system1:é4:user${content.length}:${content}`
      assert.strictEqual(promptHash([system, user]), sha256(text))
      assert.strictEqual(promptDigest([system, user]), sha256(text).slice(0, 32))
    }
  })
})
