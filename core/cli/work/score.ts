import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type { Judged } from "../../domain/judging.ts"
import { exitCodes, type Problem, UsageProblem } from "../../domain/problem.ts"
import type { Score } from "../../domain/score.ts"
import { makeFailures } from "../../evaluate/failures.ts"
import { hostLayer } from "../../evaluate/layers.ts"
import { answerShape, scoreLines } from "../../evaluate/score.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { showPrompts } from "../../evaluate/show-prompt.ts"
import { suiteJudgingLines } from "../../gate/judging-lines.ts"
import { suiteJudgings } from "../../gate/judging.ts"
import { judgedOf } from "../../run/judged.ts"
import { Ended } from "../ended.ts"
import { Output } from "../output.ts"
import { failureLine } from "../print/progress.ts"
import { notJudged } from "../print/stopped.ts"

/** What a line says of how a scorer that asks others came to it. */
const judgedIn = (row: object): ReadonlyArray<Judged> => {
  const { detail } = row as { readonly detail?: Score["detail"] }
  const judged = detail === undefined ? undefined : judgedOf("stdin", { detail })
  return judged === undefined ? [] : [judged]
}

/**
 * `driftgate score`: stdin to stdout, in order; on stderr in the end, what scorers that ask others came to. Ends with 12
 * where a judge failed on a line.
 */
export const work = Effect.fn("cli.score")(function*(
  scorer: string,
  flags: Flags,
  { showPrompt }: { readonly showPrompt: boolean }
) {
  const settings = yield* readSettings(flags)
  const judged: Array<Judged> = []
  const failures = makeFailures()
  let written = 0
  const stdio = yield* Stdio.Stdio
  const lines = stdio.stdin.pipe(
    Stream.mapError((error) =>
      new UsageProblem({
        reason: "file",
        where: "stdin",
        what: error.message,
        fix: "Pipe JSON lines into the command."
      })
    ),
    Stream.decodeText(),
    Stream.splitLines
  )
  yield* Effect.flatMap(
    showPrompt ? showPrompts(scorer, settings, lines) : scoreLines(scorer, settings, lines, failures.add),
    (rows: Stream.Stream<object, Problem>) =>
      Stream.runForEachArray(rows, (group) => {
        written += group.length
        for (const row of group) judged.push(...judgedIn(row))
        return Console.log(group.map((row) => JSON.stringify(row)).join("\n"))
      })
  ).pipe(
    Effect.scoped,
    Effect.provide(hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }))
  )
  if (written === 0) {
    return yield* new UsageProblem({
      reason: "file",
      where: "stdin",
      what: "no answer came in",
      fix: `Pipe JSON lines into the command, one object each: ${answerShape}`
    })
  }
  const { note } = Output.make(false)
  for (const line of suiteJudgingLines(suiteJudgings(judged))) yield* note(line)
  if (failures.all().length > 0) {
    for (const failure of failures.all()) yield* note(failureLine(scorer, "answer", failure))
    yield* note(`driftgate: ${notJudged(failures.all())}`)
    return yield* new Ended({ code: exitCodes.incomplete })
  }
})
