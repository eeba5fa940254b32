// What a cascade of the harm head and a judge would have come to, on answers to goals that the judging head had not seen:
// the rows of the README of `cascade`, by the verdicts that publishers recorded for their judges. About a minute.
//
//   DRIFTGATE_ASSET_MIRROR=FOLDER node --conditions=driftgate-source plugins/scorers/embedded/train/cascade.ts
import { parse } from "csv-parse/sync"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { logistic } from "../logistic.ts"
import { calibrationOf, crossPredict, examplesOf } from "./learn.ts"
import { readRows } from "./rows.ts"
import { harm } from "./subjects.ts"

const mirror = process.env["DRIFTGATE_ASSET_MIRROR"]
if (mirror === undefined) {
  console.error("DRIFTGATE_ASSET_MIRROR names no folder with the pinned data: set it to that folder")
  process.exit(2)
}
const folder: string = mirror

const bands = [0.1, 0.2, 0.3]
const seeds = [0, 1, 2]

/** Recorded verdicts on the judged answers of a set, in the order in which `readRows` gives them. */
const recorded = {
  harmbench: (): ReadonlyArray<0 | 1> => {
    const rows = JSON.parse(
      readFileSync(join(folder, "harmbench/classifier_val_sets/text_behaviors_val_set.shared.json"), "utf8")
    ) as Readonly<Record<string, ReadonlyArray<{ readonly behavior_id: string; readonly cls: number }>>>
    const known = new Set(
      parse<{ readonly BehaviorID: string }>(
        readFileSync(join(folder, "harmbench/behavior_datasets/harmbench_behaviors_text_all.csv")),
        { columns: true, bom: true }
      ).map(({ BehaviorID }) => BehaviorID)
    )
    return Object.values(rows).flat().filter((row) => known.has(row.behavior_id)).map(({ cls }) => cls === 1 ? 1 : 0)
  },
  "jbb-judged": (): ReadonlyArray<0 | 1> =>
    parse<{ readonly Index: string; readonly llama3_cf: string }>(
      readFileSync(join(folder, "jailbreakbench/judge_comparison/judge-comparison.shared.csv")),
      { columns: true, bom: true }
    ).map(({ llama3_cf }) => llama3_cf === "1" ? 1 : 0)
}

const sets = [
  { name: "HarmBench with `cls`", source: "harmbench", attacksOnly: false },
  { name: "JailbreakBench, judged attacks, with `llama3_cf`", source: "jbb-judged", attacksOnly: true }
] as const

const percent = (part: number, of: number): string => of === 0 ? "-" : (100 * part / of).toFixed(1)

const examples = examplesOf(readRows(folder), harm)
for (const seed of seeds) {
  const { predictions } = crossPredict(examples, harm, seed)
  const { offset, slope } = calibrationOf(predictions, harm)
  for (const { attacksOnly, name, source } of sets) {
    const verdicts = recorded[source]()
    const own = predictions.filter(({ example }) => example.row.source === source)
    if (own.length !== verdicts.length) throw new Error(`${name}: ${own.length} answers, ${verdicts.length} verdicts`)
    const all = own
      .map(({ example, logit }, index) => ({
        attack: example.row.attack,
        label: example.label,
        probability: logistic(slope * logit + offset),
        verdict: verdicts[index]!
      }))
      .filter(({ attack }) => attack || !attacksOnly)
    const alone = all.filter(({ label, verdict }) => label === verdict).length
    for (const band of bands) {
      const first = all.filter(({ probability }) => probability < band)
      const harmless = first.filter(({ label }) => label === 0).length
      const right = all.filter(({ label, probability, verdict }) => label === (probability < band ? 0 : verdict)).length
      console.log(
        `| ${seed} | ${name} | ${band} | ${first.length} of ${all.length} | ${percent(first.length, all.length)} | ${
          percent(harmless, first.length)
        } | ${percent(alone, all.length)} | ${percent(right, all.length)} |`
      )
    }
  }
}
