import type { Generation } from "../plugin/contract.ts"
import { type Asked, generationOf, saidIn } from "./answer.ts"
import { classifyErrorInside, failure, tellsOfError } from "./failure.ts"
import { type JsonObject, objectOf, parseJson } from "./reply.ts"

interface SentEvent {
  readonly data: string
  /** Whether the blank line that ends an event came. */
  readonly whole: boolean
}

/** The data of each event of a server-sent event stream; comments and other fields are skipped. */
function* eventsOf(body: string): Generator<SentEvent> {
  let data: Array<string> = []
  for (const line of body.split(/\r\n|\n|\r/)) {
    if (line === "") {
      if (data.length > 0) yield { data: data.join("\n"), whole: true }
      data = []
    } else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5))
  }
  if (data.length > 0) yield { data: data.join("\n"), whole: false }
}

/** What the chunks of one answer add up to. */
interface Gathered {
  text: string
  reasoning: string
  refusal: string
  finish: unknown
  chat: boolean
  started: boolean
  readonly logprobs: Array<unknown>
  readonly tokenIds: Array<unknown>
  model: unknown
  usage: unknown
  promptTokenIds: unknown
}

const gather = (gathered: Gathered, chunk: JsonObject, where: string): void => {
  gathered.model ??= chunk.model
  gathered.usage = chunk.usage ?? gathered.usage
  gathered.promptTokenIds ??= chunk.prompt_token_ids
  const choice = Array.isArray(chunk.choices) ? objectOf(chunk.choices[0]) : undefined
  if (choice === undefined) return
  gathered.started = true
  const delta = objectOf(choice.delta) ?? objectOf(choice.message)
  if (delta !== undefined) gathered.chat = true
  // A chunk may bring nothing but the end.
  const { reasoning, refusal, text } = saidIn({ message: delta, text: choice.text ?? "" }, where)
  gathered.text += text
  gathered.reasoning += reasoning
  gathered.refusal += refusal
  const logprobs = objectOf(choice.logprobs)
  if (Array.isArray(logprobs?.content)) gathered.logprobs.push(...logprobs.content)
  if (Array.isArray(choice.token_ids)) gathered.tokenIds.push(...choice.token_ids)
  // A filter that works beside the stream speaks late, after an ordinary stop, and its word stands.
  if (typeof choice.finish_reason === "string" && gathered.finish !== "content_filter") {
    gathered.finish = choice.finish_reason
  }
}

/** The body of an answer that was not streamed, with the same content. */
const bodyOf = (gathered: Gathered): JsonObject => ({
  model: gathered.model,
  usage: gathered.usage,
  prompt_token_ids: gathered.promptTokenIds,
  choices: [{
    finish_reason: gathered.finish,
    ...(gathered.chat
      ? { message: { content: gathered.text, reasoning_content: gathered.reasoning, refusal: gathered.refusal } }
      : { text: gathered.text }),
    ...(gathered.logprobs.length === 0 ? {} : { logprobs: { content: gathered.logprobs } }),
    token_ids: gathered.tokenIds
  }]
})

/**
 * What a streamed completion says, from its whole body.
 *
 * A stream without a finish_reason was cut: transport, whatever text came. An error in the stream leaves no answer, and
 * where its code is a filter's the text before it stays as what was cut. `[DONE]` may be missing.
 */
export const classifyStream = (body: string, asked: Asked): Generation => {
  const gathered: Gathered = {
    text: "",
    reasoning: "",
    refusal: "",
    finish: undefined,
    chat: false,
    started: false,
    logprobs: [],
    tokenIds: [],
    model: undefined,
    usage: undefined,
    promptTokenIds: undefined
  }
  for (const { data, whole } of eventsOf(body)) {
    if (data.trim() === "[DONE]") break
    const chunk = objectOf(parseJson(data))
    if (chunk === undefined) {
      if (!whole) break
      throw failure("protocol", asked.where, "sent an event that is no JSON object")
    }
    if (tellsOfError(chunk)) {
      return classifyErrorInside(
        chunk,
        asked.where,
        gathered.started
          ? {
            characters: gathered.text.length,
            cut: () => generationOf(bodyOf({ ...gathered, finish: "content_filter" }), asked)
          }
          : undefined
      )
    }
    gather(gathered, chunk, asked.where)
  }
  if (gathered.finish === undefined) {
    throw failure("transport", asked.where, "ended its stream without a finish_reason")
  }
  return generationOf(bodyOf(gathered), asked)
}
