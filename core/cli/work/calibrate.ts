import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { CalibrationRecord } from "../../domain/calibration.ts"
import type { Measure } from "../../domain/measures.ts"
import { exitCodes, UnavailableProblem } from "../../domain/problem.ts"
import { calibrate } from "../../evaluate/calibrate.ts"
import { hostLayer } from "../../evaluate/layers.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { Ended } from "../ended.ts"
import { Output } from "../output.ts"
import { columns } from "../print/columns.ts"
import { failureLine } from "../print/progress.ts"
import { notJudged } from "../print/stopped.ts"

const shown = (value: number | null): string => value === null ? "-" : value.toFixed(4)

/** What is said of answers that nobody labelled. */
const unlabelledLines = ({ unlabelled }: CalibrationRecord): ReadonlyArray<string> => {
  if (unlabelled === undefined) return []
  const { corrected, flagged, interval, n, predictionPowered: ppi } = unlabelled
  const reach = ppi === null ? null : 1.96 * ppi.standardError
  return [
    `${n} answers without a label:`,
    ...columns([
      ["", "estimate", "lower", "upper"],
      ["rate by flags", shown(flagged), "-", "-"],
      ["rate corrected", shown(corrected), shown(interval?.lower ?? null), shown(interval?.upper ?? null)],
      [
        "rate by PPI++",
        shown(ppi?.estimate ?? null),
        shown(ppi === null ? null : ppi.estimate - reach!),
        shown(ppi === null ? null : ppi.estimate + reach!)
      ]
    ], new Set([1, 2, 3])),
    ""
  ]
}

const lines = (record: CalibrationRecord): ReadonlyArray<string> => {
  const {
    ac1,
    agreement,
    data,
    kappa,
    measure,
    prevalence,
    scorer,
    sensitivity,
    specificity,
    table,
    unscored,
    youden
  } = record
  return [
    `${scorer.id} on ${measure}, ${data.name}: ${data.rows} labelled answers, ${
      unscored.positive + unscored.negative
    } without a score${record.trainedOn > 0 ? `, ${record.trainedOn} left out that the scorer was trained on` : ""}`,
    "",
    ...columns([
      ["label", "flagged", "not flagged"],
      ["bad", String(table.truePositive), String(table.falseNegative)],
      ["good", String(table.falsePositive), String(table.trueNegative)]
    ], new Set([1, 2])),
    "",
    ...columns([
      ["", "estimate", "lower", "upper"],
      ["sensitivity", shown(sensitivity.estimate), shown(sensitivity.lower), shown(sensitivity.upper)],
      ["specificity", shown(specificity.estimate), shown(specificity.lower), shown(specificity.upper)],
      ["J = Se + Sp - 1", shown(youden.estimate), shown(youden.lower), "-"],
      ["agreement", shown(agreement), "-", "-"],
      ["Cohen's kappa", shown(kappa.estimate), shown(kappa.lower), shown(kappa.upper)],
      ["Gwet's AC1", shown(ac1), "-", "-"],
      ["rate by labels", shown(prevalence.labelled), "-", "-"],
      ["rate by flags", shown(prevalence.flagged), "-", "-"],
      [
        "rate corrected",
        shown(prevalence.corrected),
        shown(prevalence.interval?.lower ?? null),
        shown(prevalence.interval?.upper ?? null)
      ]
    ], new Set([1, 2, 3])),
    "",
    ...unlabelledLines(record),
    "Se, Sp: Clopper-Pearson, one-sided 0.5 % each side; J: from the two lower limits at 0.5 % each.",
    "Kappa: 95 % (Fleiss, Cohen, Everitt). Corrected rate: Rogan-Gladen with the interval of Lee et al., 95 %."
  ]
}

/** `driftgate calibrate`: ends with 12, and writes no record, where a judge failed on a line. */
export const work = Effect.fn("cli.calibrate")(function*(
  input: {
    readonly scorer: string
    readonly labels: string
    readonly measure: Measure
    readonly to: string | undefined
  },
  flags: Flags,
  json: boolean
) {
  const output = Output.make(json)
  const fs = yield* FileSystem.FileSystem
  const settings = yield* readSettings(flags)
  const record = yield* calibrate({ ...input, settings }).pipe(
    Effect.scoped,
    Effect.provide(hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder })),
    Effect.catchTag("NotJudged", ({ failures }) =>
      Effect.gen(function*() {
        const message = `${notJudged(failures)} There is no record.`
        for (const failure of failures) yield* output.note(failureLine(input.scorer, "answer", failure))
        yield* output.note(`driftgate: ${message}`)
        yield* output.record({ type: "error", message, exitCode: exitCodes.incomplete, failures })
        return yield* new Ended({ code: exitCodes.incomplete })
      }))
  )
  const name = `calibration-${record.scorer.id.replace(/[^A-Za-z0-9.]+/g, "-")}-${record.measure}.json`
  const file = input.to ?? name
  yield* fs.writeFileString(file, JSON.stringify(record, null, 2) + "\n").pipe(
    Effect.mapError((error) =>
      new UnavailableProblem({
        reason: "folder",
        where: file,
        what: `the record can't be written: ${error.message}`,
        fix: "Choose another place with --to FILE."
      })
    )
  )
  for (const line of lines(record)) yield* output.line(line)
  yield* output.line(`\nrecord: ${file}`)
  yield* output.record({ type: "calibration", file, record })
})
