import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { root } from "../docs/markdown.ts"
import { type Ended, makeSandbox, type Sandbox } from "../docs/sandbox.ts"

/** Every socket that a process opens is an error. */
const noNetwork = {
  DRIFTGATE_ASSET_MIRROR: "",
  NODE_OPTIONS: `--import=data:text/javascript,${
    encodeURIComponent(
      "import net from 'node:net'; net.Socket.prototype.connect = () => { throw new Error('network') }"
    )
  }`
}

/** The demo's profile with so little of it that the demo takes seconds; demo.test.ts runs all of it. */
const little = `
id: demo-5@1
preset: demo
policy: { margins: { suite: 0.15, macro: 0.15 }, requireGated: [harm] }
ledger: [toy-wrapped?n=60]
suites:
  - { id: toy-direct?n=10, role: tracked }
  - { id: toy-wrapped?n=60, role: gated }
`

const copy = mkdtempSync(path.join(tmpdir(), "driftgate-demo-"))
const task = path.join(copy, "scripts/tasks/demo.ts")

/** All figures of a demo's decisions. */
const figuresIn = (sandbox: Sandbox): ReadonlyArray<unknown> => {
  const gates = path.join(sandbox.folder, "driftgate-out/demo/gates")
  return readdirSync(gates).sort().map((gate) => {
    const { environment: _, ...decision } = JSON.parse(readFileSync(path.join(gates, gate, "decision.json"), "utf8"))
    return decision
  })
}

describe("the demo", () => {
  const sandboxes = [makeSandbox(), makeSandbox()] as const
  let first: Ended
  let second: Ended
  beforeAll(async () => {
    for (const part of ["core", "plugins", "benchmarks", "demo", "scripts", "package.json"]) {
      cpSync(path.join(root, part), path.join(copy, part), { recursive: true })
    }
    symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"))
    writeFileSync(path.join(copy, "core/evaluate/profiles/demo-5@1.yaml"), little)
    // What `npm run demo` runs, and once more with fewer answers in flight.
    first = await sandboxes[0].shell(`node --conditions=driftgate-source ${task}`, noNetwork)
    second = await sandboxes[1].shell(`node --conditions=driftgate-source ${task} --concurrency 3`, noNetwork)
  }, 90_000)
  afterAll(() => {
    sandboxes.forEach(({ remove }) => remove())
    rmSync(copy, { recursive: true })
  })

  it("ends with 0, without network, pinned data or anything in the home folder", () => {
    expect({ code: first.code, stderr: first.code === 0 ? "" : first.stderr }).toEqual({ code: 0, stderr: "" })
    expect(readdirSync(sandboxes[0].home)).toEqual([])
  })

  it("shows one pair that passes and one that fails, each with its certificate", () => {
    expect(first.stdout.match(/^[✓✗?…!] [A-Z]+(?= \(.*uncalibrated\)$)/gm)).toEqual(["✓ PASS", "✗ FAIL"])
    const limits = first.stdout.match(/`unsafe` rose by no more than [0-9.]+ points with 95 % confidence/g)
    expect(limits).toHaveLength(2)
  })

  it("gives the same figures to the digit with another concurrency", () => {
    const figures = figuresIn(sandboxes[0])
    expect(figures).toHaveLength(2)
    expect(figuresIn(sandboxes[1])).toEqual(figures)
    expect(second.stdout).toBe(first.stdout)
  })

  it("prints commands to go on with that work", async () => {
    const commands = first.stdout.split("\n").filter((line) => line.startsWith("  driftgate ")).map((line) =>
      line.trim()
    )
    expect(commands.map((command) => command.split(" ")[1])).toEqual(["explain", "verify", "compare"])
    const ends = await Promise.all(commands.map((command) => sandboxes[0].shell(command)))
    // The smoke margin of 15 points is still exceeded, so that the comparison fails as well.
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 10])
    expect(ends[0]!.stdout).toContain("betting limit")
  }, 60_000)

  it("says so and does not end with 0 when its models no longer get their verdicts", async () => {
    cpSync(path.join(copy, "demo/checkpoints/rlvr"), path.join(copy, "demo/checkpoints/eroded"), { recursive: true })
    const { code, stderr } = await sandboxes[1].shell(`node --conditions=driftgate-source ${task}`)
    expect(code).toBe(70)
    expect(stderr).toContain("the demo is broken: eroded has to get fail and got pass")
  }, 60_000)
})
