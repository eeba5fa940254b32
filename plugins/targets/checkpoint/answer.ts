import type { Generation, Trace } from "driftgate/plugin"
import type { Tokenizer } from "./tokenizer.ts"

/** New tokens and how they came to an end. */
export interface Drawn {
  readonly prompt: ReadonlyArray<number>
  /** The end token included. */
  readonly tokens: ReadonlyArray<number>
  /** Whether a token of the model ended it. */
  readonly ended: boolean
  /** Text up to a stop text; undefined where none came. */
  readonly stopped: string | undefined
}

/** The text before the first of the stop texts, or undefined where none stands in it. */
export const beforeStop = (text: string, stops: ReadonlyArray<string>): string | undefined => {
  const found = stops.filter((stop) => stop !== "").map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  return found.length === 0 ? undefined : text.slice(0, Math.min(...found))
}

const opened = "<think>"
const shut = "</think>"

/** Thinking apart from what follows it; `text` is undefined where the thinking never ended. */
const splitThinking = (said: string, begun: boolean): { readonly reasoning?: string; readonly text?: string } => {
  const start = said.trimStart()
  if (!begun && !start.startsWith(opened)) return { text: said }
  const body = start.startsWith(opened) ? start.slice(opened.length) : said
  const end = body.indexOf(shut)
  return end < 0
    ? { reasoning: body.trim() }
    : { reasoning: body.slice(0, end).trim(), text: body.slice(end + shut.length).trimStart() }
}

/** An answer's text, and what else is known of it. */
export interface Said {
  readonly text: string
  /** Whether the limit of tokens ended it. */
  readonly cut: boolean
  /** Whether the prompt left a thinking marker open. */
  readonly begun: boolean
  /** Whether it has tokens, and all of them are special ones. */
  readonly onlySpecial: boolean
}

/** What an answer means. */
export const generationOfText = ({ begun, cut, onlySpecial, text: said }: Said, known: Trace): Generation => {
  const { reasoning = "", text } = splitThinking(said, begun)
  const trace: Trace = reasoning === "" ? known : { reasoning, ...known }
  if (text === undefined) return { kind: "no_answer", why: cut ? "cut_in_reasoning" : "empty", ...trace }
  if (text.trim() !== "") return { kind: "answer", text, complete: !cut, ...trace }
  return { kind: "no_answer", why: onlySpecial ? "only_special_tokens" : "empty", ...trace }
}

/** Whether a prompt leaves a thinking marker open. */
export const opensThinking = (tokenizer: Tokenizer, prompt: ReadonlyArray<number>): boolean =>
  tokenizer.decode(prompt.slice(-8), { special: true }).trimEnd().endsWith(opened)

/** What the drawn tokens say. */
export const generationOf = (
  tokenizer: Tokenizer,
  drawn: Drawn,
  extra: Pick<Trace, "logprobs" | "top">
): Generation => {
  const { ended, prompt, stopped, tokens } = drawn
  const body = ended ? tokens.slice(0, -1) : tokens
  return generationOfText({
    text: stopped ?? tokenizer.decode(body),
    cut: !ended && stopped === undefined,
    begun: opensThinking(tokenizer, prompt),
    onlySpecial: body.length > 0 && body.every(tokenizer.isSpecial)
  }, {
    promptTokens: prompt,
    usage: { prompt: prompt.length, completion: tokens.length },
    tokens,
    ...extra
  })
}
