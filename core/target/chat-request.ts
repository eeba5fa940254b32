import { canonicalJson } from "../domain/digest.ts"
import { type GenerateRequest, type Json, type Message, TargetError, type TargetSpec } from "../plugin/contract.ts"
import { withSystem } from "./chat.ts"

/** Fields that a spec may leave out on purpose, because a server rejects them. */
const omittable = ["temperature", "top_p", "seed"] as const
export type OmittableField = (typeof omittable)[number]

// What the plan records and the runner relies on cannot be changed behind their backs.
const ours: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "temperature",
  "top_p",
  "top_k",
  "max_tokens",
  "max_completion_tokens",
  "seed",
  "stop",
  "n",
  "stream",
  "stream_options",
  "logprobs",
  "top_logprobs"
])

const refuse = (message: string): never => {
  throw new TargetError("unsupported_parameter", message)
}

const jsonOrText = (value: string): Json => {
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}

/**
 * The parameters that every OpenAI-shaped target has: `omit=field,field` and `extra.NAME=JSON`.
 *
 * A parameter that is neither one of these nor in `known` is a `TargetError` unsupported_parameter, so that a typing
 * mistake never runs with other settings than those asked for.
 */
export const requestParameters = (
  spec: TargetSpec,
  known: ReadonlyArray<string>
): { readonly omit: ReadonlyArray<OmittableField>; readonly extra: Readonly<Record<string, Json>> } => {
  const omit: Array<OmittableField> = []
  const extra: Record<string, Json> = {}
  for (const [name, value] of Object.entries(spec.parameters)) {
    if (name === "omit") {
      for (const field of value.split(",")) {
        const found = omittable.find((candidate) => candidate === field)
        omit.push(
          found ??
            refuse(`target "${spec.text}": cannot omit "${field}"\n  What can be omitted: ${omittable.join(", ")}.`)
        )
      }
    } else if (name.startsWith("extra.") && name.length > "extra.".length) {
      const field = name.slice("extra.".length)
      if (ours.has(field)) {
        refuse(
          `target "${spec.text}": extra.${field} would change what the plan records\n  Set it in the decoding instead.`
        )
      }
      extra[field] = jsonOrText(value)
    } else if (!known.includes(name)) {
      refuse(
        `target "${spec.text}": there is no parameter "${name}"\n  Known: ${
          [...known, "omit", "extra.NAME"].sort().join(", ")
        }.`
      )
    }
  }
  return { omit: [...new Set(omit)].sort(), extra }
}

/** What was left out of and added to each request, as the parts of an identity that tell it; undefined: nothing. */
export const fieldParts = (
  { extra, omit }: ReturnType<typeof requestParameters>
): { readonly omit: string | undefined; readonly extra: string | undefined } => ({
  omit: omit.length === 0 ? undefined : omit.join(","),
  extra: Object.keys(extra).length === 0
    ? undefined
    : canonicalJson(Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1)))
})

export interface ChatBodyOptions {
  readonly model: string
  readonly system?: string
  /** Name of the field for the number of new tokens. @default "max_tokens" */
  readonly maxTokensField?: string
  readonly omit?: ReadonlyArray<OmittableField>
  /** Further fields, sent as they are. */
  readonly extra?: Readonly<Record<string, Json>>
  /** Whether the server takes `top_k`. @default false */
  readonly topK?: boolean
  readonly stream?: boolean
}

type Body = Readonly<Record<string, Json>>

/** Every decoding parameter explicitly: what a server adds by itself may differ between base and tuned. */
const decodingFields = (request: GenerateRequest, options: ChatBodyOptions): Record<string, Json> => {
  const { decoding } = request
  const fields: Record<string, Json> = {
    temperature: decoding.temperature,
    top_p: decoding.topP,
    [options.maxTokensField ?? "max_tokens"]: decoding.maxTokens,
    seed: request.seed
  }
  if (decoding.topK > 0) {
    if (options.topK !== true) refuse(`top_k=${decoding.topK} cannot be sent to this endpoint\n  Set topK to 0.`)
    fields.top_k = decoding.topK
  }
  if (decoding.stop !== undefined && decoding.stop.length > 0) fields.stop = decoding.stop
  for (const field of options.omit ?? []) delete fields[field]
  if (options.stream === true) {
    fields.stream = true
    fields.stream_options = { include_usage: true }
  }
  return fields
}

/** The body of `/chat/completions`. */
export const chatBody = (
  messages: ReadonlyArray<Message>,
  request: GenerateRequest,
  options: ChatBodyOptions
): Body => {
  const fields = decodingFields(request, options)
  if (request.topLogprobs !== undefined) {
    fields.logprobs = true
    fields.top_logprobs = request.topLogprobs
  }
  const sent = withSystem(messages, options.system).map(({ content, role }) => ({ role, content }))
  return { model: options.model, messages: sent, ...fields, ...options.extra }
}

/** The body of `/completions`, for a prompt that is already rendered, as text or as token ids. */
export const completionBody = (
  prompt: string | ReadonlyArray<number>,
  request: GenerateRequest,
  options: ChatBodyOptions
): Body => {
  if (options.system !== undefined) {
    refuse("A target with a system prompt cannot take a rendered prompt\n  Leave out system=, or send messages.")
  }
  const fields = decodingFields(request, options)
  if (request.topLogprobs !== undefined) fields.logprobs = request.topLogprobs
  return { model: options.model, prompt, ...fields, ...options.extra }
}
