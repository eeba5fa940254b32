import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Semaphore from "effect/Semaphore"
import { fingerprintOf } from "../checkpoints/fingerprint.ts"
import { weightNames, weightsDigest } from "../checkpoints/pin.ts"
import { UsageProblem } from "../domain/problem.ts"

/** A model that checkpoints are held against. */
export interface BaseModel {
  /** As `--base` of `driftgate gate` takes it. */
  readonly spec: string
  /** The folder of its weights, where they are on this machine. */
  readonly folder: string | undefined
}

const form = /^([a-z][a-z0-9-]*):([^@+?]+)(\+[^@?]+)?(@[^?]*)?(\?.*)?$/

/** A part of a spec with what would end it percent-encoded. */
const encoded = (part: string): string => part.replace(/[%+?@,&=#\s]/g, encodeURIComponent)

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Reads `NAME=SPEC` of `--base`. Fails with `UsageProblem`. */
export const namedBase = Effect.fn("Bases.named")(function*(entry: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const wrong = (what: string, fix: string) => new UsageProblem({ reason: "flag", where: `--base ${entry}`, what, fix })
  const at = entry.indexOf("=")
  const name = entry.slice(0, Math.max(at, 0))
  const spec = entry.slice(at + 1)
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    return yield* wrong("expected NAME=SPEC", "For example --base demo=checkpoint:./base; requests then say base: demo")
  }
  const parts = form.exec(spec)
  if (parts === null) return yield* wrong("this names no model", "The form is scheme:folder[?key=value]")
  if (parts[4] !== undefined) {
    return yield* wrong(
      "a server that runs already can't load the checkpoints of a training run",
      "Name weights that an engine of driftgate loads, such as checkpoint:./base"
    )
  }
  const place = path.resolve(decoded(parts[2]!))
  const folder = yield* fs.realPath(place).pipe(Effect.option)
  if (folder._tag === "None" && parts[1] === "checkpoint") {
    return yield* wrong("there is no such folder", "Name the folder of the model that training begins with")
  }
  return [name, { spec, folder: folder._tag === "None" ? undefined : folder.value }] as const
})

/** The spec of a folder under the roots, run by `engine`. */
export const baseAt = (engine: string, folder: string): BaseModel => ({ spec: `${engine}:${encoded(folder)}`, folder })

/**
 * The spec of a pinned checkpoint beside a base: the same engine and parameters, other weights.
 *
 * What an adapter says of its base is not looked at: it is put on the base that the request named.
 */
export const candidateSpec = (base: BaseModel, folder: string, format: "model" | "adapter"): string => {
  const [, scheme, locator, , , parameters = ""] = form.exec(base.spec)!
  return format === "model"
    ? `${scheme}:${encoded(folder)}${parameters}`
    : `${scheme}:${locator}+${encoded(folder)}${parameters}`
}

/** What was last read of one folder. */
interface Read {
  readonly one: Semaphore.Semaphore
  fingerprint?: string
  digest?: string
}

/**
 * The digests of bases: weights are read once, by whoever asks first, and again only when a file of them has changed.
 * Fails with a text.
 */
export const makeDigests = (read: typeof weightsDigest = weightsDigest) => {
  const folders = new Map<string, Read>()
  const stamp = Effect.fnUntraced(function*(folder: string) {
    const path = yield* Path.Path
    const names = yield* weightNames(folder)
    return yield* fingerprintOf(names.map((name) => path.join(folder, name))).pipe(
      Effect.mapError(({ reason }) => reason)
    )
  })
  const readAgain = Effect.fnUntraced(function*(folder: string, known: Read) {
    const fingerprint = yield* stamp(folder)
    if (known.digest !== undefined && known.fingerprint === fingerprint) return known.digest
    const digest = yield* read(folder)
    if ((yield* stamp(folder)) !== fingerprint) return yield* Effect.fail(`${folder} changed while it was read`)
    known.fingerprint = fingerprint
    known.digest = digest
    return digest
  })
  return Effect.fn("Bases.digest")(function*(folder: string) {
    const known: Read = folders.get(folder) ?? { one: Semaphore.makeUnsafe(1) }
    folders.set(folder, known)
    return yield* readAgain(folder, known).pipe(known.one.withPermits(1))
  })
}
