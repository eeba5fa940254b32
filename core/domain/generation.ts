import * as Schema from "effect/Schema"

const Tokens = Schema.Array(Schema.Int)
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const trace = {
  reasoning: Schema.optionalKey(Schema.String),
  promptTokens: Schema.optionalKey(Tokens),
  usage: Schema.optionalKey(Schema.Struct({
    prompt: Count,
    completion: Count,
    reasoning: Schema.optionalKey(Count)
  })),
  tokens: Schema.optionalKey(Tokens),
  logprobs: Schema.optionalKey(Schema.Array(Schema.Finite)),
  top: Schema.optionalKey(Schema.Array(Schema.Array(Schema.Struct({
    token: Schema.optionalKey(Schema.Int),
    text: Schema.String,
    logprob: Schema.Finite
  })))),
  servedModel: Schema.optionalKey(Schema.String)
}

/** What came back from a model, as the journal stores it. */
export const Generation = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("answer"), text: Schema.String, complete: Schema.Boolean, ...trace }),
  Schema.Struct({
    kind: Schema.Literal("model_refusal"),
    text: Schema.String,
    via: Schema.Literals(["refusal_field", "stop_reason"]),
    ...trace
  }),
  Schema.Struct({
    kind: Schema.Literal("provider_block"),
    stage: Schema.Literals(["prompt", "output"]),
    partial: Schema.String,
    ...trace
  }),
  Schema.Struct({
    kind: Schema.Literal("no_answer"),
    why: Schema.Literals(["empty", "cut_in_reasoning", "only_special_tokens"]),
    ...trace
  })
]).annotate({ identifier: "Generation" })
export type Generation = typeof Generation.Type
