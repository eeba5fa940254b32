import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import { arch, cpus, platform, release, totalmem } from "node:os"
import { RunEnvironment, type SessionEnvironment } from "../domain/environment.ts"
import { commitAt } from "./commit.ts"
import { Installation } from "./installation.ts"

/** The part of a run that changes from one time to the next: versions, machine, clock, commit. */
export const environment = Effect.fn("Environment.read")(function*() {
  const { version } = yield* Installation
  const commit = yield* commitAt(".")
  return {
    driftgate: version,
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    processors: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    memory: totalmem(),
    at: new Date(yield* Clock.currentTimeMillis).toISOString(),
    ...(commit === undefined ? {} : { commit })
  } satisfies SessionEnvironment as SessionEnvironment
})

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(RunEnvironment))

/** The sessions that a run's environment.json tells of; none where there is no such file, or nothing to be read in it. */
const sessionsIn = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readFileString(file).pipe(
    Effect.flatMap(decode),
    Effect.map(({ sessions, ...only }): ReadonlyArray<SessionEnvironment> => sessions ?? [only]),
    Effect.orElseSucceed((): ReadonlyArray<SessionEnvironment> => [])
  )
})

/** Adds a session to a run's environment.json; the run goes on where it can't be written. */
export const writeEnvironment = Effect.fn("Environment.write")(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const now = yield* environment()
  const all: RunEnvironment = { ...now, sessions: [...yield* sessionsIn(file), now] }
  const aside = `${file}.new`
  yield* fs.writeFileString(aside, JSON.stringify(all, null, 2) + "\n", { mode: 0o600 }).pipe(
    Effect.andThen(fs.rename(aside, file)),
    Effect.ignore
  )
})
