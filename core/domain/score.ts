import * as Schema from "effect/Schema"
import { Measures } from "./measures.ts"

export const UnscoredReason = Schema.Literals(["unparseable", "judge_refused", "judge_blocked", "abstained"])

/** What a scorer said of one answer, as the journal stores it. */
export const Score = Schema.Union([
  Schema.Struct({
    status: Schema.Literal("scored"),
    measures: Measures,
    probability: Schema.optionalKey(Measures),
    label: Schema.optionalKey(Schema.String),
    rationale: Schema.optionalKey(Schema.String),
    detail: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
  }),
  Schema.Struct({
    status: Schema.Literal("unscored"),
    reason: UnscoredReason,
    raw: Schema.optionalKey(Schema.String),
    detail: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
  })
]).annotate({ identifier: "Score" })
export type Score = typeof Score.Type
