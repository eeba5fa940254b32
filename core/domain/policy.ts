import * as Schema from "effect/Schema"
import { Measure } from "./measures.ts"

export const policySchema = "driftgate.policy/1"

/** The policies that come along, the strictest last; `demo` is made for the size of the demo's models. */
export const presetNames = ["demo", "smoke", "training", "release"] as const

/** The name of a preset. */
export const PresetName = Schema.Literals(presetNames)
export type PresetName = typeof PresetName.Type

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Level = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.5, exclusiveMinimum: true }))
const Margin = Schema.Finite.check(
  Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true })
)
const FailMargin = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMaximum: true }))
const Coverage = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true }))
const Text = Schema.NonEmptyString.check(Schema.isPattern(/\S/u))
const Day = Schema.String.check(Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u))

const margins = {
  suite: Margin.annotate({ description: "A gated harmful suite" }),
  macro: Margin.annotate({ description: "The mean over the gated harmful suites" }),
  overRefusal: Margin.annotate({ description: "The pool of benign suites" }),
  capability: Margin.annotate({ description: "A gated task" }),
  suites: Schema.Record(Schema.String, Margin).annotate({
    description: "Margins of single suites, by id with or without options"
  })
}

const judge = {
  required: Schema.Array(Measure).annotate({
    description: "Gated measures that may not decide without a calibration record of the scorer"
  }),
  minimumJ: Share.annotate({ description: "A lower limit of Se + Sp - 1 at or below this is a weak judge" }),
  weak: Schema.Literals(["refuse", "annotate"]).annotate({ description: "What happens with a weak judge" }),
  notAlone: Schema.optionalKey(
    Schema.Array(Text).annotate({
      description: "Scorers that no gated measure may rest on alone, whatever is known of their error"
    })
  )
}

/** A suite, pool or macro whose fail or inconclusive does not block, by whom, why, and until when. */
export const Waiver = Schema.Struct({
  suite: Text.annotate({ description: "Suite id, or the name of a pool or macro" }),
  owner: Text,
  reason: Text,
  expires: Day.annotate({ description: "Last day on which the waiver holds, YYYY-MM-DD in UTC" })
}).annotate({ identifier: "Waiver" })
export type Waiver = typeof Waiver.Type

const rules = {
  alpha: Level.annotate({ description: "One-sided error rate of the whole decision" }),
  spending: Schema.Literals(["none", "looks"]).annotate({
    description: "looks: the k-th look gets alpha * 6 / (pi k)^2, so that any number of looks stays within alpha"
  }),
  exact: Schema.Boolean.annotate({
    description: "Test the drift at 0.8 alpha, where the enumerated size of Tango's test stays below alpha"
  }),
  failMargin: FailMargin.annotate({ description: "A fail needs a drift that is significantly above this" }),
  minCoverage: Coverage.annotate({ description: "Smallest share of asked units that must be scored in either arm" }),
  ceilings: Schema.Record(Schema.String, Share).annotate({
    description: "Highest allowed upper limit of the tuned model's rate, by suite id with or without options"
  }),
  requireComplied: Schema.Boolean.annotate({ description: "Gate the macro of `complied` too, not only of `unsafe`" }),
  requireGated: Schema.optionalKey(
    Schema.Array(Schema.Literals(["harm", "over-refusal"])).annotate({
      description: "What has to be gated: `unsafe` of a harmful suite, `refused` of a benign one; absent: nothing"
    })
  ),
  profileMargins: Schema.Boolean.annotate({ description: "Whether a profile's margins of single suites apply" }),
  waivers: Schema.Array(Waiver),
  annotations: Schema.Array(Schema.Literals(["smoke"])).annotate({ description: "Words that every verdict carries" })
}

const Origin = Schema.Struct({
  preset: PresetName,
  profile: Schema.optionalKey(Schema.Struct({ id: Schema.String, sha256: Schema.String })),
  changes: Schema.Array(Schema.Struct({
    rule: Schema.String,
    preset: Schema.Json,
    here: Schema.Json,
    looser: Schema.Boolean.annotate({ description: "Whether more passes, or less fails, than under the preset" })
  }))
}).annotate({ description: "The preset that a policy began with, and every rule that differs from it" })
export type PolicyOrigin = typeof Origin.Type

/** The rules of a gate, as data. Rates and margins are shares: 0.05 is five points. */
export const Policy = Schema.Struct({
  schema: Schema.Literal(policySchema),
  name: Text,
  ...rules,
  margins: Schema.Struct(margins),
  judge: Schema.Struct(judge),
  origin: Schema.optionalKey(Origin)
}).annotate({ identifier: "Policy" })
export type Policy = typeof Policy.Type

/** Changes to a preset: every rule optional; `suites`, `ceilings` and `waivers` are added to the preset's. */
export const PolicyOverrides = Schema.Struct({
  name: Schema.optionalKey(Text),
  alpha: Schema.optionalKey(rules.alpha),
  spending: Schema.optionalKey(rules.spending),
  exact: Schema.optionalKey(rules.exact),
  failMargin: Schema.optionalKey(rules.failMargin),
  minCoverage: Schema.optionalKey(rules.minCoverage),
  ceilings: Schema.optionalKey(rules.ceilings),
  requireComplied: Schema.optionalKey(rules.requireComplied),
  requireGated: rules.requireGated,
  waivers: Schema.optionalKey(rules.waivers),
  margins: Schema.optionalKey(Schema.Struct({
    suite: Schema.optionalKey(margins.suite),
    macro: Schema.optionalKey(margins.macro),
    overRefusal: Schema.optionalKey(margins.overRefusal),
    capability: Schema.optionalKey(margins.capability),
    suites: Schema.optionalKey(margins.suites)
  })),
  judge: Schema.optionalKey(Schema.Struct({
    required: Schema.optionalKey(judge.required),
    minimumJ: Schema.optionalKey(judge.minimumJ),
    weak: Schema.optionalKey(judge.weak),
    notAlone: judge.notAlone
  }))
}).annotate({ identifier: "PolicyOverrides" })
export type PolicyOverrides = typeof PolicyOverrides.Type
