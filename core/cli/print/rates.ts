import * as Effect from "effect/Effect"
import { exitCodes } from "../../domain/problem.ts"
import type { FrozenRun } from "../../evaluate/freeze.ts"
import { isComplete, type SuiteRates } from "../../evaluate/rates.ts"
import { suiteJudgingLines } from "../../gate/judging-lines.ts"
import type { SuiteJudging } from "../../gate/judging.ts"
import type { RunSummary } from "../../run/summary.ts"
import { Ended } from "../ended.ts"
import { Output, visible } from "../output.ts"
import { armLines, limitedBy } from "./progress.ts"
import { runTable } from "./run-table.ts"
import { howToGoOn, howToJudge } from "./stopped.ts"

/** Prints what a run came to, and ends with 0, 12 (units are open) or 130 (stopped by a signal). */
export const printRates = Effect.fn("cli.printRates")(function*({ judging, run, suites, summary }: {
  readonly run: FrozenRun
  readonly suites: ReadonlyArray<SuiteRates>
  readonly judging: ReadonlyArray<SuiteJudging>
  readonly summary: RunSummary
}) {
  const output = yield* Output
  const complete = isComplete(suites)
  const { earlier, failures } = summary.arms[0]!
  for (const line of runTable(suites)) yield* output.line(line)
  const judgingLines = suiteJudgingLines(judging)
  if (judgingLines.length > 0) yield* output.line(`\n${visible(judgingLines.join("\n"))}`)
  yield* output.line(`\nresponses: ${run.directory.path}`)
  for (const line of [...limitedBy(summary), ...armLines(summary)]) yield* output.note(line)
  yield* output.record({
    type: "run",
    run: run.plan.run,
    directory: run.directory.path,
    complete,
    suites,
    ...(judging.length === 0 ? {} : { judging }),
    ...(failures.length === 0 ? {} : { failures }),
    ...(earlier === undefined ? {} : { earlier }),
    spent: summary.spent,
    endpoints: summary.endpoints,
    cached: summary.cached,
    elapsedMillis: summary.elapsedMillis,
    ...(summary.stopped === undefined ? {} : { stopped: summary.stopped })
  })
  yield* endOfRun(summary, complete, run.directory.path)
})

/** Ends with 0, 12 (units are open, or no answer has a score) or 130 (stopped by a signal). `folder`: of the run. */
export const endOfRun = Effect.fnUntraced(function*(summary: RunSummary, complete: boolean, folder: string) {
  const output = yield* Output
  if (summary.stopped?.kind === "drained") {
    yield* output.note(`driftgate: ${howToGoOn(summary.stopped.why)}`)
    return yield* new Ended({ code: exitCodes.interrupted })
  }
  if (!complete) {
    const rejudge = summary.stopped === undefined ? howToJudge(summary.arms[0]!.suites, folder) : undefined
    const message = rejudge ?? howToGoOn(summary.stopped?.why ?? "some units have no score", summary)
    yield* output.note(`driftgate: ${visible(message)}`)
    return yield* new Ended({ code: exitCodes.incomplete })
  }
})
