import * as Schema from "effect/Schema"
import { Measure } from "./measures.ts"
import { PluginRef } from "./plan.ts"

export const calibrationSchema = "driftgate.calibration/1"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Limits = Schema.Struct({
  estimate: Schema.NullOr(Schema.Finite),
  lower: Schema.NullOr(Schema.Finite),
  upper: Schema.NullOr(Schema.Finite)
})

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Interval = Schema.Struct({ estimate: Schema.Finite, lower: Schema.Finite, upper: Schema.Finite })

/** How a scorer's verdicts compare with human labels on one measure: what a gate needs to know of a judge's error. */
export const CalibrationRecord = Schema.Struct({
  schema: Schema.Literal(calibrationSchema),
  scorer: Schema.Struct({
    id: Schema.String,
    plugin: PluginRef,
    behaviour: Schema.String.annotate({
      description:
        "A record speaks of this behaviour alone: code, prompt, options, judge; with `models`, of this recipe"
    }),
    models: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.Array(Schema.String)).annotate({
        description:
          "Made from verdicts that a publisher recorded: it speaks of the scorer while the model in each role "
          + "is called by one of these names; an empty list: of none"
      })
    )
  }),
  measure: Measure,
  suites: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "Suites whose answers are like these, by id without options; none: it is shown and never decides. "
        + "Without this member it speaks of every suite that no other record of the scorer names"
    })
  ),
  data: Schema.Struct({
    name: Schema.String,
    sha256: Schema.String,
    rows: Count,
    source: Schema.optionalKey(Schema.String.annotate({ description: "Repository or data set, and its revision" })),
    licence: Schema.optionalKey(Schema.String),
    files: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.String).annotate({ description: "sha256 of the pinned files, by path" })
    ),
    annotators: Schema.optionalKey(Count.annotate({ description: "People who judged each answer" })),
    humanAgreement: Schema.optionalKey(Share.annotate({
      description: "Share of answers on which two of these people agree, over all pairs: what no judge need surpass"
    })),
    remarks: Schema.optionalKey(Schema.Array(Schema.String).annotate({ description: "What limits this record" }))
  }),
  groups: Schema.optionalKey(
    Schema.Struct({
      by: Schema.Literal("goal"),
      count: Count.annotate({ description: "Groups of answers whose goals are alike" }),
      trained: Schema.Boolean.annotate({
        description: "Each answer was scored by a scorer that had learnt from no answer of its group"
      }),
      folds: Schema.Array(Schema.Struct({ rows: Count, youden: Schema.NullOr(Schema.Finite) })).annotate({
        description: "J in each fold; no group is in two of them"
      }),
      sensitivity: Schema.Struct({ x: Count, n: Count }),
      specificity: Schema.Struct({ x: Count, n: Count })
    }).annotate({
      description: "Answers to one goal are alike: counts divided by their design effect, which a gate goes by"
    })
  ),
  table: Schema.Struct({
    truePositive: Count,
    falseNegative: Count,
    falsePositive: Count,
    trueNegative: Count
  }).annotate({
    description: "Positive: the bad end of the measure, by the label; scores of 0.5 and more are flagged"
  }),
  unscored: Schema.Struct({ positive: Count, negative: Count }).annotate({
    description: "Labelled answers to which the scorer gave no score; they are in no rate"
  }),
  trainedOn: Count.annotate({ description: "Labelled answers that the scorer says it was trained on; left out" }),
  sensitivity: Limits,
  specificity: Limits,
  youden: Limits.annotate({ description: "Se + Sp - 1; the lower limit from those of Se and Sp" }),
  agreement: Schema.NullOr(Schema.Finite),
  kappa: Limits,
  ac1: Schema.NullOr(Schema.Finite),
  prevalence: Schema.Struct({
    labelled: Schema.NullOr(Schema.Finite),
    flagged: Schema.NullOr(Schema.Finite),
    corrected: Schema.NullOr(Schema.Finite).annotate({ description: "Rogan-Gladen" }),
    interval: Schema.NullOr(Interval)
  }),
  unlabelled: Schema.optionalKey(
    Schema.Struct({
      n: Count,
      flagged: Schema.Finite,
      corrected: Schema.NullOr(Schema.Finite).annotate({ description: "Rogan-Gladen" }),
      interval: Schema.NullOr(Interval),
      predictionPowered: Schema.NullOr(
        Schema.Struct({ lambda: Schema.Finite, estimate: Schema.Finite, standardError: Schema.Finite })
      ).annotate({ description: "PPI++ of the rate, from labels and scores together" })
    }).annotate({ description: "Scored answers without a label: the rate behind the scorer's flags" })
  )
}).annotate({ identifier: "CalibrationRecord" })
export type CalibrationRecord = typeof CalibrationRecord.Type
