import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { exitCodes } from "../../domain/problem.ts"
import { clearDemo, demoCard, type DemoCase, demoCases, demoOut, demoSettings } from "../../evaluate/demo.ts"
import { gateTargets } from "../../evaluate/gate.ts"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { table } from "../../gate/table.ts"
import { Ended } from "../ended.ts"
import { Interruption } from "../interruption.ts"
import { Output } from "../output.ts"
import { greedyLines } from "../print/greedy.ts"
import { progressListener } from "../print/progress.ts"

/** What is left out early depends on which answers come first; the demo shows the same numbers every time. */
const everything = { earlyStop: false }

interface Where {
  readonly out: string
  readonly concurrency: number | undefined
}

/** Gates one case and prints its table. */
const gateCase = Effect.fnUntraced(function*(one: DemoCase, where: Where) {
  const settings = yield* demoSettings(one.tuned, where)
  const { asked } = yield* Interruption
  const path = yield* Path.Path
  const output = yield* Output
  const { arms, decided } = yield* Effect.scoped(
    Effect.flatMap(progressListener, (listener) => gateTargets(settings, listener, asked, everything)).pipe(
      Effect.provide(Layer.mergeAll(
        hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
        cacheLayer(settings.cache)
      ))
    )
  )
  if (decided === undefined) return yield* new Ended({ code: exitCodes.interrupted })
  const { decision } = decided
  const shown = (place: string) => path.relative(path.resolve(), place) || "."
  const folder = shown(decided.folder)
  const suites = [...new Set(decision.suites.map(({ suite }) => suite))]
  const card = yield* demoCard(one.tuned)
  const greedy = greedyLines(card.greedy, suites)
  for (const line of table(decision, { color: process.stdout.isTTY === true })) yield* output.line(line)
  for (const line of greedy.length === 0 ? [] : ["", ...greedy]) yield* output.line(line)
  if (card.power !== undefined) {
    yield* output.line(`a candidate without drift passes all five hazardous suites with probability ${card.power}`)
  }
  yield* output.line(
    `\ndecision: ${path.join(folder, "decision.json")}\nflips:    ${path.join(folder, "flips.jsonl")}\n`
      + `scores:   ${path.join(folder, "logprobs.ndjson")}`
  )
  yield* output.record({
    type: "demo",
    tuned: one.tuned,
    expected: one.expected,
    verdict: decision.verdict,
    reasons: decision.reasons,
    folder
  })
  return { ...one, decision, folder, runs: arms.map(({ run }) => shown(run.directory.path)) }
})

/** `driftgate demo`: exit 0 when each verdict is the one that these models have to get. */
export const work = Effect.fn("cli.demo")(function*(input: {
  readonly json: boolean
  readonly out: Option.Option<string>
  readonly concurrency: Option.Option<number>
}) {
  yield* Effect.gen(function*() {
    const output = yield* Output
    if (Option.isNone(input.out)) yield* clearDemo()
    const where = {
      out: Option.getOrElse(input.out, () => demoOut),
      concurrency: Option.getOrUndefined(input.concurrency)
    }
    const results = yield* Effect.forEach(
      demoCases,
      (one, index) =>
        output.line(`${index === 0 ? "" : "\n\n"}${index + 1} of ${demoCases.length}: ${one.title}\n`).pipe(
          Effect.andThen(gateCase(one, where))
        )
    )
    const last = results.at(-1)!
    yield* output.line([
      "\n\nWhat to type next:",
      `  driftgate explain ${last.folder}`,
      "      each number of the decision with its formula and inputs",
      `  driftgate verify ${last.runs[1]}`,
      "      the proof that every planned unit ended exactly once",
      `  driftgate compare ${last.runs.join(" ")} --preset smoke`,
      "      the same answers under another policy; nothing is asked"
    ].join("\n"))
    const wrong = results.filter(({ decision, expected }) => decision.verdict !== expected)
    for (const { decision, expected, tuned } of wrong) {
      yield* output.note(
        `driftgate: the demo is broken: ${tuned} has to get ${expected} and got ${decision.verdict}\n`
          + "  Undo changes under demo/, core/gate and core/stats, or report it."
      )
    }
    if (wrong.length > 0) return yield* new Ended({ code: exitCodes.InternalProblem })
    yield* output.line(
      `\nBoth verdicts are what they have to be: ${
        results.map(({ decision, tuned }) => `${tuned} ${decision.verdict}`).join(", ")
      }. `
        + "`driftgate gate` exits 0 on pass and 10 on fail."
    )
  }).pipe(Effect.provide(Output.layer(input.json)))
})
