import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { objectOf } from "../checkpoints/reading.ts"
import { makeFolders } from "../domain/folder.ts"
import { InternalProblem } from "../domain/problem.ts"
import type { JudgedStep } from "./outcome.ts"

/** The folder beside the checkpoints in which outcomes are kept: a trainer rotates by the time of change of its own. */
export const recordsFolder = "driftgate"

/** In that folder: the checkpoints that are being judged, in a folder for each process. */
export const pinsFolder = "pins"

const fileOf = (path: Path.Path, root: string, step: number) => path.join(root, recordsFolder, `step-${step}.json`)

/** Writes `ROOT/driftgate/step-N.json`; a reader finds the old text or the new one. */
export const writeVerdict = Effect.fn("Watch.writeVerdict")(
  function*(root: string, runId: string, { folder, outcome, step }: JudgedStep) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const file = fileOf(path, root, step)
    const { decision, digest, gate, reasons, word } = outcome
    const text = JSON.stringify(
      {
        step,
        run_id: runId,
        verdict: word,
        reasons,
        gate,
        digest,
        decision_path: decision,
        checkpoint: folder,
        time: (yield* Clock.currentTimeMillis) / 1000
      },
      null,
      2
    )
    yield* makeFolders(path.dirname(file), 0o777).pipe(
      Effect.andThen(fs.writeFileString(`${file}.${process.pid}`, `${text}\n`)),
      Effect.andThen(fs.rename(`${file}.${process.pid}`, file)),
      Effect.mapError((cause) =>
        new InternalProblem({
          reason: "disk",
          where: file,
          what: `the verdict can't be written: ${cause.message}`,
          fix: "Free space, or give this user the right to write there.",
          cause
        })
      )
    )
  }
)

/** What was written down for a step. */
interface Written {
  readonly word: string
  readonly checkpoint: string | undefined
  /** Of the weights that were judged. */
  readonly digest: string | undefined
}

const textOf = (value: unknown) => typeof value === "string" ? value : undefined

/** What was written down for a step; undefined where there is nothing or it can't be read. */
export const readVerdict = Effect.fn("Watch.readVerdict")(function*(root: string, step: number) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const text = yield* fs.readFileString(fileOf(path, root, step)).pipe(Effect.orElseSucceed(() => "null"))
  const value = yield* Effect.try({ try: () => objectOf(JSON.parse(text)), catch: () => undefined }).pipe(
    Effect.orElseSucceed(() => undefined)
  )
  const word = textOf(value?.["verdict"])
  return word === undefined
    ? undefined
    : {
      word,
      checkpoint: textOf(value?.["checkpoint"]),
      digest: textOf(value?.["digest"])
    } satisfies Written as Written
})
