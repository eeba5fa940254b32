import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import { UnavailableProblem } from "../domain/problem.ts"

/** Where the parts of one run lie. */
export interface RunDirectory {
  readonly path: string
  readonly plan: string
  readonly units: string
  readonly journal: string
  /** What judges said of the anchors, a line for each session and scorer. */
  readonly anchors: string
  readonly environment: string
  readonly lock: string
}

/** Names of the parts of a run inside its folder. */
export const runDirectory = (path: Path.Path, folder: string): RunDirectory => ({
  path: folder,
  plan: path.join(folder, "plan.json"),
  units: path.join(folder, "units.ndjson"),
  journal: path.join(folder, "journal.ndjson"),
  anchors: path.join(folder, "anchors.ndjson"),
  environment: path.join(folder, "environment.json"),
  lock: path.join(folder, "lock")
})

/** Makes a folder that only its owner can read, with its parents; fails with `UnavailableProblem` `folder`. */
export const makeFolder = Effect.fn("RunDirectory.make")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const isFolder = (name: string) => fs.stat(name).pipe(Effect.map(({ type }) => type === "Directory"))
  // Node's own recursion never ends below /proc, where making a folder says that its parent is missing.
  const make = (name: string, withParents: boolean): Effect.Effect<void, PlatformError> =>
    fs.makeDirectory(name, { mode: 0o700 }).pipe(
      Effect.catchIf(
        (error) => error.reason._tag === "NotFound" && withParents && path.dirname(name) !== name,
        () => Effect.andThen(make(path.dirname(name), true), make(name, false))
      ),
      Effect.catchIf(
        (error) => error.reason._tag === "AlreadyExists",
        (error) => Effect.flatMap(isFolder(name), (yes) => yes ? Effect.void : Effect.fail(error))
      )
    )
  yield* make(folder, true).pipe(
    Effect.mapError((error) =>
      new UnavailableProblem({
        reason: "folder",
        what: `the folder can't be made: ${error.message}`,
        where: folder,
        fix: "Choose a folder you may write to with --out DIR."
      })
    )
  )
})
