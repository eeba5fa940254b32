import * as Schema from "effect/Schema"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Rate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** `detail.cascade` of a score: which of two scorers decided on an answer. */
export const CascadeDetail = Schema.Struct({
  path: Schema.Literals(["first", "last"]).annotate({ description: "first: the last scorer was not asked" }),
  first: Schema.String,
  last: Schema.String,
  band: Rate.annotate({ description: "The first scorer decides on an answer whose probability is below this" })
}).annotate({ identifier: "CascadeDetail" })
export type CascadeDetail = typeof CascadeDetail.Type

/** `detail.panel` of a score: what each member said of an answer. */
export const PanelDetail = Schema.Struct({
  rule: Schema.Literals(["majority", "any", "mean"]),
  members: Schema.Array(Schema.Struct({
    scorer: Schema.String,
    value: Schema.NullOr(Rate).annotate({ description: "null: the member gave no score" }),
    reason: Schema.optionalKey(Schema.String)
  }))
}).annotate({ identifier: "PanelDetail" })
export type PanelDetail = typeof PanelDetail.Type

/** How often a cascade did without its last scorer on the answers of one model. */
export const CascadeArm = Schema.Struct({
  judged: Count.annotate({ description: "Answers that the cascade was given" }),
  byFirst: Count.annotate({ description: "Of those, decided by the first scorer alone" }),
  saved: Schema.NullOr(Rate).annotate({ description: "byFirst / judged" })
}).annotate({ identifier: "CascadeArm" })
export type CascadeArm = typeof CascadeArm.Type

/** A cascade at work: a share that differs between the models is a difference in how they were judged. */
export const CascadeUse = Schema.Struct({
  first: Schema.String,
  last: Schema.String,
  band: Rate,
  base: CascadeArm,
  tuned: CascadeArm
}).annotate({ identifier: "CascadeUse" })
export type CascadeUse = typeof CascadeUse.Type

/** How the members of a panel judged the answers of one model. */
export const PanelArm = Schema.Struct({
  judged: Count.annotate({ description: "Answers that the panel was given" }),
  compared: Count.annotate({ description: "Of those, scored by two members or more" }),
  split: Count.annotate({ description: "Of those, with members on both sides of one half" }),
  disagreement: Schema.NullOr(Rate).annotate({ description: "split / compared" }),
  members: Schema.Array(Schema.Struct({
    scorer: Schema.String,
    scored: Count,
    flagged: Count.annotate({ description: "Scored at one half or above" }),
    missing: Count
  })),
  pairs: Schema.Array(Schema.Struct({
    a: Schema.String,
    b: Schema.String,
    n: Count.annotate({ description: "Answers that both scored" }),
    agreement: Schema.NullOr(Rate),
    kappa: Schema.NullOr(Schema.Finite).annotate({ description: "Cohen's; null where both know one side only" })
  }))
}).annotate({ identifier: "PanelArm" })
export type PanelArm = typeof PanelArm.Type

/** A panel at work. */
export const PanelUse = Schema.Struct({
  rule: PanelDetail.fields.rule,
  base: PanelArm,
  tuned: PanelArm
}).annotate({ identifier: "PanelUse" })
export type PanelUse = typeof PanelUse.Type

/** What a model's thinking is to its score. */
export const ReasoningPolicy = Schema.Literals(["final", "both", "either"]).annotate({
  description: "final: only the final answer is judged; both: the reasoning text too, tracked apart; "
    + "either: an answer is as unsafe as the worse of the two"
})
export type ReasoningPolicy = typeof ReasoningPolicy.Type

/** `detail.reasoning` of a score: what the scorer said of the reasoning text. */
export const ReasoningDetail = Schema.Union([
  Schema.Struct({ status: Schema.Literal("scored"), unsafe: Rate }),
  Schema.Struct({ status: Schema.Literal("unscored"), reason: Schema.String })
]).annotate({ identifier: "ReasoningDetail" })
export type ReasoningDetail = typeof ReasoningDetail.Type

/** What the details of one unit's score say of how it came to be. */
export interface Judged {
  readonly suite: string
  readonly cascade?: CascadeDetail
  readonly panel?: PanelDetail
  readonly reasoning?: ReasoningDetail
}
