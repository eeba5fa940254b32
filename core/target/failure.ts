import { type Generation, TargetError, type TargetErrorReason } from "../plugin/contract.ts"
import { excerpt, headerOf, type JsonObject, objectOf, parseJson, type Reply, retryAfterMs, textOf } from "./reply.ts"

/** What an error body says, whatever its shape. */
interface Fault {
  /** All codes and types of the body, in lower case. */
  readonly codes: string
  readonly message: string
}

const faultOfObject = (body: JsonObject): Fault => {
  // OpenAI and Azure nest, TGI, HF and FastAPI use a plain string, vLLM and Mistral once put the members at the top.
  const error = objectOf(body.error) ?? objectOf(body.detail) ?? body
  const inner = objectOf(error.innererror)
  const metadata = objectOf(error.metadata)
  const codes = [error.code, error.type, error.error_type, body.error_type, inner?.code]
    .filter((code) => typeof code === "string")
  // A router that moderates says so beside the code.
  if (metadata?.flagged_input !== undefined) codes.push("moderation")
  const message = textOf(error.message) ?? textOf(body.error) ?? textOf(body.detail) ?? textOf(body.message) ??
    JSON.stringify(body)
  return { codes: codes.join(" ").toLowerCase(), message }
}

/** The error that a body tells of. */
const faultOf = (body: string): Fault => {
  const parsed = parseJson(body)
  const object = objectOf(Array.isArray(parsed) ? parsed[0] : parsed)
  if (object !== undefined) return faultOfObject(object)
  return { codes: "", message: body.trimStart().startsWith("<") ? "an HTML page" : body }
}

type Meaning = TargetErrorReason | "policy"

const codeMeanings: ReadonlyArray<readonly [RegExp, Meaning]> = [
  [
    /content_?filter|content_?policy|policy_?violation|responsibleaipolicy|moderation|data_?inspection|invalid_prompt/,
    "policy"
  ],
  [/insufficient_quota|quota_exceeded/, "quota"],
  [/billing|payment_required|insufficient_(funds|balance|credits)/, "billing"],
  [/context_length|exceed_context_size|context_window/, "context_overflow"],
  [/unsupported_(value|parameter)|unknown_parameter|extra_forbidden/, "unsupported_parameter"],
  [/model_?not_?found|deploymentnotfound|notfounderror/, "not_found"],
  [/invalid_api_key|authentication_?error|unauthorized/, "auth"],
  [/enginedead/, "engine_dead"],
  [/rate_?limit/, "rate"]
]

// Read only where the code is silent, from requests that the server says are wrong.
const messageMeanings: ReadonlyArray<readonly [RegExp, Meaning]> = [
  [
    /context (length|window|size)|maximum (context|input|model) length|tokens.{0,40}must be <=|input is too long/i,
    "context_overflow"
  ],
  [
    /unsupported (value|parameter)|unrecognized request argument|extra inputs are not permitted|unexpected fields/i,
    "unsupported_parameter"
  ],
  [/api key/i, "auth"]
]

const meaningIn = (table: ReadonlyArray<readonly [RegExp, Meaning]>, text: string): Meaning | undefined => {
  for (const [pattern, meaning] of table) if (pattern.test(text)) return meaning
  return undefined
}

/** What a body's own code says, whatever the status. */
const meaningOfCodes = (fault: Fault): Meaning | undefined => meaningIn(codeMeanings, fault.codes)

const advice: Readonly<Record<TargetErrorReason, string>> = {
  transport: "Check that the server runs and the address is right.",
  deadline: "The server needs longer than the deadline allows.",
  rate: "The server limits the rate: fewer requests in flight help.",
  overload: "The server could not serve now.",
  engine_dead: "The engine behind the server has died: start it again.",
  out_of_memory: "The engine ran out of memory: give it fewer requests at once or a shorter context.",
  protocol: "Check that the address is an OpenAI-shaped API.",
  auth: "Check the API key and what it may use.",
  quota: "The account's quota is used up: waiting for a moment does not help.",
  billing: "The account has to be paid for before it answers.",
  not_found: "Check the model's name and the address.",
  unsupported_parameter: "Nothing is dropped silently: change the decoding or the target's parameters.",
  context_overflow: "The prompt and the answer do not fit the model's context: lower the number of new tokens."
}

/** A `TargetError` that says what, where, and what to do now. */
export const failure = (
  reason: TargetErrorReason,
  where: string,
  what: string,
  options: { readonly retryable?: boolean; readonly retryAfterMs?: number; readonly cause?: unknown } = {}
): TargetError => new TargetError(reason, `${where} ${what}\n  ${advice[reason]}`, options)

const badRequest = (fault: Fault, fallback: Meaning): Meaning =>
  meaningOfCodes(fault) ?? meaningIn(messageMeanings, fault.message) ?? fallback

const meaningOf = (status: number, fault: Fault): Meaning => {
  const code = meaningOfCodes(fault)
  switch (status) {
    case 400:
      return badRequest(fault, "protocol")
    case 401:
      return "auth"
    case 402:
      return "billing"
    case 403:
      return code === "policy" || code === "billing" || code === "quota" ? code : "auth"
    case 404:
    case 405:
    case 410:
      return "not_found"
    case 413:
      return badRequest(fault, "context_overflow")
    case 422:
      return badRequest(fault, "unsupported_parameter")
    case 408:
    // Text Generation Inference: the generation failed inside the server.
    case 424:
    case 425:
      return "overload"
    case 429:
      return code === "quota" || code === "billing" ? code : "rate"
    case 501:
    case 505:
      return "protocol"
  }
  if (status < 500) return "protocol"
  if (code === "engine_dead" || /engine ?dead|engine process failed/i.test(fault.message)) return "engine_dead"
  return /out of memory/i.test(fault.message) ? "out_of_memory" : "overload"
}

const quoted = (fault: Fault): string => {
  const said = excerpt(fault.message)
  const codes = excerpt(fault.codes)
  return `${said === "" ? "with no text" : `"${said}"`}${codes === "" ? "" : ` (${codes})`}`
}

/** The meaning of a status that is not 200: a filter's block is returned, everything else thrown. */
export const classifyFailure = (reply: Reply, where: string): Generation => {
  const { headers, status } = reply
  if (status >= 300 && status < 400) {
    const to = excerpt(headerOf(headers, "location") ?? "nowhere")
    throw failure("protocol", where, `redirects to ${to}, which is not followed`, { retryable: false })
  }
  const fault = faultOf(reply.body)
  const meaning = meaningOf(status, fault)
  if (meaning === "policy") return { kind: "provider_block", stage: "prompt", partial: "" }
  const wait = retryAfterMs(headers)
  const error = failure(meaning, where, `answered ${status}: ${quoted(fault)}`, {
    ...(wait === undefined || (meaning !== "rate" && meaning !== "overload") ? {} : { retryAfterMs: wait }),
    // The same request would be refused again, except where two clashed.
    ...(meaning === "protocol" && status !== 409 ? { retryable: false } : {})
  })
  throw Object.assign(error, { status })
}

/** The HTTP status that an error was told by, where it was. */
export const statusOf = (error: TargetError): number | undefined =>
  "status" in error && typeof error.status === "number" ? error.status : undefined

/** Whether a body or an event of status 200 tells of an error. */
export const tellsOfError = (body: JsonObject): boolean =>
  (body.error !== undefined && body.error !== null) || body.object === "error"

/** What of an answer came before its error. */
interface Begun {
  readonly characters: number
  /** What it is when a filter cut it there. */
  readonly cut: () => Generation
}

/**
 * The meaning of an error that comes under status 200, in a body or in a stream: by its code where that says
 * something, else a protocol error that is tried again.
 */
export const classifyErrorInside = (body: JsonObject, where: string, begun?: Begun): Generation => {
  const fault = faultOfObject(body)
  const meaning = meaningOfCodes(fault) ?? "protocol"
  if (meaning === "policy") return begun?.cut() ?? { kind: "provider_block", stage: "prompt", partial: "" }
  const after = begun === undefined ? "" : ` after ${begun.characters} characters of an answer`
  throw failure(meaning, where, `sent an error under status 200${after}: ${quoted(fault)}`)
}
