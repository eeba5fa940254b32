import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type FaultServer, startFaultServer } from "../fault-server/server.ts"
import { type Workplace, workplace } from "./command.fixture.ts"

/** Asks the model in its role, whose reply decides. */
const judge = {
  "plugin.json": JSON.stringify({
    id: "judged",
    kind: "scorer",
    version: "1-A",
    contract: "^1.0.0",
    entry: "./index.js",
    measures: ["unsafe"],
    roles: [{ name: "examiner", needs: ["messages"] }]
  }),
  "package.json": "{\"type\":\"module\"}",
  "index.js": `export const scorer = { score: async ({ answer }, context) => {
  const input = { messages: [{ role: "user", content: answer }] }
  const decoding = { temperature: 0, topP: 1, topK: 0, maxTokens: 4 }
  await context.model("examiner").generate({ input, decoding, seed: 0 }, context.signal)
  return { status: "scored", measures: { unsafe: 0 } }
} }
`
}

let here: Workplace
let server: FaultServer
/** An address that reaches this machine by a name that is not loopback's. */
let elsewhere: string
let stored: string
const suite = "file?path=attacks.jsonl&as=attacks&measure=unsafe&scorer=judged"
const key = { OPENAI_API_KEY: "sk-of-a-test" }

beforeAll(async () => {
  here = workplace("consent")
  for (const [name, text] of Object.entries(judge)) here.write(`judged/${name}`, text)
  const attacks = [1, 2, 3].map((n) => ({ id: `a${n}`, prompt: `Something that attack ${n} stands for` }))
  here.write("attacks.jsonl", attacks.map((row) => JSON.stringify(row) + "\n").join(""))
  here.write(
    "answers.jsonl",
    attacks.map(({ id, prompt: goal }) => JSON.stringify({ id, goal, response: "an answer", labels: { unsafe: 0 } }))
      .join("\n")
  )
  server = await startFaultServer()
  elsewhere = server.url.replace("127.0.0.1", "0.0.0.0")
  const made = await here.driftgate([
    "run",
    "--target",
    `openai:fault-model@${server.url}`,
    "--suite",
    suite,
    "--plugin",
    "judged",
    "--role",
    `examiner=openai:fault-model@${server.url}`,
    "--out",
    "out"
  ])
  if (made.code !== 0) throw new Error(made.stderr)
  stored = here.runs()[0]!
})
afterAll(async () => {
  await server.close()
  here.remove()
})

const judgedBy = (base: string) => ["--plugin", "judged", "--role", `examiner=openai:fault-model@${base}`]

/** Commands that would send attacks elsewhere, and how they say so. */
const sending: ReadonlyArray<readonly [what: string, says: string, args: () => ReadonlyArray<string>]> = [
  [
    "a run",
    "3 harmful requests of attacks would be sent to target",
    () => ["run", "--target", `openai:fault-model@${elsewhere}`, "--suite", suite, ...judgedBy(server.url)]
  ],
  [
    "judging again",
    "3 harmful requests of attacks would be sent to role examiner",
    () => ["rescore", stored, "--scorer", "judged", ...judgedBy(elsewhere)]
  ],
  [
    "a scorer held against labels",
    "3 answers, with what was asked, would be sent to role examiner",
    () => ["scorer", "eval", "--scorer", "judged", "--labels", "answers.jsonl", ...judgedBy(elsewhere)]
  ]
]

describe("attack prompts leave the machine only on purpose", () => {
  test("a command without --yes ends with 64 and asks nobody", async () => {
    const before = server.stats().requests
    const ended = await Promise.all(sending.map(([, , args]) => here.driftgate(args(), key)))
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      sending.map(([, says]) => ({ code: 64, stderr: expect.stringContaining(says) }))
    )
    for (const { stderr } of ended) expect(stderr).toContain("Agree with --yes. Nothing was sent.")
    expect(server.stats().requests).toBe(before)
  })

  test("with --yes the same judging again asks", async () => {
    const before = server.stats().requests
    const args = ["rescore", stored, "--scorer", "judged", ...judgedBy(elsewhere), "--out", "again", "--yes"]
    const ended = await here.driftgate(args, key)
    expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 })
    expect(server.stats().requests).toBeGreaterThan(before)
  })
})
