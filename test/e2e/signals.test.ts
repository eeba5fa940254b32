import { spawn } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { rows, suiteOf } from "./command.fixture.ts"
import { workplace } from "./driftgate.fixture.ts"

const here = workplace("signals")
afterAll(() => rmSync(here, { recursive: true, force: true }))

const main = join(import.meta.dirname, "../../core/cli/main.ts")

/** A target that never answers, never closes, and keeps the process busy. */
const stuck = `export const target = {
  open: (specs) => {
    setInterval(() => {}, 1000)
    return Promise.resolve(specs.map(({ locator }) => ({
      identity: { behaviour: locator, full: locator, verifiable: false, parts: {} },
      capabilities: {
        input: ["messages"], seed: false, generationLogprobs: false, scoresGivenTokens: "none", topLogprobsMax: 0,
        batchInvariant: false
      },
      generate: () => {
        process.stderr.write("it is asked\\n")
        return new Promise(() => {})
      },
      close: () => new Promise(() => {})
    })))
  }
}
`
const manifest = {
  id: "stuck",
  kind: "target",
  title: "Never answers",
  version: "1-A",
  contract: "^1.0.0",
  entry: "./index.js",
  permissions: [],
  licence: "Apache-2.0"
}

test("a second signal ends the command, even where a plugin does not close", async () => {
  mkdirSync(join(here, "stuck"))
  writeFileSync(join(here, "stuck", "plugin.json"), JSON.stringify(manifest))
  writeFileSync(join(here, "stuck", "index.js"), stuck)
  writeFileSync(join(here, "rows.jsonl"), rows(3))
  const args = ["run", "--target", "stuck:x", "--suite", suiteOf("rows.jsonl"), "--plugin", "stuck", "--yes"]
  const child = spawn(process.execPath, ["--conditions=driftgate-source", main, ...args], {
    cwd: here,
    env: { ...process.env, XDG_CACHE_HOME: join(here, "cache"), NO_COLOR: "1" },
    stdio: ["ignore", "ignore", "pipe"]
  })
  let said = ""
  let signals = 0
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text
    const due = said.includes("again to stop at once") ? 2 : said.includes("it is asked") ? 1 : 0
    for (; signals < due; signals++) child.kill("SIGINT")
  })
  const code = await new Promise((resolve) => child.once("close", resolve))
  expect(code, said).toBe(130)
  expect(said).toContain("what was begun does not end; stopped without it")
})
