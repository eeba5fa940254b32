import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import { readJournal } from "../run/journal-reader.ts"
import { openStoredRun } from "../run/stored-run.ts"

/** How fast models answered in an earlier run of this out folder. */
interface Throughput {
  /** Answers a second, over all runs that went on at that time. */
  readonly value: number
  /** Name of the run it was measured in. */
  readonly run: string
  readonly answers: number
}

/** Fewer answers than this say nothing about a rate. */
const fewest = 20

/** Times at which answers arrived from a model, in milliseconds, of the last session that has enough of them. */
const arrivals = Effect.fnUntraced(function*(journal: string) {
  let sessions: Array<Array<number>> = []
  yield* readJournal(journal).pipe(
    Stream.runForEach((lines) =>
      Effect.sync(() => {
        for (const { record } of lines) {
          if (record.type === "session") sessions = [...sessions.slice(-1), [record.at]]
          else if (record.type === "generation" && record.cached !== true) sessions.at(-1)?.push(record.at)
        }
      })
    )
  )
  return sessions.findLast((times) => times.length > fewest)
})

/**
 * The rate of the latest session in an out folder in which a model was asked; runs beside it count too.
 *
 * `specs`: only runs of these models, when there are any. Replayed and rescored runs say nothing. Undefined when no run
 * is left; a run that can't be read is passed over.
 */
export const measureThroughput = Effect.fn("Throughput.measure")(function*(out: string, specs: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const runs = path.join(out, "runs")
  const names = yield* fs.readDirectory(runs).pipe(Effect.orElseSucceed((): ReadonlyArray<string> => []))
  const found = yield* Effect.forEach(names, (name) =>
    Effect.gen(function*() {
      const stored = yield* openStoredRun(path.join(runs, name))
      const { mtime } = yield* fs.stat(stored.directory.journal)
      const { source, target } = stored.plan
      if (source !== undefined || target.spec.startsWith("replay:")) return []
      return [{
        name,
        spec: target.spec,
        journal: stored.directory.journal,
        at: mtime._tag === "Some" ? mtime.value.getTime() : 0
      }]
    }).pipe(Effect.orElseSucceed(() => [])))
  const all = found.flat().toSorted((a, b) => b.at - a.at)
  const known = all.filter(({ spec }) => specs.includes(spec))
  for (const run of known.length > 0 ? known : all) {
    const own = yield* Effect.orElseSucceed(arrivals(run.journal), () => undefined)
    const [start, end] = [own?.[0], own?.at(-1)]
    if (own === undefined || start === undefined || end === undefined || !(end > start)) continue
    const beside = yield* Effect.forEach(
      all.filter(({ at, name }) => name !== run.name && at >= start),
      (other) => Effect.orElseSucceed(arrivals(other.journal), () => undefined)
    )
    const answers = own.length - 1 +
      beside.reduce((sum, times) => sum + (times ?? []).slice(1).filter((at) => at >= start && at <= end).length, 0)
    return { value: answers / ((end - start) / 1000), run: run.name, answers } satisfies Throughput as Throughput
  }
  return undefined
})
