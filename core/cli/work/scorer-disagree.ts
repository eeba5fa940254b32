import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { disagree, type SuiteAgreement } from "../../evaluate/disagreement.ts"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { isComplete } from "../../evaluate/rates.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { Interruption } from "../interruption.ts"
import { Output, visible } from "../output.ts"
import { columns } from "../print/columns.ts"
import { progressListener } from "../print/progress.ts"
import { endOfRun } from "../print/rates.ts"

const shown = (value: number | null): string => (value === null ? "-" : value.toFixed(3))

const suiteRow = (entry: SuiteAgreement): ReadonlyArray<string> => [
  entry.suite,
  entry.measure,
  String(entry.n),
  shown(entry.agreement),
  shown(entry.kappa),
  shown(entry.ac1),
  String(entry.firstOnly),
  String(entry.secondOnly),
  String(entry.scoredByFirst),
  String(entry.scoredBySecond)
]

/** `driftgate scorer disagree`: answers stay folded unless they are asked for. */
export const work = Effect.fn("cli.scorerDisagree")(function*(
  input: { readonly run: string; readonly show: boolean },
  flags: Flags,
  json: boolean
) {
  const settings = yield* readSettings(flags)
  const { asked } = yield* Interruption
  yield* Effect.gen(function*() {
    const output = yield* Output
    const { parted, run, scorers, suites, summary, textOf } = yield* disagree(
      { run: input.run, settings, texts: input.show },
      yield* progressListener,
      asked
    )
    const same = scorers.filter(({ first, second }) => first === second)
    for (const { first, suite } of same) {
      yield* output.note(`${suite}: both are ${first}; name another scorer with --with`)
    }
    const names = [...new Set(scorers.map(({ first, second }) => `${first} (first), ${second} (second)`))]
    for (const name of names) yield* output.line(visible(name))
    yield* output.line("")
    const header = [
      "suite",
      "measure",
      "both",
      "agree",
      "kappa",
      "AC1",
      "first only",
      "second only",
      "no second",
      "no first"
    ]
    const table = columns([header, ...suites.map(suiteRow)], new Set([2, 3, 4, 5, 6, 7, 8, 9]))
    for (const line of table) yield* output.line(line)
    for (const entry of suites) yield* output.record({ type: "agreement", ...entry })
    if (parted.length > 0) yield* output.line("")
    for (const { first, measure, second, unit } of parted) {
      const text = input.show ? textOf(unit) : undefined
      const epoch = unit.epoch === 0 ? "" : ` epoch ${unit.epoch}`
      const category = unit.category === undefined ? "" : `  ${visible(unit.category)}`
      yield* output.line(
        `${visible(unit.suite)}  ${visible(unit.sample)}${epoch}  ${measure} ${first} | ${second}${category}`
      )
      if (text !== undefined) yield* output.line(`    ${visible(text).replaceAll("\n", "\n    ")}`)
      yield* output.record({
        type: "disagreement",
        suite: unit.suite,
        sample: unit.sample,
        epoch: unit.epoch,
        measure,
        first,
        second,
        ...(unit.category === undefined ? {} : { category: unit.category }),
        ...(text === undefined ? {} : { response: text })
      })
    }
    yield* output.line(`\n${parted.length} parted; judged again in ${run.directory.path}`)
    yield* output.record({ type: "rescored", run: run.directory.path, parted: parted.length })
    yield* endOfRun(summary, isComplete(summary.arms[0]!.suites), run.directory.path)
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(
      hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
      cacheLayer(false),
      Output.layer(json)
    ))
  )
})
