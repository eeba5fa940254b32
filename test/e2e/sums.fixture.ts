/** A suite of sums with answers whose drift is known beforehand, stored or from a server that draws by the seed. */
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileOf } from "./driftgate.fixture.ts"

export const sums = "file?path=sums.jsonl&as=sums&measure=wrong&scorer=exact-match"

/** Flags of rules under which sums alone may be gated. */
export const sumsAlone = (folder: string): ReadonlyArray<string> => [
  "--policy",
  fileOf(folder, "sums-alone.yaml", { requireGated: [] })
]

const questionOf = (i: number): string => `How much is ${i} and 1?`

/** Writes the suite into a place of work. */
export const writeSums = (folder: string, n: number): void => {
  const rows = Array.from({ length: n }, (_, i) => ({ id: `q${i}`, prompt: questionOf(i), reference: `${i + 1}` }))
  fileOf(folder, "sums.jsonl", rows.map((row) => JSON.stringify(row) + "\n").join(""))
}

/** A number in [0, 1) that depends on the words alone. */
export const drawn = (...words: ReadonlyArray<string | number>): number =>
  createHash("sha256").update(JSON.stringify(words)).digest().readUInt32BE(0) / 2 ** 32

/** Stored answers as a `replay:` spec; `wrong` says which of them are wrong. */
export const storedSums = (folder: string, name: string, n: number, wrong: (i: number) => boolean): string => {
  const rows = Array.from({ length: n }, (_, i) => ({
    suite: "sums",
    sample: `q${i}`,
    response: `Answer: ${i + (wrong(i) ? 2 : 1)}`
  }))
  const own = { suite: "nothing", sample: name, response: name }
  return `replay:${fileOf(folder, `${name}.jsonl`, [...rows, own].map((row) => JSON.stringify(row) + "\n").join(""))}`
}

/** A model that is wrong in a share of its answers, drawn from question and seed alone. */
export interface SumsServer {
  readonly spec: (model: string) => string
  readonly requests: () => number
  readonly close: () => Promise<void>
}

/** Serves models by name; each is wrong in the given share of cases, and the same draw serves all of them. */
export const serveSums = async (wrong: Readonly<Record<string, number>>): Promise<SumsServer> => {
  let requests = 0
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const json = (body: unknown) => {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
      }
      if (request.method === "GET") return json({ data: Object.keys(wrong).map((id) => ({ id })) })
      requests++
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
        readonly model: string
        readonly seed: number
        readonly messages: ReadonlyArray<{ readonly content: string }>
      }
      const question = body.messages.at(-1)!.content
      const i = Number(/\d+/.exec(question)?.[0])
      const isWrong = drawn(question, body.seed) < (wrong[body.model] ?? 0)
      const message = { role: "assistant", content: `Answer: ${i + (isWrong ? 2 : 1)}` }
      json({
        id: "1",
        object: "chat.completion",
        created: 1,
        model: body.model,
        choices: [{ index: 0, finish_reason: "stop", message }],
        usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    spec: (model) => `openai:${model}@http://127.0.0.1:${port}/v1`,
    requests: () => requests,
    close: () => new Promise((resolve) => server.close(() => resolve()))
  }
}
