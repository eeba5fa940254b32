/** Public as `driftgate/chat`: chat templates and system prompts for target plugins. */
import { Template } from "@huggingface/jinja"
import { readFile } from "node:fs/promises"
import { sha256 } from "../domain/digest.ts"
import { type Message, TargetError } from "../plugin/contract.ts"
import { excerpt } from "./reply.ts"

/** A system prompt and the digest that goes into an identity. */
export interface SystemPrompt {
  readonly text: string
  /** sha256 of the text in hex. */
  readonly digest: string
}

/**
 * The system prompt that a spec's `system` parameter names: `@file` is read as UTF-8, anything else is the text itself.
 *
 * The text is taken as it is, a line end at its end included. A file that can't be read is a `TargetError` not_found.
 */
export const readSystemPrompt = async (parameter: string | undefined): Promise<SystemPrompt | undefined> => {
  if (parameter === undefined || parameter === "") return undefined
  if (!parameter.startsWith("@")) return { text: parameter, digest: sha256(parameter) }
  const path = parameter.slice(1)
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const said = excerpt(cause instanceof Error ? cause.message : String(cause))
    throw new TargetError(
      "not_found",
      `system=@${path}: the system prompt cannot be read (${said})\n  Name a file that exists, relative to where the command runs.`,
      { cause }
    )
  })
  return text === "" ? undefined : { text, digest: sha256(text) }
}

/**
 * The messages with the target's system prompt in front.
 *
 * Where a sample brings a system message of its own, the two become one, the target's first with a blank line
 * between: most templates take one system message only.
 */
export const withSystem = (
  messages: ReadonlyArray<Message>,
  system: string | undefined
): ReadonlyArray<Message> => {
  if (system === undefined || system === "") return messages
  const [first, ...rest] = messages
  return first?.role === "system"
    ? [{ role: "system", content: `${system}\n\n${first.content}` }, ...rest]
    : [{ role: "system", content: system }, ...messages]
}

export interface ChatTemplateOptions {
  readonly bosToken?: string
  readonly eosToken?: string
  /** Other variables of the template, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** What `strftime_now` tells, as YYYY-MM-DD, so that a prompt does not change with the day. @default "2024-07-26" */
  readonly date?: string
}

/** A compiled chat template. */
export interface ChatTemplate {
  /** sha256 over the template's text and everything else that changes what it renders. */
  readonly digest: string
  /** The text that the model continues; throws a `TargetError` where the template refuses the messages. */
  readonly render: (messages: ReadonlyArray<Message>) => string
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December"
]
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

/** The day in the format of C's strftime, as far as chat templates use it. */
const formatDate = (date: Date, format: string): string => {
  const two = (value: number) => String(value).padStart(2, "0")
  const month = months[date.getUTCMonth()] ?? ""
  const day = days[date.getUTCDay()] ?? ""
  const fields: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    H: "00",
    M: "00",
    S: "00",
    "%": "%"
  }
  return format.replace(/%-?([A-Za-z%])/g, (directive, letter: string) => {
    const value = fields[letter] ?? directive
    return directive.startsWith("%-") ? value.replace(/^0(?=\d)/, "") : value
  })
}

/**
 * The template with its calls of `strftime_now` sent to a name of ours: the interpreter's own tells today's date in the
 * machine's language and can't be replaced.
 */
const withPinnedDate = (source: string): string =>
  source.replace(/\{[{%][\s\S]*?[}%]\}/g, (block) => block.replace(/\bstrftime_now\b/g, "pinned_strftime_now"))

/** Compiles a template as `tokenizer_config.json` holds it; a template that can't be read is a `TargetError`. */
export const compileChatTemplate = (source: string, options: ChatTemplateOptions = {}): ChatTemplate => {
  const attempt = <A>(what: string, run: () => A): A => {
    try {
      return run()
    } catch (cause) {
      const said = excerpt(cause instanceof Error ? cause.message : String(cause))
      throw new TargetError(
        "protocol",
        `The chat template ${what}: ${said}\n  Use a template that fits the suite's messages, or a target without one.`,
        { retryable: false, cause }
      )
    }
  }
  const day = options.date ?? "2024-07-26"
  const date = new Date(`${day}T00:00:00Z`)
  const variables = { bos_token: options.bosToken ?? "", eos_token: options.eosToken ?? "", ...options.variables }
  const template = attempt("cannot be read", () => new Template(withPinnedDate(source)))
  return {
    digest: sha256(JSON.stringify([source, variables, day])),
    render: (messages) =>
      attempt("refuses these messages", () =>
        template.render({
          ...variables,
          messages: messages.map(({ content, role }) => ({ role, content })),
          add_generation_prompt: true,
          pinned_strftime_now: (format: string) => formatDate(date, format)
        }))
  }
}
