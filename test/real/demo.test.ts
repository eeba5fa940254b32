import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sha256 } from "../../core/domain/digest.ts"
import { conditionsOf } from "../../demo/train/accept.ts"
import { countOf, openCheckpoint, suites, tableOf } from "../../demo/train/rates.ts"
import { blocksOf, pages, root } from "../docs/markdown.ts"
import { type Ended, makeSandbox } from "../docs/sandbox.ts"

/** Run and gate names end with digits over the code of the scorers, which differs between source and build. */
const withoutDigests = (text: string): string => text.replace(/-[0-9a-f]{12}\b/g, "")

describe("the whole demo", () => {
  const sandboxes = [makeSandbox(), makeSandbox()] as const
  let first: Ended
  let second: Ended
  beforeAll(async () => {
    // What `npm run demo` runs, and the command as it is built with fewer answers in flight.
    const task = path.join(root, "scripts/tasks/demo.ts")
    first = await sandboxes[0].shell(`node --conditions=driftgate-source ${task}`)
    second = await sandboxes[1].shell("driftgate demo --concurrency 5")
  })
  afterAll(() => sandboxes.forEach(({ remove }) => remove()))

  it("ends with 0 after one pair that passes and one that fails", () => {
    expect({ code: first.code, stderr: first.code === 0 ? "" : first.stderr }).toEqual({ code: 0, stderr: "" })
    expect(first.stdout.match(/^[✓✗?…!] [A-Z]+(?= \(uncalibrated\)$)/gm)).toEqual(["✓ PASS", "✗ FAIL"])
  })

  it("gives the same figures to the digit from source and built, with another concurrency", () => {
    expect(withoutDigests(second.stdout)).toBe(withoutDigests(first.stdout))
  })

  it("is shown by the pages as it is", () => {
    const shown = pages.flatMap(blocksOf).filter(({ outputOf }) => outputOf === "npm run demo")
    expect(shown.length).toBeGreaterThan(0)
    for (const { text } of shown) expect(first.stdout).toContain(text)
  })
})

it("the committed checkpoints are those that their list of digests names", () => {
  const folder = path.join(root, "demo/checkpoints")
  const listed = readFileSync(path.join(folder, "SHA256SUMS"), "utf8").trimEnd().split("\n").map((line) =>
    line.split("  ")
  )
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  expect(listed.map(([, name]) => name).toSorted()).toEqual(files.filter((name) => name !== "SHA256SUMS").toSorted())
  for (const [digest, name] of listed) {
    expect([name, sha256(readFileSync(path.join(folder, name!)))]).toEqual([name, digest])
  }
})

it("the committed checkpoints show what the recipe promises of every seed", async () => {
  const conditions = await conditionsOf(path.join(root, "demo/checkpoints"))
  expect(conditions.filter(({ met }) => !met)).toEqual([])
})

it("the committed checkpoints give exactly the counts of their model card", async () => {
  const card = readFileSync(path.join(root, "demo/MODEL-CARD.md"), "utf8")
  const names = ["base", "rlvr", "eroded"]
  for (const temperature of [1, 0]) {
    const columns = []
    for (const name of names) {
      const target = await openCheckpoint(path.join(root, "demo/checkpoints", name))
      const counts = []
      for (const suite of suites) counts.push(await countOf(target, suite, { n: 200, seed: 1, temperature }))
      columns.push(counts)
      await target.close()
    }
    expect(card).toContain(tableOf(names, columns, 200).slice(2).join("\n"))
  }
})
