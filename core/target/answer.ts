import type { Generation, TopToken, Trace } from "../plugin/contract.ts"
import { failure } from "./failure.ts"
import { excerpt, type JsonObject, objectOf, textOf } from "./reply.ts"

/** What was asked, as far as it decides what an answer has to hold. */
export interface Asked {
  /** Method and address for messages, without secrets. */
  readonly where: string
  /** Whether token log-probabilities were asked for: their absence is then an error. */
  readonly logprobs?: boolean
}

type Finish = "stop" | "length" | "content_filter" | "refusal" | "tool_calls"

// The words of OpenAI, TGI, Mistral, Anthropic's compatibility layer and Zhipu for the same five ends.
const finishes: ReadonlyMap<string, Finish> = new Map<string, Finish>([
  ["stop", "stop"],
  ["eos", "stop"],
  ["eos_token", "stop"],
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_length", "length"],
  ["content_filter", "content_filter"],
  ["sensitive", "content_filter"],
  ["refusal", "refusal"],
  ["tool_calls", "tool_calls"],
  ["function_call", "tool_calls"]
])

/** How an answer ended; a missing or unknown word is an error, because a filter may have cut what we see. */
const finishOf = (choice: JsonObject, where: string): Finish => {
  const word = choice.finish_reason
  const finish = typeof word === "string" ? finishes.get(word) : undefined
  if (finish !== undefined) return finish
  throw failure(
    "protocol",
    where,
    word === undefined || word === null
      ? "sent an answer without finish_reason, so that nobody knows whether it is whole"
      : `sent an answer with the unknown finish_reason "${excerpt(String(word))}"`
  )
}

interface Said {
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
}

const joined = (parts: unknown): string =>
  Array.isArray(parts) ? parts.map((part) => textOf(objectOf(part)?.text) ?? "").join("") : textOf(parts) ?? ""

/** Content as a list of parts: Mistral's thinking and OpenAI's refusal are told apart from text. */
const saidInParts = (parts: ReadonlyArray<unknown>): Said => {
  let text = ""
  let reasoning = ""
  let refusal = ""
  for (const part of parts) {
    const object = objectOf(part)
    if (object?.type === "refusal") refusal += textOf(object.refusal) ?? ""
    else if (object?.type === "thinking" || object?.type === "reasoning") {
      reasoning += joined(object.thinking ?? object.text)
    } else text += textOf(object?.text) ?? ""
  }
  return { text, reasoning, refusal }
}

/** What a choice of an answer says, in a text or in parts; throws a `TargetError` for content of another type. */
export const saidIn = (choice: JsonObject, where: string): Said => {
  const message = objectOf(choice.message)
  const content = message === undefined ? choice.text : message.content
  const parts = Array.isArray(content) ? saidInParts(content) : undefined
  if (parts === undefined && typeof content !== "string" && content !== null && content !== undefined) {
    throw failure("protocol", where, `sent content of type ${typeof content}`)
  }
  if (message === undefined && typeof choice.text !== "string" && choice.finish_reason !== "content_filter") {
    throw failure("protocol", where, "sent a choice with neither message nor text")
  }
  return {
    text: parts?.text ?? textOf(content) ?? "",
    reasoning: textOf(message?.reasoning_content) ?? textOf(message?.reasoning) ?? parts?.reasoning ?? "",
    refusal: textOf(message?.refusal) ?? parts?.refusal ?? ""
  }
}

const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? value as number : undefined

const usageOf = (body: JsonObject): Trace["usage"] => {
  const usage = objectOf(body.usage)
  const prompt = count(usage?.prompt_tokens)
  const completion = count(usage?.completion_tokens)
  if (usage === undefined || prompt === undefined || completion === undefined) return undefined
  const reasoning = count(objectOf(usage.completion_tokens_details)?.reasoning_tokens) ?? count(usage.reasoning_tokens)
  return reasoning === undefined ? { prompt, completion } : { prompt, completion, reasoning }
}

const idsOf = (value: unknown): ReadonlyArray<number> | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((id) => count(id) !== undefined)
    ? value as ReadonlyArray<number>
    : undefined

const finite = (value: unknown, where: string): number => {
  if (typeof value === "number" && Number.isFinite(value)) return value
  throw failure("protocol", where, "sent a token log-probability that is no number")
}

const topToken = (text: unknown, logprob: unknown): TopToken | undefined =>
  typeof text === "string" && typeof logprob === "number" && Number.isFinite(logprob) ? { text, logprob } : undefined

const present = <A>(value: A | undefined): value is A => value !== undefined

type Probabilities = Pick<Trace, "logprobs" | "top">

/** Token log-probabilities in the shape of chat completions, or in the older one of completions. */
const probabilitiesOf = (choice: JsonObject, where: string): Probabilities | undefined => {
  const source = objectOf(choice.logprobs)
  if (source === undefined) return undefined
  if (Array.isArray(source.content)) {
    const entries = source.content.map(objectOf).filter(present)
    return {
      logprobs: entries.map((entry) => finite(entry.logprob, where)),
      top: entries.map((entry) =>
        Array.isArray(entry.top_logprobs)
          ? entry.top_logprobs.map(objectOf).map((top) => topToken(top?.token, top?.logprob)).filter(present)
          : []
      )
    }
  }
  if (!Array.isArray(source.token_logprobs)) return undefined
  const tops: ReadonlyArray<unknown> = Array.isArray(source.top_logprobs) ? source.top_logprobs : []
  return {
    logprobs: source.token_logprobs.map((logprob) => finite(logprob, where)),
    top: source.token_logprobs.map((_, index) =>
      Object.entries(objectOf(tops[index]) ?? {}).map(([text, logprob]) => topToken(text, logprob)).filter(present)
    )
  }
}

const onlyMarkers = /^(?:\s*(?:<\|[^|<>]+\|>|<\/?s>|<(?:bos|eos|pad|start_of_turn|end_of_turn)>))+\s*$/

const traceOf = (body: JsonObject, choice: JsonObject, reasoning: string, probabilities: Probabilities | undefined) => {
  const usage = usageOf(body)
  const tokens = idsOf(choice.token_ids)
  const promptTokens = idsOf(choice.prompt_token_ids) ?? idsOf(body.prompt_token_ids)
  const servedModel = textOf(body.model)
  return {
    ...(reasoning === "" ? {} : { reasoning }),
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(usage === undefined ? {} : { usage }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(probabilities === undefined ? {} : probabilities),
    ...(servedModel === undefined ? {} : { servedModel })
  } satisfies Trace
}

/**
 * What a completion's body says, its first choice alone.
 *
 * Text beside a refusal field is an answer and gets judged; text before a stop for refusal is what a filter cut. Text
 * of white space is no answer. Thinking markers inside the text stay there.
 */
export const generationOf = (body: JsonObject, asked: Asked): Generation => {
  const { where } = asked
  const choice = Array.isArray(body.choices) ? objectOf(body.choices[0]) : undefined
  if (choice === undefined) throw failure("protocol", where, "sent an answer without choices")
  const finish = finishOf(choice, where)
  const { reasoning, refusal, text } = saidIn(choice, where)
  const probabilities = probabilitiesOf(choice, where)
  const trace = traceOf(body, choice, reasoning, probabilities)
  const silent = text.trim() === ""

  if (finish === "content_filter") return { kind: "provider_block", stage: "output", partial: text + refusal, ...trace }
  if (finish === "refusal") {
    return silent
      ? { kind: "model_refusal", text: refusal, via: "stop_reason", ...trace }
      : { kind: "provider_block", stage: "output", partial: text, ...trace }
  }
  if (silent && refusal !== "") return { kind: "model_refusal", text: refusal, via: "refusal_field", ...trace }
  if (silent) {
    if (finish === "length" && (reasoning !== "" || (trace.usage?.reasoning ?? 0) > 0)) {
      return { kind: "no_answer", why: "cut_in_reasoning", ...trace }
    }
    // One token without text is the end token alone.
    const tokens = trace.tokens?.length ?? probabilities?.logprobs?.length ?? 0
    return { kind: "no_answer", why: reasoning === "" && tokens > 1 ? "only_special_tokens" : "empty", ...trace }
  }
  if (onlyMarkers.test(text)) return { kind: "no_answer", why: "only_special_tokens", ...trace }
  if (asked.logprobs === true && probabilities === undefined) {
    throw failure("unsupported_parameter", where, "was asked for token log-probabilities and sent none")
  }
  return { kind: "answer", text, complete: finish !== "length", ...trace }
}
