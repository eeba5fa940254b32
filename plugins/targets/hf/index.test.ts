import type { Context, GenerateRequest, Target, TargetSpec } from "driftgate/plugin"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type FaultServer, type FaultServerOptions, startFaultServer } from "../../../test/fault-server/server.ts"
import { target } from "./index.ts"

const closing: Array<() => Promise<unknown>> = []
beforeEach(() => {
  vi.stubEnv("HF_TOKEN", undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closing.splice(0)) await close()
})

const context = {
  options: {},
  signal: new AbortController().signal,
  seed: 0,
  log: () => {},
  asset: async () => ""
} satisfies Context<object>
const never = new AbortController().signal

const specOf = (
  model: string,
  endpoints: ReadonlyArray<string>,
  parameters: Readonly<Record<string, string>> = {}
): TargetSpec => ({ text: `hf:${model}`, scheme: "hf", locator: model, endpoints, parameters })

const open = async (...args: Parameters<typeof specOf>): Promise<Target> => {
  const [opened] = await target.open([specOf(...args)], context)
  if (opened === undefined) throw new Error("nothing was opened")
  closing.push(opened.close)
  return opened
}

const start = async (options?: FaultServerOptions): Promise<FaultServer> => {
  const server = await startFaultServer(options)
  closing.push(server.close)
  return server
}

const request: GenerateRequest = {
  input: { messages: [{ role: "user", content: "Tell me of the sea" }] },
  decoding: { temperature: 0.5, topP: 0.9, topK: 0, maxTokens: 7 },
  seed: 41
}

test("every decoding parameter is sent explicitly, with the token and the system prompt", async () => {
  vi.stubEnv("HF_TOKEN", "hf_abc")
  const server = await start({ key: "hf_abc", answer: () => "a b c d e f g h" })
  const opened = await open("org/model", [server.url], { system: "Be safe.", "extra.x": "1" })
  expect(await opened.generate(request, never)).toEqual({
    kind: "answer",
    text: "a b c d e f g",
    complete: false,
    usage: { prompt: 5, completion: 7 },
    servedModel: "org/model"
  })
  expect(server.last().path).toBe("/v1/chat/completions")
  expect(server.last().body).toMatchObject({
    messages: [{ role: "system", content: "Be safe." }, { role: "user", content: "Tell me of the sea" }],
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 7,
    seed: 41,
    x: 1
  })
})

test("one question is one request, also after a 503", async () => {
  const server = await start()
  const opened = await open("org/model", [server.urlOf("overload503")])
  await expect(opened.generate(request, never)).rejects.toMatchObject({ reason: "overload", retryAfterMs: 20 })
  expect(server.stats().requests).toBe(1)
})

test("log-probabilities come when they are asked for", async () => {
  const server = await start({ answer: () => "one two" })
  const opened = await open("org/model", [server.url])
  expect(await opened.generate({ ...request, topLogprobs: 2 }, never)).toMatchObject({ logprobs: [-0.25, -0.25] })
})

test.each(
  [
    ["no provider", "org/model", [], {}, "unsupported_parameter", "no provider is named"],
    [
      "the first provider of the account",
      "org/model",
      [],
      { provider: "auto" },
      "unsupported_parameter",
      "two people measure two models"
    ],
    ["the fastest provider", "org/model:fastest", [], {}, "unsupported_parameter", ":fastest"],
    [
      "the fastest provider by name",
      "org/model",
      [],
      { provider: "fastest" },
      "unsupported_parameter",
      "no provider \"fastest\""
    ],
    [
      "a provider and an address",
      "org/model",
      ["http://127.0.0.1:1"],
      { provider: "together" },
      "unsupported_parameter",
      "Leave out one"
    ],
    [
      "two addresses",
      "org/model",
      ["http://127.0.0.1:1", "http://127.0.0.1:2"],
      {},
      "unsupported_parameter",
      "one address"
    ],
    ["a provider without a token", "org/model", [], { provider: "together" }, "auth", "HF_TOKEN is not set"],
    ["an endpoint far away without a token", "m", ["https://x.example"], {}, "auth", "HF_TOKEN is not set"],
    [
      "an unknown parameter",
      "m",
      ["http://127.0.0.1:1"],
      { temp: "1" },
      "unsupported_parameter",
      "no parameter \"temp\""
    ]
  ] as const
)("%s is refused before anything is asked", async (_, model, endpoints, parameters, reason, message) => {
  await expect(open(model, endpoints, parameters)).rejects.toMatchObject({
    reason,
    message: expect.stringContaining(message)
  })
})

test("a pinned provider is part of who the model is", async () => {
  vi.stubEnv("HF_TOKEN", "hf_secret")
  const one = await open("org/model", [], { provider: "together" })
  const two = await open("org/model", [], { provider: "groq" })
  expect(one).toMatchObject({ remote: true, identity: { verifiable: false, parts: { provider: "together" } } })
  expect(one.identity.behaviour).not.toBe(two.identity.behaviour)
  expect(one.endpoint).not.toBe(two.endpoint)
  expect(JSON.stringify(one)).not.toContain("secret")
})

test("an address is part of who the model is, however it is written", async () => {
  vi.stubEnv("HF_TOKEN", "hf_secret")
  const one = await open("m", ["https://a.example/v1"])
  expect((await open("m", ["https://A.example:443/v1/"])).identity).toEqual(one.identity)
  expect((await open("m", ["https://b.example/v1"])).identity).not.toEqual(one.identity)
})

test("the probe finds a dead endpoint and a refused token", async () => {
  const dead = await startFaultServer()
  await dead.close()
  await expect((await open("m", [dead.url])).probe?.(never)).rejects.toMatchObject({ reason: "transport" })
  const server = await start({ key: "hf_right" })
  await expect((await open("m", [server.url])).probe?.(never)).rejects.toMatchObject({ reason: "auth" })
})

test("rendered prompts are refused", async () => {
  const opened = await open("m", ["http://127.0.0.1:1"])
  expect(opened.capabilities.input).toEqual(["messages"])
  await expect(opened.generate({ ...request, input: { prompt: "x" } }, never)).rejects.toMatchObject({
    reason: "unsupported_parameter"
  })
})
