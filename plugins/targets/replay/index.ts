import { type GenerateRequest, type Target, TargetError, type TargetPlugin, type TargetSpec } from "driftgate/plugin"
import { hash } from "node:crypto"
import { resolve } from "node:path"
import { type Format, formats, openAnswers } from "./formats.ts"

const refuse = (spec: TargetSpec, what: string, fix: string): never => {
  throw new TargetError("unsupported_parameter", `target "${spec.text}": ${what}\n  ${fix}`)
}

const formatIn = (spec: TargetSpec): Format | undefined => {
  if (spec.endpoints.length > 0 || spec.adapter !== undefined) {
    refuse(spec, "stored answers have neither an address nor an adapter", "Write replay:FILE[?format=NAME].")
  }
  for (const name of Object.keys(spec.parameters)) {
    if (name !== "format") refuse(spec, `there is no parameter "${name}"`, "Known: format.")
  }
  const name = spec.parameters.format
  if (name === undefined) return undefined
  return formats.find((format) => format === name) ??
    refuse(spec, `there is no format "${name}"`, `Known: ${formats.join(", ")}.`)
}

/** What the user said last, where messages were sent. */
const saidIn = (input: GenerateRequest["input"]): string | undefined =>
  "messages" in input ? input.messages.findLast((message) => message.role === "user")?.content : undefined

const unreadable = (spec: TargetSpec, path: string) => (cause: unknown): never => {
  // A file that says nothing when it is opened is a wrong file; one that is spoiled later is a fault of what answers.
  if (cause instanceof TargetError && cause.reason === "protocol") {
    throw new TargetError("unsupported_parameter", cause.message, { cause })
  }
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined
  if (code === undefined || cause instanceof TargetError) throw cause
  throw new TargetError(
    "not_found",
    `target "${spec.text}": ${path} cannot be read (${code})\n  Name a file that exists, relative to where the command runs.`,
    { cause }
  )
}

const openReplay = async (spec: TargetSpec): Promise<Target> => {
  const format = formatIn(spec)
  const path = resolve(spec.locator)
  const answers = await openAnswers(spec.locator, format).catch(unreadable(spec, path))
  if (answers.count === 0) {
    await answers.close()
    throw new TargetError(
      "not_found",
      `${spec.locator}: there are no answers in this file\n  Name a file with answers.`
    )
  }
  const behaviour = hash("sha256", `replay ${answers.format} ${answers.digest}`, "hex")
  return {
    identity: {
      behaviour,
      full: hash("sha256", `${behaviour} ${path}`, "hex"),
      weights: answers.digest,
      verifiable: true,
      parts: { answers: answers.digest, format: answers.format, count: String(answers.count), path }
    },
    capabilities: {
      input: ["messages", "prompt", "tokens"],
      seed: false,
      generationLogprobs: false,
      scoresGivenTokens: "none",
      topLogprobsMax: 0,
      batchInvariant: true,
      window: 64
    },
    endpoint: `replay ${path}`,
    generate: async ({ input, unit }) => {
      const generation = unit === undefined ? undefined : answers.find(unit, saidIn(input))
      if (generation !== undefined) return generation
      const which = unit === undefined
        ? "a question that belongs to no unit"
        : `suite "${unit.suite}", sample "${unit.sample}", epoch ${unit.epoch}`
      throw new TargetError(
        "not_found",
        `${spec.locator}: no stored answer for ${which}\n  Add the answer, or ask a model for this suite.`,
        { oneQuestion: true }
      )
    },
    close: () => answers.close()
  }
}

/** Stored answers: `replay:answers.jsonl`, HarmBench completions or JailbreakBench artifacts. */
export const target: TargetPlugin = {
  open: (specs) => Promise.all(specs.map(openReplay))
}
