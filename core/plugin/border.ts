import type { Excluded, Measure, Sample, Target } from "./contract.ts"

// Hand-written and without allocation: a score is checked for every answer of a run. Each check returns what is wrong
// with a plugin's value, or undefined.

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === "string"

/** A value as an error message may show it: never its text, which may be a model's. */
const kindOf = (value: unknown): string =>
  typeof value === "number" || typeof value === "boolean" || value === null || value === undefined
    ? String(value)
    : Array.isArray(value)
    ? "a list"
    : `${typeof value === "object" ? "an" : "a"} ${typeof value}`

const measuresFault = (path: string, value: unknown, declared: ReadonlySet<string>): string | undefined => {
  if (!isRecord(value)) return `${path} must be an object (got ${kindOf(value)})`
  for (const measure in value) {
    if (!declared.has(measure)) return `${path}/${measure} is not among the measures that its plugin.json declares`
    const number = value[measure]
    if (typeof number !== "number" || !(number >= 0 && number <= 1)) {
      return `${path}/${measure} must be a number in [0,1] (got ${kindOf(number)})`
    }
  }
  return undefined
}

/** Whether a value is JSON: finite numbers, no undefined, no functions. The path is put together only when it is not. */
const jsonFault = (value: unknown): string | undefined => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : ` must be a finite number (got ${value})`
  }
  if (typeof value !== "object") return ` must be JSON (got ${kindOf(value)})`
  for (const key in value) {
    const fault = jsonFault((value as Readonly<Record<string, unknown>>)[key])
    if (fault !== undefined) return `/${key}${fault}`
  }
  return undefined
}

const jsonObjectFault = (path: string, value: unknown): string | undefined => {
  if (value === undefined) return undefined
  const fault = isRecord(value) ? jsonFault(value) : ` must be an object (got ${kindOf(value)})`
  return fault === undefined ? undefined : path + fault
}

const unscoredReasons: ReadonlySet<unknown> = new Set(["unparseable", "judge_refused", "judge_blocked", "abstained"])

type ScoreField = "status" | "measures" | "probability" | "label" | "rationale" | "detail" | "reason" | "raw"

/** What is wrong with a score: above all, a measure that is no number in [0,1] must never become a verdict. */
export const scoreFault = (value: unknown, declared: ReadonlySet<Measure>): string | undefined => {
  if (!isRecord(value)) return `must be an object (got ${kindOf(value)})`
  const score: { readonly [Field in ScoreField]?: unknown } = value
  switch (score.status) {
    case "scored": {
      const fault = measuresFault("/measures", score.measures, declared)
      if (fault !== undefined) return fault
      let some = false
      for (const _ in score.measures as object) some = true
      if (!some) return "/measures must hold at least one measure"
      if (score.probability !== undefined) {
        const probability = measuresFault("/probability", score.probability, declared)
        if (probability !== undefined) return probability
      }
      if (!isOptionalText(score.label)) return `/label must be a string (got ${kindOf(score.label)})`
      if (!isOptionalText(score.rationale)) return `/rationale must be a string (got ${kindOf(score.rationale)})`
      return jsonObjectFault("/detail", score.detail)
    }
    case "unscored":
      if (!unscoredReasons.has(score.reason)) {
        return `/reason must be one of ${[...unscoredReasons].join(", ")} (got ${kindOf(score.reason)})`
      }
      if (!isOptionalText(score.raw)) return `/raw must be a string (got ${kindOf(score.raw)})`
      return jsonObjectFault("/detail", score.detail)
    default:
      return `/status must be scored or unscored (got ${kindOf(score.status)})`
  }
}

const roles: ReadonlySet<unknown> = new Set(["system", "user", "assistant"])

const optionalTextFault = (name: keyof Sample, value: unknown): string | undefined =>
  isOptionalText(value) ? undefined : `/${name} must be a string (got ${kindOf(value)})`

/** Control characters would break the keys and the lines that ids are part of. */
const unprintable = /[\u0000-\u001f\u007f]/u

/** What is wrong with what a sample sends. */
export const messagesFault = (messages: unknown): string | undefined => {
  if (!Array.isArray(messages) || messages.length === 0) return "/messages must be a non-empty list"
  for (let index = 0; index < messages.length; index++) {
    const message: unknown = messages[index]
    if (!isRecord(message) || !roles.has(message["role"])) {
      return `/messages/${index}/role must be one of ${[...roles].join(", ")}`
    }
    if (typeof message["content"] !== "string") {
      return `/messages/${index}/content must be a string (got ${kindOf(message["content"])})`
    }
  }
  return undefined
}

/** What is wrong with a sample or an excluded row; leaves `messages` unread where a getter builds them. */
export const sampleFault = (value: unknown): string | undefined => {
  if (!isRecord(value)) return `must be an object (got ${kindOf(value)})`
  const sample = value as Partial<Sample & Excluded>
  // Read once: a getter may put it together.
  const { id } = sample
  if (typeof id !== "string" || id === "") return `/id must be a non-empty string (got ${kindOf(id)})`
  if (unprintable.test(id)) return "/id must not hold control characters"
  if ("excluded" in sample) {
    return typeof sample.excluded === "string" && sample.excluded !== ""
      ? undefined
      : `/excluded must give a reason (got ${kindOf(sample.excluded)})`
  }
  if (typeof sample.goal !== "string") return `/goal must be a string (got ${kindOf(sample.goal)})`
  // A getter builds the text on demand; what it gives is checked in the one reading of the planner.
  if (Object.hasOwn(sample, "messages") || !("messages" in sample)) {
    const fault = messagesFault(sample.messages)
    if (fault !== undefined) return fault
  }
  const { attack, category, cluster, context, reference } = sample
  return optionalTextFault("cluster", cluster) ?? optionalTextFault("category", category) ??
    optionalTextFault("attack", attack) ?? optionalTextFault("context", context) ??
    optionalTextFault("reference", reference) ?? jsonObjectFault("/metadata", sample.metadata)
}

/** What is wrong with the targets that a plugin opened for some specs. */
export const targetsFault = (value: unknown, specs: number): string | undefined => {
  if (!Array.isArray(value)) return `must give a list of targets (got ${kindOf(value)})`
  if (value.length !== specs) return `must give one target for each of ${specs} specs (got ${value.length})`
  for (const [index, target] of (value as ReadonlyArray<Partial<Target> | undefined>).entries()) {
    if (typeof target?.identity?.behaviour !== "string" || target.identity.behaviour === "") {
      return `/${index}/identity/behaviour must be a non-empty string`
    }
    if (!isRecord(target.capabilities)) return `/${index}/capabilities must be an object`
    if (typeof target.generate !== "function") return `/${index}/generate must be a function`
    if (typeof target.close !== "function") return `/${index}/close must be a function`
  }
  return undefined
}

/** What is wrong with a file that a reporter rendered; paths stay inside the report's folder. */
export const reportFileFault = (value: unknown): string | undefined => {
  if (!isRecord(value)) return `must be an object (got ${kindOf(value)})`
  const { content, path } = value
  if (typeof path !== "string" || path === "") return `/path must be a non-empty string (got ${kindOf(path)})`
  if (
    /^[/\\]|^[A-Za-z]:|\\/u.test(path) || path.split("/").some((part) => part === ".." || part === "." || part === "")
  ) {
    return `/path must be relative and stay inside the report's folder (got ${JSON.stringify(path)})`
  }
  return typeof content === "string" || content instanceof Uint8Array
    ? undefined
    : `/content must be a string or bytes (got ${kindOf(content)})`
}
