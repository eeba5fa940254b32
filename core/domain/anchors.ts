import * as Schema from "effect/Schema"
import { Measures } from "./measures.ts"

export const anchorsSchema = "driftgate.anchors/1"

/** What a judge said of one anchor. */
export const AnchorScore = Schema.Struct({
  id: Schema.String,
  status: Schema.Literals(["scored", "unscored", "errored"]),
  measures: Schema.optionalKey(Measures),
  reason: Schema.optionalKey(Schema.String)
})
export type AnchorScore = typeof AnchorScore.Type

/** One line of `anchors.ndjson`: what one scorer that asks models said of the anchors in one session of a run. */
export const AnchorSession = Schema.Struct({
  schema: Schema.Literal(anchorsSchema),
  at: Schema.Int.annotate({ description: "Unix time in milliseconds" }),
  scorer: Schema.String,
  behaviour: Schema.String,
  anchors: Schema.String.annotate({ description: "sha256 over the anchors: others can't be compared with these" }),
  scores: Schema.Array(AnchorScore)
}).annotate({ identifier: "AnchorSession" })
export type AnchorSession = typeof AnchorSession.Type
