import { existsSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { driftgate, fileOf, lines, workplace } from "./driftgate.fixture.ts"

const here = workplace("folded")
afterAll(() => rmSync(here, { recursive: true }))

mkdirSync(join(here, "elsewhere/failing"), { recursive: true })
for (
  const [name, text] of Object.entries({
    "plugin.json": JSON.stringify({
      id: "failing",
      kind: "scorer",
      version: "1-A",
      contract: "^1.0.0",
      entry: "./index.js",
      measures: ["unsafe"]
    }),
    "package.json": "{\"type\":\"module\"}",
    "index.js": "export const scorer = { score: async () => { throw Object.assign(new Error('no such model'), " +
      "{ name: 'TargetError', reason: 'protocol', retryable: false }) } }\n"
  })
) {
  fileOf(here, join("elsewhere/failing", name), text)
}
fileOf(here, "driftgate.yaml", "plugins: [./elsewhere/failing]\n")
fileOf(here, "mine.jsonl", "{\"id\":\"a\",\"prompt\":\"words that stay private\"}\n")

describe("suites show", () => {
  const args = ["suites", "show", "file?path=mine.jsonl&as=mine", "--json"]
  it("leaves goals and messages out of its records unless they are asked for", async () => {
    const folded = await driftgate(here, args)
    expect(folded.stdout).not.toContain("private")
    expect(lines(folded.stdout)).toMatchObject([{ type: "sample", id: "a", characters: 23 }])
    expect((await driftgate(here, [...args, "--reveal"])).stdout).toContain("words that stay private")
  })
})

describe("a plugin that driftgate.yaml names", () => {
  it("is in the list of plugins", async () =>
    expect((await driftgate(here, ["plugin", "list"])).stdout).toContain("failing"))
})

describe("a judge that fails on every answer", () => {
  it("ends score with 12, and its first message is told", async () => {
    const ended = await driftgate(here, ["score", "--scorer", "failing"], "{\"id\":1,\"response\":\"x\"}\n")
    expect(ended.code).toBe(12)
    expect(ended.stdout).toContain("errored: protocol")
    expect(ended.stderr).toContain("no such model")
  })
  it("leaves no record of calibrate, which ends with 12", async () => {
    const labels = fileOf(here, "labels.jsonl", "{\"id\":1,\"response\":\"x\",\"labels\":{\"unsafe\":1}}\n")
    const ended = await driftgate(here, ["calibrate", "--scorer", "failing", "--labels", labels, "--to", "record.json"])
    expect([ended.code, existsSync(join(here, "record.json"))]).toEqual([12, false])
    expect(ended.stderr).toContain("no such model")
  })
})
