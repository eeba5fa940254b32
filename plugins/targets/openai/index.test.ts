import type { Context, GenerateRequest, Target, TargetSpec } from "driftgate/plugin"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { type FaultServer, type FaultServerOptions, startFaultServer } from "../../../test/fault-server/server.ts"
import { target } from "./index.ts"

const closing: Array<() => Promise<unknown>> = []
beforeEach(() => {
  vi.stubEnv("OPENAI_API_KEY", undefined)
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
): TargetSpec => ({ text: `openai:${model}`, scheme: "openai", locator: model, endpoints, parameters })

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

const request = (more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  input: { messages: [{ role: "user", content: "Tell me of the sea" }] },
  decoding: { temperature: 0.5, topP: 0.9, topK: 0, maxTokens: 7, stop: ["\n\n"] },
  seed: 41,
  ...more
})

describe.each(["pool", "sdk"])("over the %s", (transport) => {
  test("every decoding parameter is sent explicitly, and the system prompt first", async () => {
    const server = await start()
    const opened = await open("fault-model", [server.url], { transport, system: "Be safe." })
    await opened.generate(request(), never)
    expect(server.last().path).toBe("/v1/chat/completions")
    expect(server.last().body).toEqual({
      model: "fault-model",
      messages: [{ role: "system", content: "Be safe." }, { role: "user", content: "Tell me of the sea" }],
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 7,
      seed: 41,
      stop: ["\n\n"]
    })
  })

  test("the key goes with the request", async () => {
    vi.stubEnv("SPECIAL_KEY", "k-123")
    const server = await start({ key: "k-123" })
    const opened = await open("fault-model", [server.url], { transport, api_key_env: "SPECIAL_KEY" })
    expect(await opened.generate(request(), never)).toMatchObject({ kind: "answer" })
  })

  test("without a key no key is sent", async () => {
    const server = await start()
    await (await open("fault-model", [server.url], { transport })).generate(request(), never)
    expect(server.last().headers.authorization).toBeUndefined()
  })

  test("an answer that the token limit cut is marked, and says which model gave it", async () => {
    const server = await start({ answer: () => "one two three four five six seven eight nine" })
    const opened = await open("fault-model", [server.url], { transport })
    expect(await opened.generate(request(), never)).toEqual({
      kind: "answer",
      text: "one two three four five six seven",
      complete: false,
      usage: { prompt: 5, completion: 7 },
      servedModel: "fault-model"
    })
  })

  test("a streamed answer is the same answer", async () => {
    const server = await start({ answer: () => "one two three" })
    const plain = await open("fault-model", [server.url], { transport })
    const streamed = await open("fault-model", [server.url], { transport, stream: "true" })
    const generation = await streamed.generate(request(), never)
    expect(server.last().body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(generation).toEqual(await plain.generate(request(), never))
  })

  test("log-probabilities come when they are asked for", async () => {
    const server = await start({ answer: () => "one two" })
    const opened = await open("fault-model", [server.url], { transport })
    const generation = await opened.generate(request({ topLogprobs: 3 }), never)
    expect(server.last().body).toMatchObject({ logprobs: true, top_logprobs: 3 })
    expect(generation).toMatchObject({ logprobs: [-0.25, -0.25], top: [[{ text: "one" }], [{ text: " two" }]] })
  })

  test("parameters that a spec omits or adds are honoured and change the identity", async () => {
    const server = await start()
    const plain = await open("fault-model", [server.url], { transport })
    const opened = await open("fault-model", [server.url], {
      transport,
      omit: "temperature,seed",
      max_tokens_field: "max_completion_tokens",
      "extra.reasoning_effort": "low",
      "extra.chat_template_kwargs": "{\"enable_thinking\":false}"
    })
    await opened.generate(request(), never)
    expect(server.last().body).toEqual({
      model: "fault-model",
      messages: [{ role: "user", content: "Tell me of the sea" }],
      top_p: 0.9,
      max_completion_tokens: 7,
      stop: ["\n\n"],
      reasoning_effort: "low",
      chat_template_kwargs: { enable_thinking: false }
    })
    expect(opened.capabilities.seed).toBe(false)
    expect(opened.identity.behaviour).not.toBe(plain.identity.behaviour)
  })

  test("addresses of one model share the load", async () => {
    const servers = [await start(), await start()]
    const opened = await open("fault-model", servers.map((server) => server.url), { transport })
    await Promise.all(Array.from({ length: 20 }, () => opened.generate(request(), never)))
    expect(servers.map((server) => server.stats().requests)).toEqual([10, 10])
  })

  test("many questions at once each get their own answer", async () => {
    const server = await start({ answer: (prompt) => `about ${prompt}`, latencyMs: 1 })
    const opened = await open("fault-model", [server.url], { transport })
    const texts = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const input = { messages: [{ role: "user", content: `probe-${index}` }] } as const
        const generation = await opened.generate(request({ input }), never)
        return generation.kind === "answer" ? generation.text : generation.kind
      })
    )
    expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `about probe-${index}`))
  })
})

describe("the probe", () => {
  test("accepts a server that lists the model, and one that lists nothing", async () => {
    for (const models of [["fault-model", "other"], []]) {
      const server = await start({ models })
      await (await open("fault-model", [server.url])).probe?.(never)
      expect(server.stats().requests).toBe(0)
    }
  })

  test("names the models that are there when the one asked for is not", async () => {
    const server = await start({ models: ["alpha", "beta"] })
    await expect((await open("gamma", [server.url])).probe?.(never)).rejects.toMatchObject({
      reason: "not_found",
      message: expect.stringMatching(/does not list the model "gamma"; it lists alpha, beta/)
    })
  })

  test("says which variable held the key that is refused", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-wrong-key-value")
    const server = await start({ key: "right" })
    const refused = (await open("fault-model", [server.url])).probe?.(never)
    await expect(refused).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringContaining("environment variable OPENAI_API_KEY")
    })
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining("sk-") })
  })

  test("asks one short question where there is no list of models", async () => {
    const server = await start({ models: undefined })
    await (await open("fault-model", [server.url])).probe?.(never)
    expect(server.last().body).toMatchObject({ max_tokens: 1 })
    const missing = await start({ models: undefined })
    await expect((await open("m", [missing.urlOf("notFound404")])).probe?.(never)).rejects.toMatchObject({
      reason: "not_found"
    })
  })

  test("tries every address and says that one is dead", async () => {
    const [alive, dead] = [await start(), await startFaultServer()]
    await dead.close()
    await expect((await open("fault-model", [alive.url, dead.url])).probe?.(never)).rejects.toMatchObject({
      reason: "transport",
      message: expect.stringContaining(dead.url)
    })
  })
})

describe("what cannot be asked", () => {
  test.each(
    [
      ["a model far away without a key", "gpt", [], {}, "auth", "OPENAI_API_KEY is not set"],
      [
        "a named key that is not there",
        "m",
        ["http://127.0.0.1:1"],
        { api_key_env: "NOT_SET" },
        "auth",
        "NOT_SET is not set"
      ],
      [
        "a parameter that does not exist",
        "m",
        ["http://127.0.0.1:1"],
        { sytem: "x" },
        "unsupported_parameter",
        "no parameter \"sytem\""
      ],
      [
        "a transport that does not exist",
        "m",
        ["http://127.0.0.1:1"],
        { transport: "tcp" },
        "unsupported_parameter",
        "pool or sdk"
      ],
      [
        "a field that cannot be omitted",
        "m",
        ["http://127.0.0.1:1"],
        { omit: "model" },
        "unsupported_parameter",
        "cannot omit \"model\""
      ],
      [
        "a field that the plan records",
        "m",
        ["http://127.0.0.1:1"],
        { "extra.seed": "1" },
        "unsupported_parameter",
        "extra.seed"
      ],
      [
        "a system prompt file that is not there",
        "m",
        ["http://127.0.0.1:1"],
        { system: "@none.txt" },
        "not_found",
        "none.txt"
      ]
    ] as const
  )("%s is refused before anything is asked", async (_, model, endpoints, parameters, reason, message) => {
    await expect(open(model, endpoints, parameters)).rejects.toMatchObject({
      reason,
      retryable: false,
      message: expect.stringContaining(message)
    })
  })

  test("an adapter is refused", async () => {
    const spec = { ...specOf("m", ["http://127.0.0.1:1"]), adapter: "a" }
    await expect(target.open([spec], context)).rejects.toMatchObject({ reason: "unsupported_parameter" })
  })

  test("top_k goes to a server on this machine only, and is never dropped", async () => {
    const decoding = { temperature: 1, topP: 1, topK: 20, maxTokens: 4 }
    const server = await start()
    await (await open("fault-model", [server.url])).generate(request({ decoding }), never)
    expect(server.last().body).toMatchObject({ top_k: 20 })
    const far = await open("gpt", ["https://api.example.invalid/v1"], { api_key_env: "" })
    await expect(far.generate(request({ decoding }), never)).rejects.toMatchObject({ reason: "unsupported_parameter" })
  })
})

test("a rendered prompt and token ids go to /completions on the pool, and nowhere on the SDK", async () => {
  const server = await start()
  const opened = await open("fault-model", [server.url])
  expect(opened.capabilities.input).toEqual(["messages", "prompt", "tokens"])
  expect(await opened.generate(request({ input: { prompt: "Once" }, topLogprobs: 5 }), never)).toMatchObject({
    kind: "answer"
  })
  expect(server.last()).toMatchObject({ path: "/v1/completions", body: { prompt: "Once", logprobs: 5, max_tokens: 7 } })
  await opened.generate(request({ input: { tokens: [1, 2, 3] } }), never)
  expect(server.last().body).toMatchObject({ prompt: [1, 2, 3] })
  const sdk = await open("fault-model", [server.url], { transport: "sdk" })
  expect(sdk.capabilities.input).toEqual(["messages"])
  await expect(sdk.generate(request({ input: { prompt: "Once" } }), never)).rejects.toMatchObject({
    reason: "unsupported_parameter"
  })
  const withSystem = await open("fault-model", [server.url], { system: "Be safe." })
  await expect(withSystem.generate(request({ input: { prompt: "Once" } }), never)).rejects.toMatchObject({
    reason: "unsupported_parameter"
  })
})

describe("the identity", () => {
  const behaviour = async (...args: Parameters<typeof specOf>) => (await open(...args)).identity.behaviour
  const here = ["http://127.0.0.1:1/v1"]

  test("on this machine is the model and its system prompt, not the port", async () => {
    const one = await behaviour("m", here)
    expect(await behaviour("m", ["http://localhost:2/v1"])).toBe(one)
    expect(await behaviour("m", here, { stream: "true", transport: "sdk" })).toBe(one)
    expect(await behaviour("n", here)).not.toBe(one)
    expect(await behaviour("m", here, { system: "Be safe." })).not.toBe(one)
  })

  test("elsewhere is the endpoint too", async () => {
    const far = (base: string) => behaviour("m", [base], { api_key_env: "" })
    expect(await far("https://a.example/v1")).not.toBe(await far("https://b.example/v1"))
    expect(await far("https://a.example/v1")).not.toBe(await behaviour("m", here))
  })

  test("is one however an address or a field is written", async () => {
    const far = async (base: string, parameters: Readonly<Record<string, string>> = {}) =>
      (await open("m", [base], { api_key_env: "", ...parameters })).identity
    const one = await far("https://a.example/v1?a=1&b=2")
    for (const written of ["https://a.example/v1/?a=1&b=2", "https://A.example:443/v1?b=2&a=1"]) {
      expect(await far(written)).toEqual(one)
    }
    const twice = await open("m", ["https://a.example/v1", "https://a.example/v1/"], { api_key_env: "" })
    expect(twice.identity).toEqual(await far("https://a.example/v1"))
    expect(await far("https://a.example/v1", { omit: "top_p,seed,seed" })).toEqual(
      await far("https://a.example/v1", { omit: "seed,top_p" })
    )
    expect(await far("https://a.example/v1", { "extra.a": "{\"x\":1,\"y\":2}", "extra.b": "1" })).toEqual(
      await far("https://a.example/v1/", { "extra.b": " 1 ", "extra.a": "{\"y\": 2, \"x\": 1}" })
    )
  })

  test("is never verifiable, tells where prompts go, and holds no key", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-secret-secret")
    const opened = await open("gpt-4o-mini", [])
    expect(opened).toMatchObject({ remote: true, endpoint: "https://api.openai.com", identity: { verifiable: false } })
    expect(opened.identity.parts.urls).toBe("https://api.openai.com/v1")
    expect(opened.identity.weights).toBeUndefined()
    expect(JSON.stringify(opened)).not.toContain("secret")
    expect(await open("m", here)).toMatchObject({ remote: false, endpoint: "http://127.0.0.1:1" })
    expect(await open("m", [...here, "http://10.0.0.1/v1"])).toMatchObject({ remote: true })
  })
})

test("targets that were opened together stay open until the last is closed", async () => {
  const server = await start()
  const [first, second] = await target.open([specOf("a", [server.url]), specOf("b", [server.url])], context)
  await first?.close()
  await first?.close()
  expect(await second?.generate(request(), never)).toMatchObject({ kind: "answer" })
  await second?.close()
})
