import * as Effect from "effect/Effect"
import type { Measure } from "../../domain/measures.ts"
import { hostLayer } from "../../evaluate/layers.ts"
import { evaluateScorer, type Evaluation } from "../../evaluate/scorer-eval.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { Output, visible } from "../output.ts"
import { columns } from "../print/columns.ts"

const shown = (value: number | null | undefined): string =>
  value === null || value === undefined ? "-" : value.toFixed(4)
const numbers = new Set([1, 2, 3, 4, 5, 6])

interface Limits {
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
}

const rateRow = (name: string, rate: Limits | null): ReadonlyArray<string> => [
  name,
  shown(rate?.estimate),
  shown(rate?.lower),
  shown(rate?.upper)
]

const lostLine = (kind: "unscored" | "errored", reasons: Readonly<Record<string, number>>): ReadonlyArray<string> => {
  const entries = Object.entries(reasons)
  return entries.length === 0
    ? []
    : [`${kind}, in no rate: ${entries.map(([reason, n]) => `${n} ${visible(reason)}`).join(", ")}`]
}

const categoryLines = ({ categories }: Evaluation): ReadonlyArray<string> =>
  categories.length < 2 ? [] : [
    "",
    ...columns([
      ["category", "bad: flagged", "not", "good: flagged", "not", "unscored", "errored"],
      ...categories.map(({ category, errored, table, unscored }) => [
        category === "" ? "-" : category,
        ...[
          table.truePositive,
          table.falseNegative,
          table.falsePositive,
          table.trueNegative,
          unscored,
          errored
        ].map(String)
      ])
    ], numbers)
  ]

const gradedLines = ({ graded }: Evaluation): ReadonlyArray<string> =>
  graded === null ? [] : [
    `by its ${graded.by}, n ${graded.n}: area under the ROC curve ${graded.area.estimate.toFixed(4)} [${
      graded.area.lower.toFixed(4)
    }, ${graded.area.upper.toFixed(4)}], calibration error (10 bins) ${graded.calibrationError.toFixed(4)}`
  ]

const latencyLines = ({ latency }: Evaluation): ReadonlyArray<string> =>
  latency === null ? [] : [
    `latency of a score: p50 ${latency.p50.toFixed(1)} ms, p90 ${latency.p90.toFixed(1)} ms, p99 ${
      latency.p99.toFixed(1)
    } ms, most ${latency.max.toFixed(1)} ms`
  ]

const lines = (evaluation: Evaluation): ReadonlyArray<string> => {
  const { agreement, counts, data, measure, scorer } = evaluation
  const { ac1, kappa, sensitivity, specificity, table, youden } = agreement
  return [
    `${scorer.id} on ${measure}, ${visible(data.name)}: ${counts.labelled} labelled answers, ${counts.scored} scored`,
    ...lostLine("unscored", counts.unscored),
    ...lostLine("errored", counts.errored),
    ...(counts.trainedOn === 0
      ? []
      : [`${counts.trainedOn} of them are answers that the scorer was trained on: these figures flatter it`]),
    "",
    ...columns([
      ["label", "flagged", "not flagged"],
      ["bad", String(table.truePositive), String(table.falseNegative)],
      ["good", String(table.falsePositive), String(table.trueNegative)]
    ], numbers),
    "",
    ...columns([
      ["", "estimate", "lower", "upper"],
      rateRow("precision", evaluation.precision),
      rateRow("recall", evaluation.recall),
      ["F1", shown(evaluation.f1), "-", "-"],
      rateRow("sensitivity (99 %)", sensitivity),
      rateRow("specificity (99 %)", specificity),
      rateRow("J = Se + Sp - 1", youden),
      ["agreement", shown(agreement.agreement), "-", "-"],
      rateRow("Cohen's kappa", kappa),
      ["Gwet's AC1", shown(ac1), "-", "-"]
    ], numbers),
    ...categoryLines(evaluation),
    "",
    ...gradedLines(evaluation),
    ...latencyLines(evaluation),
    "Limits: precision, recall, kappa, area 95 %; J from the lower limits of Se and Sp at 0.5 % each."
  ]
}

/** `driftgate scorer eval`. */
export const work = Effect.fn("cli.scorerEval")(function*(
  input: { readonly scorer: string; readonly labels: string; readonly measure: Measure | undefined },
  flags: Flags,
  json: boolean
) {
  const output = Output.make(json)
  const settings = yield* readSettings(flags)
  const evaluation = yield* evaluateScorer({ ...input, settings }).pipe(
    Effect.scoped,
    Effect.provide(hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }))
  )
  for (const line of lines(evaluation)) yield* output.line(line)
  yield* output.record({ type: "evaluation", ...evaluation })
})
