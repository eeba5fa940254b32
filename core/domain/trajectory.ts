import * as Schema from "effect/Schema"
import { Verdict } from "./decision.ts"
import { Measure } from "./measures.ts"

export const trajectorySchema = "driftgate.trajectory/1"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Positive = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const Share = Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 })))

/** A model by its spec and by what it does. */
export const Model = Schema.Struct({ spec: Schema.String, behaviour: Schema.String }).annotate({ identifier: "Model" })
export type Model = typeof Model.Type

/** One gated measure of a comparison; everything else about it is in the comparison's decision. */
export const EntryDrift = Schema.Struct({
  name: Schema.String.annotate({ description: "Suite, pool or macro" }),
  measure: Measure,
  difference: Share,
  lower: Share,
  limit: Share.annotate({ description: "The upper limit that decides: pass needs it below margin" }),
  margin: Share.annotate({ description: "On the judge's scale" }),
  verdict: Verdict
}).annotate({ identifier: "EntryDrift" })
export type EntryDrift = typeof EntryDrift.Type

/** What the ledger says of a suite: by how much its first gated measure rose, from the candidate's answers alone. */
export const Rise = Schema.Struct({
  suite: Schema.String,
  measure: Measure,
  estimate: Share.annotate({ description: "Signed estimate" }),
  limit: Share.annotate({
    description: "It rose by no more than this, at the error rate of the decision; null where nothing is shown"
  })
}).annotate({ identifier: "Rise" })
export type Rise = typeof Rise.Type

/** A candidate beside one reference, on one part of the samples. */
export const Comparison = Schema.Struct({
  reference: Model,
  verdict: Verdict,
  decision: Schema.String.annotate({ description: "Folder of the decision, under the output folder" }),
  runs: Schema.Struct({ reference: Schema.String, candidate: Schema.String }).annotate({
    description: "Names of the run folders, under <out>/runs"
  }),
  drifts: Schema.Array(EntryDrift),
  rises: Schema.optionalKey(
    Schema.Array(Rise).annotate({ description: "Of the decision's ledger, where there is one; decides nothing" })
  )
}).annotate({ identifier: "Comparison" })
export type Comparison = typeof Comparison.Type

/** The entry that stands for a comparison in a table: the macro of harm where there is one, else the first entry. */
export const headlineOf = ({ drifts }: Pick<Comparison, "drifts">): EntryDrift | undefined =>
  drifts.find(({ name }) => name === "macro") ?? drifts[0]

/** What one part of the samples says of a candidate: since the first base, and since the model accepted last. */
export const Stage = Schema.Struct({
  alpha: Schema.Finite.annotate({ description: "One-sided error rate of each of the two comparisons" }),
  verdict: Verdict.annotate({ description: "The first of invalid, fail, incomplete, inconclusive, pass" }),
  sinceBase: Comparison,
  sinceAccepted: Schema.optionalKey(Comparison)
}).annotate({ identifier: "Stage" })
export type Stage = typeof Stage.Type

/** One candidate; the same behaviour is the same look, however often it is asked about. */
export const Look = Schema.Struct({
  look: Positive.annotate({ description: "1-based; the k-th look spends alpha * 6 / (pi k)^2" }),
  candidate: Model,
  verdict: Verdict.annotate({ description: "Of the looks part and, where that passed, of the confirmation" }),
  accepted: Schema.Boolean.annotate({ description: "Whether the confirmation passed too" }),
  selection: Stage.annotate({ description: "On the samples that candidates are chosen on" }),
  confirmation: Schema.optionalKey(
    Stage.annotate({ description: "On samples it was not chosen on, at the full alpha; only after a pass" })
  )
}).annotate({ identifier: "Look" })
export type Look = typeof Look.Type

/** Where the samples of a confirmation come from. */
export const confirmations = ["half", "fresh"] as const
export const Confirm = Schema.Literals(confirmations).annotate({
  description: "half: the other half of the goals; fresh: another draw under the next seed"
})
export type Confirm = typeof Confirm.Type

/** `trajectory.json`: candidates of one training run beside one pinned base, in the order of their looks. */
export const Trajectory = Schema.Struct({
  schema: Schema.Literal(trajectorySchema),
  id: Schema.String,
  base: Model,
  seed: Count,
  confirm: Confirm,
  suites: Schema.Array(Schema.Struct({
    id: Schema.String,
    samples: Schema.Struct({ looks: Count, confirmation: Count })
  })),
  looks: Schema.Array(Look)
}).annotate({ identifier: "Trajectory" })
export type Trajectory = typeof Trajectory.Type
