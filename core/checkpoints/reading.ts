import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import { type Refusal, unfinished, type Unreadable } from "./inspection.ts"

export type JsonObject = Readonly<Record<string, unknown>>

/** The value as an object, or undefined when it is none. */
export const objectOf = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : undefined

// Logs of long runs are in `trainer_state.json`; nothing that a trainer writes as JSON comes near this.
const largestJson = 256 * 1024 * 1024

/** Whose a place is, in words; empty where the system does not say. */
const ownerOf = Effect.fnUntraced(function*(place: string) {
  const fs = yield* FileSystem.FileSystem
  const info = yield* fs.stat(place).pipe(Effect.option)
  return Option.match(info, {
    onNone: () => "",
    onSome: ({ mode, uid }) =>
      ` (mode ${(mode & 0o777).toString(8).padStart(4, "0")}${
        Option.match(uid, { onNone: () => "", onSome: (id) => `, owner ${id}` })
      })`
  })
})

const unreadable = Effect.fnUntraced(function*(place: string) {
  const refusal: Unreadable = {
    state: "unreadable",
    reason: `${place} may not be read by this user${yield* ownerOf(place)}`,
    fix:
      "Trainers write weights for their own user only: run driftgate as that user, or give its group the right to read."
  }
  return yield* Effect.fail<Refusal>(refusal)
})

/** What a failed look at a place says of the checkpoint. */
export const refusedRead =
  (place: string) => (error: PlatformError): Effect.Effect<never, Refusal, FileSystem.FileSystem> =>
    error.reason._tag === "PermissionDenied"
      ? unreadable(place)
      : Effect.fail<Refusal>(unfinished(
        error.reason._tag === "NotFound" ? `${place} is not there` : `${place} can't be read: ${error.reason._tag}`
      ))

/** Names in a folder, or undefined when there is no such folder. */
export const namesIn = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readDirectory(folder).pipe(
    Effect.map((names): ReadonlySet<string> | undefined => new Set(names)),
    Effect.catchIf(
      (error) => error.reason._tag === "NotFound" || /ENOTDIR/.test(String(error.reason.cause)),
      () => Effect.succeed(undefined)
    ),
    Effect.catch(refusedRead(folder))
  )
})

/** Text of a file; a file that is not there or not whole is a refusal that names it. */
export const textOf = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const { size } = yield* fs.stat(file).pipe(Effect.catch(refusedRead(file)))
  if (size > largestJson) return yield* Effect.fail<Refusal>(unfinished(`${file} has ${size} bytes, which is too much`))
  return yield* fs.readFileString(file).pipe(Effect.catch(refusedRead(file)))
})

/** A JSON object from a file; text that is no JSON object is a save in progress. */
export const jsonOf = Effect.fnUntraced(function*(file: string) {
  const text = yield* textOf(file)
  const value = yield* Effect.try({
    try: () => objectOf(JSON.parse(text)),
    catch: (): Refusal => unfinished(`${file} is not JSON yet`)
  })
  if (value === undefined) return yield* Effect.fail<Refusal>(unfinished(`${file} is not a JSON object`))
  return value
})
