import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { type Problem, UsageProblem } from "../../domain/problem.ts"
import { hostLayer } from "../../evaluate/layers.ts"
import { scoreLines } from "../../evaluate/score.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { showPrompts } from "../../evaluate/show-prompt.ts"

/** `driftgate score`: stdin to stdout, in order. */
export const work = Effect.fn("cli.score")(function*(
  scorer: string,
  flags: Flags,
  { showPrompt }: { readonly showPrompt: boolean }
) {
  const settings = yield* readSettings(flags)
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
    showPrompt ? showPrompts(scorer, settings, lines) : scoreLines(scorer, settings, lines),
    (rows: Stream.Stream<object, Problem>) =>
      Stream.runForEachArray(rows, (group) => Console.log(group.map((row) => JSON.stringify(row)).join("\n")))
  ).pipe(
    Effect.scoped,
    Effect.provide(hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }))
  )
})
