import * as Schema from "effect/Schema"
import { Measure } from "../domain/measures.ts"
import { Decoding, SuiteKind } from "../domain/plan.ts"

// A pattern reaches JSON Schema only from a regular expression with the u flag.
const Id = Schema.String.check(Schema.isPattern(/^[a-z0-9][a-z0-9-]*$/u))
const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u))
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const JsonObject = Schema.Record(Schema.String, Schema.Json)

const pointer = "JSON pointer; a segment `[key=value]` picks the array element whose member `key` is `value`"

/** How a text is found in a file. */
export const ExtractRule = Schema.Union([
  Schema.Struct({
    rule: Schema.Literal("json-pointer"),
    pointer: Schema.String.annotate({ description: pointer })
  }),
  Schema.Struct({
    rule: Schema.Literal("python-literal"),
    name: Schema.NonEmptyString.annotate({
      description: "What the program assigns the text or list of texts to, dotted inside classes and functions"
    }),
    at: Schema.optionalKey(Schema.String.annotate({ description: `Where in that value: ${pointer}` })),
    cell: Schema.optionalKey(
      Schema.String.annotate({ description: "In a notebook, the program: JSON pointer to a text or a list of texts" })
    )
  }),
  Schema.Struct({
    rule: Schema.Literal("python-arguments"),
    call: Schema.NonEmptyString.annotate({
      description: "Function that the program gives the texts to; those of all its calls make one list"
    })
  })
])
export type ExtractRule = typeof ExtractRule.Type

/** One place from which a pinned file can come. */
export const AssetSource = Schema.Struct({
  id: Schema.String.annotate({ description: "Names this alternative in plans, such as `upstream` or `mit-rows`" }),
  url: Schema.optionalKey(Schema.String.annotate({ description: "Address at a fixed revision" })),
  mirror: Schema.optionalKey(
    Schema.String.annotate({ description: "Path inside a mirror folder (DRIFTGATE_ASSET_MIRROR)" })
  ),
  sha256: Sha256,
  bytes: Count,
  licence: Schema.String,
  extract: Schema.optionalKey(
    ExtractRule.annotate({ description: "How the text is found in this file, instead of by the asset's pointer" })
  ),
  note: Schema.optionalKey(Schema.String)
})
export type AssetSource = typeof AssetSource.Type

/** A pinned file, or a text extracted from one, with the digest of that text: the same from every alternative. */
export const Asset = Schema.Struct({
  name: Id,
  sources: Schema.NonEmptyArray(AssetSource).annotate({ description: "Alternatives, best first" }),
  extract: Schema.optionalKey(Schema.Struct({
    pointer: Schema.optionalKey(
      Schema.String.annotate({ description: `In alternatives that say nothing else: ${pointer}` })
    ),
    sha256: Sha256.annotate({ description: "Of the text; of its canonical JSON where it is a list" })
  })),
  when: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.NonEmptyArray(Schema.Json)).annotate({
      description: "Needed only while each of these options has one of the values listed; without it, always"
    })
  ),
  citation: Schema.optionalKey(Schema.String)
})
export type Asset = typeof Asset.Type

/** A suite that a benchmark offers. */
export const SuiteManifest = Schema.Struct({
  id: Id,
  title: Schema.String,
  kind: SuiteKind,
  gates: Schema.Array(Measure).annotate({ description: "Measures that a gate decides on" }),
  tracks: Schema.Array(Measure).annotate({ description: "Measures that are reported and never decide" }),
  scorer: Schema.String.annotate({ description: "Default scorer, `id?option=value`" }),
  decoding: Decoding,
  samples: Schema.optionalKey(Count.annotate({ description: "Number of samples with default options" })),
  clustered: Schema.optionalKey(Schema.Boolean.annotate({ description: "Several samples share a goal" })),
  licence: Schema.String,
  citation: Schema.String
})
export type SuiteManifest = typeof SuiteManifest.Type

/** `plugin.json`, or the `driftgate` field of a package.json. */
export const Manifest = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  id: Id,
  kind: Schema.Literals(["benchmark", "scorer", "target", "reporter"]),
  title: Schema.optionalKey(Schema.String),
  version: Schema.String.check(Schema.isPattern(/^[1-9][0-9]*-[A-Z]$/u)).annotate({
    description: "N-X: results are comparable within N, the interface within X"
  }),
  contract: Schema.NonEmptyString.annotate({ description: "Range of contract versions, such as ^1.0.0" }),
  entry: Schema.NonEmptyString.annotate({
    description: "Module inside the plugin's folder; .js, or .ts in a local folder"
  }),
  options: Schema.optionalKey(JsonObject.annotate({ description: "JSON Schema (2020-12) of the options" })),
  assets: Schema.optionalKey(Schema.Array(Asset)),
  suites: Schema.optionalKey(Schema.Array(SuiteManifest)),
  measures: Schema.optionalKey(Schema.Array(Measure).annotate({ description: "What a scorer can give" })),
  exact: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "A scorer that compares with a reference: no judge error in `wrong` of a task; believed of nothing else"
    })
  ),
  roles: Schema.optionalKey(Schema.Array(Schema.Struct({
    name: Id,
    needs: Schema.Array(Schema.Literals(["messages", "prompt", "tokens", "topLogprobs"]))
  }))),
  uses: Schema.optionalKey(Schema.Array(Id).annotate({ description: "Scorers that this one asks" })),
  isolation: Schema.optionalKey(Schema.Literals(["inline", "process"])),
  permissions: Schema.optionalKey(Schema.Array(Schema.Literals(["net", "fs-read", "fs-write", "gpu"]))),
  licence: Schema.optionalKey(Schema.String),
  citation: Schema.optionalKey(Schema.String),
  upstream: Schema.optionalKey(Schema.String.annotate({ description: "Repository and commit that this follows" }))
}).annotate({ identifier: "DriftgatePlugin" })
export type Manifest = typeof Manifest.Type
