import * as Schema from "effect/Schema"
import { Generation } from "./generation.ts"
import { Score } from "./score.ts"
import { Unit } from "./unit.ts"

const journalSchema = "driftgate.journal/1"

const Attempt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).annotate({ description: "1-based" })
const At = Schema.Int.annotate({ description: "Unix time in milliseconds" })

/** A process began to write. */
const SessionRecord = Schema.Struct({
  type: Schema.Literal("session"),
  schema: Schema.Literal(journalSchema),
  run: Schema.String,
  plan: Schema.String.annotate({ description: "sha256 of plan.json" }),
  version: Schema.String,
  at: At
})

/** An answer arrived. */
const GenerationRecord = Schema.Struct({
  type: Schema.Literal("generation"),
  unit: Unit,
  attempt: Attempt,
  generation: Generation,
  tries: Schema.optionalKey(Schema.Int.annotate({ description: "Requests sent for this answer, when more than one" })),
  cached: Schema.optionalKey(Schema.Boolean),
  ms: Schema.optionalKey(Schema.Int),
  at: At
})

/** A scorer spoke of the unit's latest answer. */
const ScoreRecord = Schema.Struct({
  type: Schema.Literal("score"),
  unit: Unit,
  attempt: Attempt,
  score: Score
})

/** A judge in a role was asked on the way to a score. */
const JudgeRecord = Schema.Struct({
  type: Schema.Literal("judge"),
  unit: Unit,
  attempt: Attempt,
  role: Schema.String,
  request: Schema.String.annotate({ description: "sha256 of the rendered request" }),
  generation: Generation
})

/** The unit could not be asked or judged, after all retries. */
const ErrorRecord = Schema.Struct({
  type: Schema.Literal("error"),
  unit: Unit,
  attempt: Attempt,
  stage: Schema.Literals(["generation", "scoring"]),
  reason: Schema.String,
  message: Schema.String,
  tries: Schema.optionalKey(Schema.Int),
  at: At
})

/** The unit was not asked: a budget ran out, or the verdict was already certain. */
const SkipRecord = Schema.Struct({
  type: Schema.Literal("skip"),
  unit: Unit,
  attempt: Attempt,
  status: Schema.Literals(["skipped", "not-needed"]),
  reason: Schema.String
})

/** The process stopped writing in order. */
const CloseRecord = Schema.Struct({
  type: Schema.Literal("close"),
  state: Schema.Literals(["finished", "interrupted", "failed"]),
  at: At
})

/** One line of `journal.ndjson`. */
export const JournalRecord = Schema.Union([
  SessionRecord,
  GenerationRecord,
  ScoreRecord,
  JudgeRecord,
  ErrorRecord,
  SkipRecord,
  CloseRecord
]).annotate({ identifier: "JournalRecord" })
export type JournalRecord = typeof JournalRecord.Type
/** A record that belongs to one unit. */
export type UnitRecord = Exclude<JournalRecord, { readonly type: "session" | "close" }>
