import * as Schema from "effect/Schema"
import { ReasoningPolicy } from "./judging.ts"
import { Measure } from "./measures.ts"
import { PresetName } from "./policy.ts"
import { Unit } from "./unit.ts"

export const planSchema = "driftgate.plan/1"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Strings = Schema.Record(Schema.String, Schema.String)

export const Decoding = Schema.Struct({
  temperature: Schema.Finite,
  topP: Schema.Finite,
  topK: Count,
  maxTokens: Count,
  stop: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Decoding = typeof Decoding.Type

/** Who a model is, by content. */
export const Identity = Schema.Struct({
  behaviour: Schema.String,
  full: Schema.String,
  weights: Schema.optionalKey(Schema.String),
  verifiable: Schema.Boolean,
  parts: Strings
})
export type Identity = typeof Identity.Type

/** A pinned file that a plugin opened, and which of the manifest's alternatives it was. */
export const AssetUse = Schema.Struct({
  name: Schema.String,
  sha256: Schema.String,
  source: Schema.String.annotate({ description: "Which alternative of the manifest was used" })
})
export type AssetUse = typeof AssetUse.Type

/** A plugin by content. */
export const PluginRef = Schema.Struct({
  id: Schema.String,
  version: Schema.String,
  digest: Schema.String.annotate({ description: "sha256 over the plugin's files" })
})
export type PluginRef = typeof PluginRef.Type

/** The scorer of a suite; `behaviour` covers code, prompts, options and the behaviour of its roles. */
export const ScorerRef = Schema.Struct({
  id: Schema.String.annotate({ description: "Scorer id with its non-default options, such as `phrases?list=jbb`" }),
  plugin: PluginRef,
  behaviour: Schema.String,
  exact: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Compares with a reference: no judge error in `wrong` of a task" })
  ),
  asks: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({ description: "Scorers that judge in the end, where this one asks others" })
  ),
  judges: Schema.optionalKey(
    Schema.Array(Schema.Struct({ id: Schema.String, behaviour: Schema.String })).annotate({
      description: "Scorers that ask models of their own: this one, and those that it asks; absent: it asks none"
    })
  ),
  roles: Strings,
  recipe: Schema.optionalKey(
    Schema.String.annotate({ description: "`behaviour` without the models in the roles; absent where it asks none" })
  ),
  models: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.String).annotate({
      description: "What the models in the roles are called, of those that are asked as they are; nobody checks a name"
    })
  ),
  assets: Schema.Array(AssetUse)
})
export type ScorerRef = typeof ScorerRef.Type

/** What kind of request a suite makes: decides which measure is bad news and where it is pooled (gate.md B0.1). */
export const SuiteKind = Schema.Literals(["harmful", "benign", "task"])
export type SuiteKind = typeof SuiteKind.Type

/** What the gate does with a suite's gated measures, declared by the manifest or the profile. */
export const SuiteRole = Schema.Literals(["gated", "tracked"])

export const PlannedSuite = Schema.Struct({
  id: Schema.String.annotate({ description: "Suite id with its non-default options in canonical order" }),
  selection: Schema.String.annotate({ description: "Text that names the suite again, whatever its id is" }),
  plugin: PluginRef,
  kind: SuiteKind,
  role: SuiteRole,
  gates: Schema.Array(Measure).annotate({ description: "Measures that decide, when the role is gated" }),
  tracks: Schema.Array(Measure),
  clustered: Schema.Boolean.annotate({ description: "Whether several samples share a goal" }),
  decoding: Decoding,
  epochs: Count,
  scorer: ScorerRef,
  reasoning: Schema.optionalKey(ReasoningPolicy).annotate({ description: "How reasoning text counts; absent: final" }),
  limit: Schema.optionalKey(Count),
  samples: Count,
  excluded: Schema.Record(Schema.String, Count).annotate({ description: "Rows left out, by reason" }),
  items: Schema.String.annotate({ description: "sha256 over sample ids and prompt digests" }),
  shown: Schema.String.annotate({
    description: "sha256 over what scorers are shown of the samples: goal, category, context, reference and metadata"
  }),
  assets: Schema.Array(AssetUse)
}).annotate({ identifier: "PlannedSuite" })
export type PlannedSuite = typeof PlannedSuite.Type

/** `plan.json`: everything that is frozen before anything is asked. */
export const Plan = Schema.Struct({
  schema: Schema.Literal(planSchema),
  run: Schema.String,
  target: Schema.Struct({ spec: Schema.String, identity: Identity }),
  source: Schema.optionalKey(
    Schema.Struct({ run: Schema.String, journal: Schema.String }).annotate({
      description: "The run whose answers are judged again, and the sha256 of its journal"
    })
  ),
  profile: Schema.optionalKey(Schema.String),
  rules: Schema.optionalKey(
    Schema.Struct({
      sha256: Schema.String.annotate({ description: "Of all that the profile says" }),
      preset: Schema.optionalKey(PresetName),
      policy: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
      margins: Schema.Record(Schema.String, Schema.Finite)
    }).annotate({ description: "What the profile says of the verdict; margins by suite id" })
  ),
  part: Schema.optionalKey(
    Schema.Literals(["looks", "confirmation"]).annotate({
      description: "Which part of the samples, in a trajectory: the one candidates are chosen on, or the other one"
    })
  ),
  seed: Count,
  answerSeed: Schema.optionalKey(Count.annotate({
    description: "Seed of the answers where it is not the seed of draws and order: the second run of a noise floor"
  })),
  suites: Schema.Array(PlannedSuite),
  units: Schema.Struct({ count: Count, sha256: Schema.String })
}).annotate({ identifier: "Plan" })
export type Plan = typeof Plan.Type

/** One line of `units.ndjson`, in the order in which units are asked. */
export const PlannedUnit = Schema.Struct({
  ...Unit.fields,
  prompt: Schema.String.annotate({ description: "First 32 hex digits of the sha256 of the messages" }),
  goal: Schema.String.annotate({ description: "First 16 hex digits of the sha256 of the normalised goal" }),
  seed: Count,
  cluster: Schema.optionalKey(Schema.String),
  category: Schema.optionalKey(Schema.String),
  attack: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "PlannedUnit" })
export type PlannedUnit = typeof PlannedUnit.Type
