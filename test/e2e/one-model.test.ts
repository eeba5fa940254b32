/** Two specs behind which there is one model, and models that are replaced behind their name. */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Decision } from "../../core/domain/decision.ts"
import { driftgate, type Ended, fileOf, lines, readJson, workplace } from "./driftgate.fixture.ts"

const n = 60
const folder = workplace("one-model")
const question = (i: number) => ({ id: `q${i}`, prompt: `How many of thing ${i} are seven?`, reference: "7" })
fileOf(folder, "rows.jsonl", Array.from({ length: n }, (_, i) => JSON.stringify(question(i)) + "\n").join(""))

const right = (name: string, who = "I"): string => `${name === "m" ? "Yes" : "Well"}, says ${who}: there are 7`
/** What answers behind each name: the name that it calls itself, and its text. */
let behind: (asked: string) => readonly [served: string, text: string] = (name) => [name, right(name)]
let asked = 0
let server: Server
let url: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      if (request.method !== "POST") {
        return void response.end(JSON.stringify({ data: [{ id: "m" }, { id: "m2" }] }))
      }
      asked++
      const { model } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { readonly model: string }
      const [served, content] = behind(model)
      const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }]
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ model: served, choices }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
})

const asking = (out: string) => [
  ...["--suite", "file?path=rows.jsonl&as=things&measure=wrong&scorer=exact-match"],
  ...["--preset", "smoke", "--out", out, "--json"]
]
const gate = (base: string, tuned: string, out: string, more: ReadonlyArray<string> = []): Promise<Ended> =>
  driftgate(folder, ["gate", "--base", base, "--tuned", tuned, ...asking(out), ...more])
const decisionOf = (ended: Ended): Decision => {
  const records = lines<{ readonly type: string; readonly path?: string; readonly folder?: string }>(ended.stdout)
  return readJson<Decision>(records.findLast(({ folder }) => folder !== undefined)!.folder!, "decision.json")
}

test("a tuned model that the server answered for with the base is no pass", async () => {
  behind = () => ["m", "There are 7"]
  const ended = await gate(`openai:m@${url}`, `openai:m2@${url}`, "unasked")
  expect(ended.code).toBe(13)
  expect(decisionOf(ended).reasons[0]).toMatch(/^not like with like: one server answered for both models/)
})

describe("the base model once more is no pass, however it is written", () => {
  test.each(["/", "?omit=seed", "?extra.user=x"])("%s", async (more) => {
    behind = (name) => [name, "There are 7"]
    const before = asked
    const ended = await gate(`openai:m@${url}`, `openai:m@${url}${more}`, "again")
    expect(ended.code).toBe(13)
    expect(decisionOf(ended).reasons.some((reason) => reason.startsWith("identical: "))).toBe(true)
    expect(asked).toBe(before)
  })
})

test("models that are asked with other fields are not compared, and nothing is asked", async () => {
  behind = (name) => [name, "There are 7"]
  const before = asked
  for (const more of ["?omit=temperature,top_p,seed", "?extra.repetition_penalty=1.3"]) {
    const ended = await gate(`openai:m@${url}`, `openai:m2@${url}${more}`, "fields")
    expect(ended.code).toBe(64)
    expect(ended.stderr).toContain("--accept request")
  }
  expect(asked).toBe(before)
})

test("a gate that goes on over a model that was replaced says how many answers are from before", async () => {
  behind = (name) => [name, right(name)]
  const models = [`openai:m@${url}`, `openai:m2@${url}`] as const
  expect((await gate(...models, "replaced", ["--max-requests", `${2 * n - 10}`])).code).toBe(12)
  behind = (name) => [name, right(name, "another")]
  const ended = await gate(...models, "replaced")
  expect(ended.code).toBe(0)
  const { annotations, reused = [] } = decisionOf(ended)
  expect(annotations).toContain("reused-by-name")
  expect(reused.reduce((sum, { answers }) => sum + answers, 0)).toBe(2 * n - 10)
  expect(ended.stderr).toMatch(/^tuned: (\d+ of its 60|nothing asked, all 60) answers are from .* UTC/m)
})

test("a trajectory over a model that was replaced says that its answers are from before", async () => {
  behind = (name) => [name, right(name)]
  const look = () =>
    driftgate(folder, [
      ...["trajectory", "--base", `openai:m@${url}`, "--candidate", `openai:m2@${url}`],
      ...asking("looks")
    ])
  const first = await look()
  expect(first.stderr).not.toContain("answers are from")
  behind = (name) => [name, right(name, "another")]
  const before = asked
  const again = await look()
  expect(asked).toBe(before)
  expect(again.code).toBe(first.code)
  for (const arm of ["base", "tuned"]) {
    expect(again.stderr).toMatch(new RegExp(`^${arm}: nothing asked, all 30 answers are from .* UTC`, "m"))
  }
  const records = lines<Readonly<Record<string, unknown>>>(again.stdout)
  for (const type of ["look", "verdict"]) {
    expect(records.find((record) => record["type"] === type)?.["annotations"]).toContain("reused-by-name")
  }
  const path = records.find(({ type }) => type === "artifact")!["path"] as string
  const { annotations, reused } = readJson<Decision>(path)
  expect(annotations).toContain("reused-by-name")
  expect(reused?.map(({ answers, arm }) => [arm, answers])).toEqual([["base", n / 2], ["tuned", n / 2]])
})

test("stored answers beside themselves with one blank line more are marked", async () => {
  const rows = Array.from(
    { length: n },
    (_, i) => JSON.stringify({ suite: "things", sample: `q${i}`, response: "There are 7" }) + "\n"
  ).join("")
  fileOf(folder, "a.jsonl", rows)
  fileOf(folder, "b.jsonl", `${rows}\n`)
  expect(decisionOf(await gate("replay:a.jsonl", "replay:b.jsonl", "stored")).annotations).toContain("same-answers")
})
