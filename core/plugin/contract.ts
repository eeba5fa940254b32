/**
 * The public contract for plugin authors: plain data and async functions, no Effect, no import of driftgate's inside.
 *
 * An entry module exports its plugin under the name of its kind: `benchmark`, `scorer`, `target` or `reporter`.
 */

/** Version of this contract; `plugin.json` states the range it needs. A minor adds, a major breaks. */
export const contractVersion = "1.1.0"

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** One turn of a conversation, before any chat template. */
export interface Message {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
}

/**
 * One prompt of a suite.
 *
 * `messages` may be a getter that builds the text on demand: the host reads it once when it plans the run and once
 * when it asks the target, and checks that both readings agree. A suite of 200,000 samples then costs no memory.
 */
export interface Sample {
  /** Stable; upstream's own identifier where one exists. */
  readonly id: string
  /** The plain request without any attack: what judges see. */
  readonly goal: string
  /** What is sent. */
  readonly messages: ReadonlyArray<Message>
  /** Samples that share a goal. @default the sample stands alone */
  readonly cluster?: string
  readonly category?: string
  /** Name of the attack that the request is wrapped in, such as `PAIR`. */
  readonly attack?: string
  /** Background that belongs to the goal, such as HarmBench's context string. */
  readonly context?: string
  /** The right answer of a task, or the target string of an exact match. */
  readonly reference?: string
  readonly metadata?: Readonly<Record<string, Json>>
}

/** A row that a suite leaves out on purpose, with the reason that reports count it under. */
export interface Excluded {
  readonly id: string
  readonly excluded: string
}

/** The thing that is planned, asked, scored and proven to have ended once. */
export interface Unit {
  /** Suite id with its non-default options in canonical order, such as `in-the-wild?k=4`. */
  readonly suite: string
  readonly sample: string
  /** 0-based repetition of the sample. */
  readonly epoch: number
}

/** One alternative among the most likely tokens at a position. */
export interface TopToken {
  readonly token?: number
  readonly text: string
  readonly logprob: number
}

/** What is known about how an answer came to be. */
export interface Trace {
  /** Thinking text, kept apart from the answer. */
  readonly reasoning?: string
  /** Prompt token ids as the engine saw them. */
  readonly promptTokens?: ReadonlyArray<number>
  readonly usage?: { readonly prompt: number; readonly completion: number; readonly reasoning?: number }
  /** Token ids of the answer, end token included. */
  readonly tokens?: ReadonlyArray<number>
  /** Natural-log probabilities of `tokens`, before temperature. */
  readonly logprobs?: ReadonlyArray<number>
  readonly top?: ReadonlyArray<ReadonlyArray<TopToken>>
  /** The model name that the server says it answered with. */
  readonly servedModel?: string
}

/** What came back from a model; never a boolean "refused". Anything else is thrown as a `TargetError`. */
export type Generation =
  /** Text; `complete: false` when the token limit cut it. */
  | ({ readonly kind: "answer"; readonly text: string; readonly complete: boolean } & Trace)
  /** The model's own refusal, told apart from text by the protocol. */
  | ({ readonly kind: "model_refusal"; readonly text: string; readonly via: "refusal_field" | "stop_reason" } & Trace)
  /** A filter around the model, not the model: never counts as safe. */
  | ({ readonly kind: "provider_block"; readonly stage: "prompt" | "output"; readonly partial: string } & Trace)
  /** Nothing to judge: never counts as safe. */
  | ({ readonly kind: "no_answer"; readonly why: "empty" | "cut_in_reasoning" | "only_special_tokens" } & Trace)

/** Why a target could not answer. */
export type TargetErrorReason =
  | "transport"
  | "deadline"
  | "rate"
  | "overload"
  | "engine_dead"
  | "out_of_memory"
  | "protocol"
  | "auth"
  | "quota"
  | "billing"
  | "not_found"
  | "unsupported_parameter"
  | "context_overflow"

const retryableReasons: ReadonlySet<TargetErrorReason> = new Set<TargetErrorReason>([
  "transport",
  "deadline",
  "rate",
  "overload",
  "protocol"
])

type TargetErrorOptions = Partial<Pick<TargetError, "retryable" | "retryAfterMs" | "oneQuestion" | "cause">>

/**
 * The one error a target throws; recognised by its shape, so that it crosses a process border.
 *
 * `retryable` defaults to what the reason implies: transport, deadline, rate, overload and protocol are tried again.
 */
export class TargetError extends Error {
  override readonly name = "TargetError"
  readonly reason: TargetErrorReason
  readonly retryable: boolean
  readonly retryAfterMs?: number
  /** Says nothing of other questions, as an answer that is not stored: the model is asked on, whatever the reason. */
  readonly oneQuestion?: boolean

  constructor(reason: TargetErrorReason, message: string, options: TargetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.reason = reason
    this.retryable = options.retryable ?? retryableReasons.has(reason)
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
    if (options.oneQuestion !== undefined) this.oneQuestion = options.oneQuestion
  }
}

/** Whether a thrown value is a `TargetError`, by shape. */
export const isTargetError = (value: unknown): value is TargetError =>
  value instanceof Error && value.name === "TargetError" && "reason" in value && "retryable" in value

/**
 * Thrown by a plugin of any kind when what the user gave can't be used, such as a file that an option names: the
 * command ends as one of wrong usage, not as a fault of the plugin. Recognised by its shape.
 */
export class InputError extends Error {
  override readonly name = "InputError"
  /** What the user can do about it now. */
  readonly fix: string

  constructor(message: string, options: { readonly fix: string; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.fix = options.fix
  }
}

/** Whether a thrown value is an `InputError`, by shape. */
export const isInputError = (value: unknown): value is InputError =>
  value instanceof Error && value.name === "InputError" && "fix" in value

/** Measures in [0,1]; 1 is always the bad end of that measure. A scorer gives those it can. */
export interface Measures {
  /** A harmful request was fulfilled. */
  readonly unsafe?: number
  /** Full or partial refusal: bad on benign suites, good on harmful ones. */
  readonly refused?: number
  /** Not refused: on harmful suites, beside `unsafe`. */
  readonly complied?: number
  /** A task not solved. */
  readonly wrong?: number
}

/** Name of a measure. */
export type Measure = keyof Measures

/** What a scorer says of one answer. A value can only be read from `scored`. */
export type Score =
  | {
    readonly status: "scored"
    readonly measures: Measures
    /** Probabilities where the scorer is a classifier: what cascades and calibration need. */
    readonly probability?: Measures
    readonly label?: string
    readonly rationale?: string
    /** What else is known. Reports read `cascade` and `panel`, by `schema/decision.schema.json`'s words for them. */
    readonly detail?: Readonly<Record<string, Json>>
  }
  | {
    readonly status: "unscored"
    readonly reason: "unparseable" | "judge_refused" | "judge_blocked" | "abstained"
    readonly raw?: string
    readonly detail?: Readonly<Record<string, Json>>
  }

/** What every plugin call is given. */
export interface Context<Options> {
  /** Checked by ajv against the plugin's schema, defaults filled in. */
  readonly options: Options
  readonly signal: AbortSignal
  /** The run's seed, a non-negative integer. */
  readonly seed: number
  readonly log: (message: string, fields?: Readonly<Record<string, Json>>) => void
  /** Path of a pinned file that `plugin.json` names under `assets`, verified against its sha256. */
  readonly asset: (name: string) => Promise<string>
}

/** A source of suites; `plugin.json` lists them with measures, default scorer, decoding, count, licence and citation. */
export interface Benchmark<Options = Readonly<Record<string, Json>>> {
  readonly samples: (suite: string, context: Context<Options>) => AsyncIterable<Sample | Excluded>
}

/** What a scorer sees: never the attack, only the goal and the answer. */
export interface ScoreInput {
  readonly unit: Unit
  readonly sample: Omit<Sample, "messages">
  readonly answer: string
  readonly complete: boolean
  readonly reasoning?: string
}

/** What a scorer is given: the same object in every call while it is loaded, so that it can key what is kept. */
export interface ScorerContext<Options> extends Context<Options> {
  /** The model in a role that `plugin.json` declares; metered, retried and journaled by the host. */
  readonly model: (role: string) => Target
  /** Another scorer as `id?option=value`, which `plugin.json` names under `uses`. */
  readonly score: (scorer: string, input: ScoreInput) => Promise<Score>
}

/** Turns one answer into measures, or says that it could not. */
export interface Scorer<Options = Readonly<Record<string, Json>>> {
  readonly score: (input: ScoreInput, context: ScorerContext<Options>) => Promise<Score>
}

/** `scheme:locator[@url,...][+adapter][?key=value&...]`; `+ ? @ , %` inside a part are percent-encoded. */
export interface TargetSpec {
  readonly text: string
  readonly scheme: string
  readonly locator: string
  readonly endpoints: ReadonlyArray<string>
  readonly adapter?: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Opens all targets of one command that name this scheme at once, so that they can share an engine. */
export interface TargetPlugin<Options = Readonly<Record<string, Json>>> {
  readonly open: (specs: ReadonlyArray<TargetSpec>, context: Context<Options>) => Promise<ReadonlyArray<Target>>
  /** Releases what is kept between evaluations of one process. */
  readonly close?: () => Promise<void>
}

/** How tokens are drawn. */
export interface Decoding {
  /** 0 is greedy. */
  readonly temperature: number
  readonly topP: number
  /** 0 is off. */
  readonly topK: number
  readonly maxTokens: number
  readonly stop?: ReadonlyArray<string>
}

/** One question to a model. */
export interface GenerateRequest {
  /** Replay looks the answer up by it; other targets ignore it. */
  readonly unit?: Unit
  readonly input:
    | { readonly messages: ReadonlyArray<Message> }
    | { readonly prompt: string }
    | { readonly tokens: ReadonlyArray<number> }
  readonly decoding: Decoding
  /** One per unit, shared by base and tuned: an unchanged policy then gives unchanged answers. */
  readonly seed: number
  readonly topLogprobs?: number
}

/** Tokens, of which those from index `from` on are scored. */
export type GivenTokens = { readonly tokens: ReadonlyArray<number>; readonly from: number }

/** What a target can do; what it can't is never pretended. */
export interface Capabilities {
  readonly input: ReadonlyArray<"messages" | "prompt" | "tokens">
  readonly seed: boolean
  readonly generationLogprobs: boolean
  readonly scoresGivenTokens: "native" | "forced" | "none"
  readonly topLogprobsMax: number
  readonly batchInvariant: boolean
  readonly maxContext?: number
  /** Requests in flight that make sense; undefined: the limiter finds out. */
  readonly window?: number
}

/**
 * Who a model is, by content.
 *
 * `behaviour` covers what changes an answer and keys cache and comparisons; `full` adds endpoint and versions for the
 * audit. A remote model has no weights digest and says `verifiable: false`.
 */
export interface Identity {
  readonly behaviour: string
  readonly full: string
  /** Digest of the weights that are computed with, adapter included; equal for equal weights, whatever is around them. */
  readonly weights?: string
  readonly verifiable: boolean
  /** Weights, adapter, tokenizer, template, system prompt, dtype, engine, version and the like. */
  readonly parts: Readonly<Record<string, string>>
}

/** A model that answers: under test, or in a scorer's role. */
export interface Target {
  readonly identity: Identity
  readonly capabilities: Capabilities
  /** Targets with the same value share one limiter. @default a limiter of its own */
  readonly endpoint?: string
  /** Whether prompts leave this machine. @default by the addresses; without any, unless `permissions` have no `net` */
  readonly remote?: boolean
  /** One cheap call before anything is spent; throws a `TargetError` that says what is wrong. */
  readonly probe?: (signal: AbortSignal) => Promise<void>
  /** Opens connections for that many requests at once, before the first of a run; a failure here is no error. */
  readonly connect?: (requests: number) => Promise<void>
  readonly generate: (request: GenerateRequest, signal: AbortSignal) => Promise<Generation>
  /** Natural-log probabilities of given tokens from index `from` on, before temperature. */
  readonly logprobs?: (request: GivenTokens, signal: AbortSignal) => Promise<ReadonlyArray<number>>
  /** Full next-token log-distributions at the positions from `from` on: rows of vocabulary size. */
  readonly distributions?: (request: GivenTokens, signal: AbortSignal) => Promise<ReadonlyArray<Float32Array>>
  /** Special tokens in the text are plain text unless asked for; no BOS is added. */
  readonly tokenize?: (text: string, options?: { readonly special?: boolean }) => Promise<ReadonlyArray<number>>
  readonly detokenize?: (tokens: ReadonlyArray<number>) => Promise<string>
  /** Messages through this target's chat template, as token ids. */
  readonly render?: (messages: ReadonlyArray<Message>) => Promise<ReadonlyArray<number>>
  readonly close: () => Promise<void>
}

/** What a reporter draws from. */
export interface DecisionView {
  /** By the published JSON Schema `schema/decision.schema.json`. */
  readonly decision: Json
  /** Transcripts side by side, streamed. */
  readonly units: (filter?: Readonly<Record<string, Json>>) => AsyncIterable<Json>
}

/** Renders a decision into files. */
export interface Reporter<Options = Readonly<Record<string, Json>>> {
  readonly render: (
    view: DecisionView,
    context: Context<Options>
  ) => AsyncIterable<{ readonly path: string; readonly content: string | Uint8Array }>
}
