/** What a server puts on the wire: one entry per trap that providers and engines set. */

/** A question as the server understood it. */
export interface Question {
  readonly model: string
  readonly prompt: string
  readonly chat: boolean
  readonly stream: boolean
  readonly logprobs: boolean
  readonly maxTokens: number
}

export interface WireReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** Send half of the body and reset the connection. */
  readonly cut?: boolean
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireReply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body)
})

interface Message {
  readonly content?: unknown
  readonly refusal?: string | null
  readonly reasoning_content?: string
  readonly tool_calls?: ReadonlyArray<unknown>
}

const completion = (question: Question, message: Message, finish: unknown, more: object = {}) => ({
  id: "x",
  object: question.chat ? "chat.completion" : "text_completion",
  created: 1,
  model: question.model,
  choices: [{
    index: 0,
    finish_reason: finish,
    ...(question.chat
      ? { message: { role: "assistant", refusal: null, content: null, ...message } }
      : { text: message.content ?? "" })
  }],
  usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
  ...more
})

const said = (question: Question, message: Message, finish: unknown = "stop", more: object = {}): WireReply =>
  json(200, completion(question, message, finish, more))

const event = (data: unknown): string => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`

const chunk = (question: Question, delta: Message, finish: string | null = null) => ({
  object: "chat.completion.chunk",
  model: question.model,
  choices: [{ index: 0, delta, finish_reason: finish }]
})

const stream = (events: ReadonlyArray<string>): WireReply => ({
  status: 200,
  headers: { "content-type": "text/event-stream" },
  body: events.join("")
})

/** Log-probabilities of the tokens that could have stood in a place, by their text. */
export type Alternatives = Readonly<Record<string, number>>

/** Log-probabilities as chat completions have them, or as the older completions do. */
const probabilities = (chat: boolean, tokens: ReadonlyArray<string>, alternatives: ReadonlyArray<Alternatives>) => {
  const logprobs = tokens.map((token, index) => alternatives[index]![token] ?? -99)
  return chat
    ? {
      content: tokens.map((token, index) => ({
        token,
        logprob: logprobs[index]!,
        top_logprobs: Object.entries(alternatives[index]!).map(([token, logprob]) => ({ token, logprob }))
      }))
    }
    : { tokens, token_logprobs: logprobs, top_logprobs: alternatives }
}

/** The ordinary answer, cut at the number of new tokens; a token is a word. `first`: what its first could have been. */
export const answerReply = (question: Question, text: string, first?: Alternatives): WireReply => {
  const words = text.match(/\s*\S+/gu) ?? []
  const kept = words.slice(0, question.maxTokens)
  const whole = kept.length === words.length
  const usage = { prompt_tokens: 5, completion_tokens: kept.length, total_tokens: 5 + kept.length }
  if (question.stream) {
    return stream([
      ...kept.map((content) => event(chunk(question, { content }))),
      event(chunk(question, {}, whole ? "stop" : "length")),
      event({ ...chunk(question, {}), choices: [], usage }),
      event("[DONE]")
    ])
  }
  const body = completion(question, { content: kept.join("") }, whole ? "stop" : "length", { usage })
  if (!question.logprobs) return json(200, body)
  const alternatives = kept.map((token, index) => index === 0 && first !== undefined ? first : { [token]: -0.25 })
  const logprobs = probabilities(question.chat, kept, alternatives)
  return json(200, { ...body, choices: [{ ...body.choices[0], logprobs }] })
}

const openaiError = (
  message: string,
  code: string | null,
  type = "invalid_request_error",
  param: string | null = null
) => ({
  error: { message, type, param, code }
})

/** Faults that are a reply; `reset` and `hang` are none. */
const replies = {
  rate429: () =>
    json(429, openaiError("Rate limit reached", "rate_limit_exceeded", "requests"), { "retry-after": "0.02" }),
  quota429: () => json(429, openaiError("You exceeded your current quota", "insufficient_quota", "insufficient_quota")),
  tgi429: () => json(429, { error: "Model is overloaded", error_type: "overloaded" }),
  server500: () => json(500, openaiError("The server had an error", null, "server_error")),
  engineDead500: () => json(500, { error: { message: "EngineCore encountered an issue", type: "EngineDeadError" } }),
  outOfMemory500: () =>
    json(500, { error: { message: "CUDA out of memory. Tried to allocate", type: "InternalServerError" } }),
  html502: () => ({
    status: 502,
    headers: { "content-type": "text/html" },
    body: "<html><body>bad gateway</body></html>"
  }),
  overload503: () => json(503, { error: "Model is overloaded" }, { "retry-after": "0.02" }),
  gateway504: () => ({ status: 504, headers: { "content-type": "text/plain" }, body: "upstream request timeout" }),
  tgi424: () => json(424, { error: "Request failed during generation", error_type: "generation" }),
  wrongKey401: () => json(401, openaiError("Incorrect API key provided: sk-abcdef123456", "invalid_api_key")),
  billing402: () => json(402, { error: { message: "payment required" } }),
  hfBilling402: () => json(402, { error: "You have exceeded your monthly included credits" }),
  forbidden403: () => json(403, openaiError("Project does not have access to model", "model_access_denied")),
  policy403: () => json(403, openaiError("Your request was blocked", "cyber_policy_violation")),
  routerModeration403: () =>
    json(403, { error: { code: 403, message: "Input was flagged", metadata: { reasons: ["x"], flagged_input: "…" } } }),
  azurePrompt400: () =>
    json(400, {
      error: {
        message: "The response was filtered due to the prompt triggering a content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_result: { jailbreak: { filtered: true, detected: true } }
        }
      }
    }),
  notFound404: () => json(404, openaiError("The model `x` does not exist", "model_not_found")),
  detail404: () => json(404, { detail: "Not Found" }),
  context400: () => json(400, openaiError("Maximum context length is 8192 tokens.", "context_length_exceeded")),
  llamaContext400: () =>
    json(400, {
      error: { code: 400, message: "the request exceeds the available size", type: "exceed_context_size_error" }
    }),
  vllmContext400: () =>
    json(400, {
      object: "error",
      message: "This model's maximum context length is 64 tokens.",
      type: "BadRequestError",
      code: 400
    }),
  unsupportedValue400: () =>
    json(
      400,
      openaiError("'temperature' does not support 0 with this model.", "unsupported_value", undefined, "temperature")
    ),
  unsupportedParameter400: () =>
    json(400, openaiError("Use 'max_completion_tokens' instead.", "unsupported_parameter", undefined, "max_tokens")),
  unknownField422: () => json(422, { detail: "Unexpected fields in the request: {'top_k'}" }),
  badRequest400: () => json(400, openaiError("messages must not be empty", null)),
  redirect307: () => ({ status: 307, headers: { location: "https://elsewhere.example/v1" }, body: "" }),
  refusalField: (q: Question) => said(q, { content: null, refusal: "I can't help with that." }),
  refusalBesideText: (q: Question) => said(q, { content: "Certainly, first", refusal: "I can't help with that." }),
  refusalPart: (q: Question) => said(q, { content: [{ type: "refusal", refusal: "No, I won't." }] }),
  refusalStop: (q: Question) => said(q, { content: "" }, "refusal"),
  refusalStopAfterText: (q: Question) => said(q, { content: "Step 1: mix" }, "refusal"),
  contentFilter: (q: Question) => said(q, { content: "Step 1: mix" }, "content_filter"),
  contentFilterEmpty: (q: Question) => said(q, { content: "" }, "content_filter"),
  contentFilterNoMessage: (q: Question) =>
    json(200, { model: q.model, choices: [{ index: 0, finish_reason: "content_filter" }] }),
  reasoningCut: (q: Question) => said(q, { content: null, reasoning_content: "Let me think about" }, "length"),
  hiddenReasoningCut: (q: Question) =>
    said(q, { content: "" }, "length", {
      usage: { prompt_tokens: 5, completion_tokens: 64, completion_tokens_details: { reasoning_tokens: 64 } }
    }),
  reasoningOnly: (q: Question) => said(q, { content: null, reasoning_content: "Let me think about" }, "stop"),
  reasoningAndText: (q: Question) => said(q, { content: "Forty-two.", reasoning_content: "Let me think about" }),
  thinkingParts: (q: Question) =>
    said(q, {
      content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm" }] }, { type: "text", text: "Forty-two." }]
    }),
  thinkMarkers: (q: Question) => said(q, { content: "<think>Hm</think>Forty-two." }),
  nullContent: (q: Question) => said(q, { content: null }),
  emptyContent: (q: Question) => said(q, { content: "" }),
  blankContent: (q: Question) => said(q, { content: " \n\t" }),
  specialTokens: (q: Question) => said(q, { content: "<|im_end|>\n<|endoftext|>" }),
  lengthCut: (q: Question) => said(q, { content: "A long story of" }, "length"),
  lengthEmpty: (q: Question) => said(q, { content: "" }, "length"),
  toolCalls: (q: Question) => said(q, { content: null, tool_calls: [{ id: "1", type: "function" }] }, "tool_calls"),
  toolCallsAndText: (q: Question) => said(q, { content: "One moment.", tool_calls: [{ id: "1" }] }, "tool_calls"),
  noFinish: (q: Question) => said(q, { content: "Hello" }, null),
  unknownFinish: (q: Question) => said(q, { content: "Hello" }, "abort"),
  contentNumber: (q: Question) => said(q, { content: 7 }),
  errorIn200: () => json(200, { error: { message: "upstream provider error", code: 502 } }),
  quotaIn200: () => json(200, openaiError("You exceeded your current quota", "insufficient_quota")),
  filterIn200: () => json(200, openaiError("blocked", "content_filter")),
  oldVllmErrorIn200: () => json(200, { object: "error", message: "bad", type: "BadRequestError", code: 400 }),
  noChoices: (q: Question) => json(200, { ...completion(q, {}, "stop"), choices: [] }),
  choicesMissing: () => json(200, { status: "ok" }),
  jsonArray: () => json(200, []),
  jsonNull: () => json(200, null),
  invalidJson: () => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: "{\"id\":\"x\",\"object\":\"chat.comple"
  }),
  emptyBody: () => ({ status: 200, headers: { "content-type": "application/json" }, body: "" }),
  noContent204: () => ({ status: 204, body: "" }),
  html200: () => ({ status: 200, headers: { "content-type": "text/html" }, body: "<html>captive portal</html>" }),
  cutBody: (q: Question) => ({ ...said(q, { content: "Half of this never arrives" }), cut: true }),
  streamCut: (q: Question) => stream([event(chunk(q, { content: "Sure" }))]),
  streamError: (q: Question) =>
    stream([event(chunk(q, { content: "Sure" })), event({ error: { message: "upstream broke", code: 500 } })]),
  streamFilterError: (q: Question) =>
    stream([event(chunk(q, { content: "Sure" })), event(openaiError("content filtered", "content_filter"))]),
  streamFilterErrorAfterThought: (q: Question) =>
    stream([
      event(chunk(q, { reasoning_content: "Hm" })),
      event(chunk(q, { content: "Sure" })),
      event(chunk(q, { refusal: " no" })),
      event(openaiError("content filtered", "content_filter"))
    ]),
  streamErrorObject: (q: Question) =>
    stream([
      event(chunk(q, { content: "Sure" })),
      event({ object: "error", message: "bad", type: "BadRequestError", code: 400 }),
      event(chunk(q, {}, "stop"))
    ]),
  streamQuotaObject: (q: Question) =>
    stream([
      event(chunk(q, { content: "Sure" }, "stop")),
      event({ object: "error", message: "used up", type: "insufficient_quota" })
    ]),
  streamParts: (q: Question) =>
    stream([
      event(chunk(q, { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm" }] }] })),
      event(chunk(q, { content: [{ type: "text", text: "Certainly, first. " }] })),
      event(chunk(q, { content: "I can't help with that." })),
      event(chunk(q, {}, "stop"))
    ]),
  streamRefusalPart: (q: Question) =>
    stream([event(chunk(q, { content: [{ type: "refusal", refusal: "No, I won't." }] }, "stop"))]),
  streamContentNumber: (q: Question) =>
    stream([event(chunk(q, { content: 7 })), event(chunk(q, { content: "Hello" }, "stop"))]),
  streamNoDone: (q: Question) =>
    stream([event(chunk(q, { content: "Hel" })), event(chunk(q, { content: "lo" }, "stop"))]),
  streamReset: (q: Question) => ({ ...stream([event(chunk(q, { content: "Sure" })).repeat(2)]), cut: true }),
  streamLateFilter: (q: Question) =>
    stream([event(chunk(q, { content: "Step 1" }, "stop")), event(chunk(q, {}, "content_filter")), event("[DONE]")]),
  streamReasoningCut: (q: Question) =>
    stream([event(chunk(q, { reasoning_content: "Hm" })), event(chunk(q, {}, "length")), event("[DONE]")]),
  streamEmpty: () => stream([event("[DONE]")]),
  streamBadEvent: (q: Question) =>
    stream([event(chunk(q, { content: "a" })), event("{broken"), event(chunk(q, {}, "stop"))]),
  streamCrlf: (q: Question) =>
    stream([": ping\r\n\r\n", `event: x\r\ndata:${JSON.stringify(chunk(q, { content: "Hello" }, "stop"))}\r\n\r\n`])
} satisfies Record<string, (question: Question) => WireReply>

export type FaultName = keyof typeof replies | "reset" | "hang"

export const faultNames: ReadonlyArray<FaultName> = [
  ...Object.keys(replies) as ReadonlyArray<keyof typeof replies>,
  "reset",
  "hang"
]

export const isFaultName = (name: string): name is FaultName => (faultNames as ReadonlyArray<string>).includes(name)

/** The reply of a fault that has one. */
export const faultReply = (name: Exclude<FaultName, "reset" | "hang">, question: Question): WireReply =>
  replies[name](question)
