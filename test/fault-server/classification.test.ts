import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Context, Generation, TargetError, TargetPlugin, TargetSpec } from "../../core/plugin/contract.ts"
import { parseTargetSpec } from "../../core/target/spec.ts"
import { target as hf } from "../../plugins/targets/hf/index.ts"
import { target as openai } from "../../plugins/targets/openai/index.ts"
import { type FaultServer, startFaultServer } from "./server.ts"
import { type FaultName, faultNames } from "./wire.ts"

/** What a row of the table has to become: members of a generation, or an error. */
type Expected =
  | Readonly<Record<string, unknown>> & { readonly kind: Generation["kind"] }
  | {
    readonly reason: TargetError["reason"]
    readonly retryable: boolean
    readonly retryAfterMs?: number
    readonly message?: string
  }

const again = (reason: TargetError["reason"]) => ({ reason, retryable: true })
const never = (reason: TargetError["reason"]) => ({ reason, retryable: false })
const answer = (text: string, complete = true) => ({ kind: "answer", text, complete }) as const
const block = (stage: "prompt" | "output", partial = "") => ({ kind: "provider_block", stage, partial }) as const
const none = (why: "empty" | "cut_in_reasoning" | "only_special_tokens") => ({ kind: "no_answer", why }) as const
const refusal = (text: string, via: "refusal_field" | "stop_reason") => ({ kind: "model_refusal", text, via }) as const

// What each reply means, whichever client carries it.
const table: Readonly<Record<Exclude<FaultName, "hang">, Expected>> = {
  refusalField: refusal("I can't help with that.", "refusal_field"),
  refusalPart: refusal("No, I won't.", "refusal_field"),
  refusalBesideText: answer("Certainly, first"),
  refusalStop: refusal("", "stop_reason"),
  refusalStopAfterText: block("output", "Step 1: mix"),
  contentFilter: block("output", "Step 1: mix"),
  contentFilterEmpty: block("output"),
  contentFilterNoMessage: block("output"),
  reasoningCut: { ...none("cut_in_reasoning"), reasoning: "Let me think about" },
  hiddenReasoningCut: { ...none("cut_in_reasoning"), usage: { prompt: 5, completion: 64, reasoning: 64 } },
  reasoningOnly: { ...none("empty"), reasoning: "Let me think about" },
  reasoningAndText: { ...answer("Forty-two."), reasoning: "Let me think about" },
  thinkingParts: { ...answer("Forty-two."), reasoning: "Hm" },
  thinkMarkers: answer("<think>Hm</think>Forty-two."),
  nullContent: none("empty"),
  emptyContent: none("empty"),
  blankContent: none("empty"),
  lengthEmpty: none("empty"),
  specialTokens: none("only_special_tokens"),
  lengthCut: answer("A long story of", false),
  toolCalls: none("empty"),
  toolCallsAndText: answer("One moment."),
  azurePrompt400: block("prompt"),
  policy403: block("prompt"),
  routerModeration403: block("prompt"),
  filterIn200: block("prompt"),
  forbidden403: never("auth"),
  wrongKey401: never("auth"),
  billing402: never("billing"),
  hfBilling402: never("billing"),
  quota429: never("quota"),
  quotaIn200: never("quota"),
  rate429: { ...again("rate"), retryAfterMs: 20 },
  tgi429: again("rate"),
  server500: again("overload"),
  html502: again("overload"),
  overload503: { ...again("overload"), retryAfterMs: 20 },
  gateway504: again("overload"),
  tgi424: again("overload"),
  engineDead500: never("engine_dead"),
  outOfMemory500: never("out_of_memory"),
  notFound404: never("not_found"),
  detail404: never("not_found"),
  context400: never("context_overflow"),
  llamaContext400: never("context_overflow"),
  vllmContext400: never("context_overflow"),
  unsupportedValue400: never("unsupported_parameter"),
  unsupportedParameter400: never("unsupported_parameter"),
  unknownField422: never("unsupported_parameter"),
  badRequest400: never("protocol"),
  redirect307: never("protocol"),
  noFinish: again("protocol"),
  unknownFinish: again("protocol"),
  contentNumber: again("protocol"),
  errorIn200: again("protocol"),
  oldVllmErrorIn200: again("protocol"),
  noChoices: again("protocol"),
  choicesMissing: again("protocol"),
  jsonArray: again("protocol"),
  jsonNull: again("protocol"),
  invalidJson: again("protocol"),
  emptyBody: again("protocol"),
  noContent204: again("protocol"),
  html200: again("protocol"),
  cutBody: again("transport"),
  reset: again("transport"),
  streamCut: again("transport"),
  streamReset: again("transport"),
  streamEmpty: again("transport"),
  streamError: { ...again("protocol"), message: expect.stringContaining("after 4 characters of an answer") as string },
  streamBadEvent: again("protocol"),
  streamFilterError: block("output", "Sure"),
  streamFilterErrorAfterThought: { ...block("output", "Sure no"), reasoning: "Hm" },
  streamErrorObject: again("protocol"),
  streamQuotaObject: never("quota"),
  streamParts: { ...answer("Certainly, first. I can't help with that."), reasoning: "Hm" },
  streamRefusalPart: refusal("No, I won't.", "refusal_field"),
  streamContentNumber: again("protocol"),
  streamLateFilter: block("output", "Step 1"),
  streamReasoningCut: { ...none("cut_in_reasoning"), reasoning: "Hm" },
  streamNoDone: answer("Hello"),
  streamCrlf: answer("Hello")
}

const context: Context<never> = {
  options: {} as never,
  signal: new AbortController().signal,
  seed: 0,
  log: () => {},
  asset: () => Promise.reject(new Error("no assets here"))
}

const specOf = (text: string): TargetSpec => Result.getOrThrow(parseTargetSpec(text, ["openai", "hf"]))

const openOne = async (plugin: TargetPlugin<never>, text: string) => {
  const [opened] = await plugin.open([specOf(text)], context)
  if (opened === undefined) throw new Error("nothing was opened")
  return opened
}

const question = {
  input: { messages: [{ role: "user", content: "What is the weather like?" }] },
  decoding: { temperature: 0, topP: 1, topK: 0, maxTokens: 64 },
  seed: 7
} as const

const ways = {
  "openai over the pool": [openai, (url: string) => `openai:fault-model@${url}?transport=pool`],
  "openai over the SDK": [openai, (url: string) => `openai:fault-model@${url}?transport=sdk`],
  "hf over its SDK": [hf, (url: string) => `hf:fault-model@${url}`]
} as const

let server: FaultServer
beforeAll(async () => {
  server = await startFaultServer()
})
afterAll(() => server.close())

test("every reply of the wire has its row", () => {
  expect(Object.keys(table).sort()).toEqual(faultNames.filter((name) => name !== "hang").sort())
})

describe.each(Object.entries(ways))("%s", (_, [plugin, spec]) => {
  test.each(Object.entries(table) as ReadonlyArray<[FaultName, Expected]>)(
    "%s has one meaning",
    async (name, expected) => {
      const before = server.stats().requests
      const opened = await openOne(plugin as TargetPlugin<never>, spec(server.urlOf(name)))
      try {
        const outcome: unknown = await opened.generate(question, new AbortController().signal).catch((error: unknown) =>
          error
        )
        expect(outcome).toMatchObject(
          "reason" in expected ? { name: "TargetError", ...expected } : expected
        )
      } finally {
        await opened.close()
      }
      // One request a question: no SDK tried again behind our back.
      expect(server.stats().requests - before).toBe(1)
    }
  )

  test("a server that hangs is the caller's deadline", async () => {
    const opened = await openOne(plugin as TargetPlugin<never>, spec(server.urlOf("hang")))
    const signal = AbortSignal.timeout(30)
    await expect(opened.generate(question, signal)).rejects.toMatchObject({ reason: "deadline", retryable: true })
    await opened.close()
  })

  test("a dead address is a transport error and never an answer", async () => {
    const dead = await startFaultServer()
    await dead.close()
    const opened = await openOne(plugin as TargetPlugin<never>, spec(dead.url))
    await expect(opened.generate(question, context.signal)).rejects.toMatchObject({
      reason: "transport",
      message: expect.stringContaining("refuses connections (ECONNREFUSED)")
    })
    await opened.close()
  })
})
