import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { makeFolders } from "../domain/folder.ts"
import { type Complete, type Refusal, unfinished } from "./inspection.ts"
import { refusedRead } from "./reading.ts"
import { checkLength } from "./safetensors.ts"

/** A file of a pin as it was when it was pinned: for a hard link a change of it is a change by the trainer. */
export interface PinnedFile {
  readonly name: string
  readonly kind: "weights" | "text"
  readonly ino: number
  readonly size: number
  readonly mtimeMillis: number
}

/** A checkpoint that its trainer can no longer take away. */
export interface Pin {
  readonly folder: string
  /** `link` when all weights are hard links, which take no space. */
  readonly pinned: "link" | "copy"
  readonly files: ReadonlyArray<PinnedFile>
}

/** A pin that ran out of space or could not be written; not the checkpoint's fault. */
export interface NoRoom {
  readonly state: "no-room"
  readonly reason: string
}

/** A file of a checkpoint that leads out of the folders that a pin may read. */
export interface Outside {
  readonly state: "outside"
  readonly reason: string
  readonly fix: string
}

/** `ENOSPC` and the like, or the kind of the error where the system gave none. */
export const systemCode = (error: PlatformError): string => {
  const { cause } = error.reason
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : error.reason._tag
}

/** Reasons for which a hard link is not made where a copy can be: another file system, too many links, no right to link. */
const copyInstead = new Set(["EXDEV", "EPERM", "EMLINK", "ENOSYS", "EOPNOTSUPP", "ENOTSUP"])
const ofTheDisk = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EFBIG"])

/** A file inside one of some folders, after all symbolic links; the folders are already without links. */
export const isInside = (path: Path.Path, roots: ReadonlyArray<string>, place: string): boolean =>
  roots.some((root) => {
    const way = path.relative(root, place)
    return way === "" || (way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way))
  })

const stampOf = Effect.fnUntraced(function*(folder: string, name: string, kind: PinnedFile["kind"]) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { ino, mtime, size, type } = yield* fs.stat(path.join(folder, name))
  return {
    name,
    kind,
    // A file that is not a file any more never matches.
    ino: type === "File" ? Option.match(ino, { onNone: () => 0, onSome: Number }) : -1,
    size: Number(size),
    mtimeMillis: Option.match(mtime, { onNone: () => 0, onSome: (time) => time.getTime() })
  } satisfies PinnedFile as PinnedFile
})

/**
 * Pins a checkpoint that was found whole: weights by hard link, or by copy where no link can be made, everything else by
 * copy, into a folder that only its owner can read. Nothing is written into the checkpoint.
 *
 * Every file has to lie under one of `roots` after symbolic links, when there are any. What is pinned is checked once
 * more, since the trainer may have taken files away or begun to write them again meanwhile.
 */
export const pinCheckpoint = Effect.fn("Checkpoints.pin")(function*(
  checkpoint: Pick<Complete, "files" | "folder">,
  to: string,
  options: { readonly roots?: ReadonlyArray<string> } = {}
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const disk = (reason: string) => Effect.fail<Refusal | NoRoom>({ state: "no-room", reason })
  const make = makeFolders(to).pipe(
    Effect.catch((error) => disk(`the folder of the pin can't be made: ${error.code}`))
  )
  let copied = false
  const copy = (from: string, into: string) => Effect.andThen(fs.copyFile(from, into), fs.chmod(into, 0o600))
  const take = Effect.fnUntraced(function*(file: Complete["files"][number]) {
    const from = yield* fs.realPath(file.path).pipe(Effect.catch(refusedRead(file.path)))
    if (options.roots !== undefined && !isInside(path, options.roots, from)) {
      return yield* Effect.fail<Refusal | Outside>({
        state: "outside",
        reason: `${file.path} leads to a place outside the allowed folders`,
        fix: "Save the file itself, not a link to it"
      })
    }
    const into = path.join(to, file.name)
    const taken = file.kind === "text" ? copy(from, into) : fs.link(from, into).pipe(
      Effect.catchIf((error) => copyInstead.has(systemCode(error)), () =>
        Effect.andThen(
          Effect.sync(() => {
            copied = true
          }),
          copy(from, into)
        ))
    )
    yield* taken.pipe(
      Effect.catch((error) =>
        ofTheDisk.has(systemCode(error))
          ? disk(`${file.name} can't be copied: ${systemCode(error)}`)
          : refusedRead(file.path)(error)
      )
    )
    // A link needs no right to read, an evaluation does.
    yield* fs.access(into, { readable: true }).pipe(Effect.catch(refusedRead(file.path)))
    if (file.kind === "weights") {
      yield* checkLength(into).pipe(
        Effect.mapError((refusal) =>
          refusal.state === "incomplete" ? unfinished(refusal.reason.replace(into, file.path)) : refusal
        )
      )
    }
    return yield* stampOf(to, file.name, file.kind).pipe(Effect.catch(refusedRead(file.path)))
  })
  yield* make
  return yield* Effect.forEach(checkpoint.files, take).pipe(
    Effect.map((files) => ({ folder: to, pinned: copied ? "copy" : "link", files } satisfies Pin as Pin)),
    Effect.onError(() => releasePin(to))
  )
})

/** Removes a pin; the trainer's own files stay. Never fails. */
export const releasePin = Effect.fn("Checkpoints.release")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(folder, { recursive: true, force: true }).pipe(Effect.ignore)
})

/** The name of a file of a pin that is no longer as it was pinned, or undefined. */
export const changedSince = Effect.fn("Checkpoints.changed")(function*({ files, folder }: Pin) {
  for (const { ino, kind, mtimeMillis, name, size } of files) {
    const now = yield* stampOf(folder, name, kind).pipe(Effect.orElseSucceed(() => undefined))
    if (now === undefined || now.ino !== ino || now.size !== size || now.mtimeMillis !== mtimeMillis) return name
  }
  return undefined
})

const fileDigest = (file: string) =>
  Effect.tryPromise({
    try: async (signal) => {
      const sum = createHash("sha256")
      for await (const bytes of createReadStream(file, { signal, highWaterMark: 1 << 20 })) sum.update(bytes as Buffer)
      return sum.digest("hex")
    },
    catch: (cause) => cause instanceof Error ? cause.message : String(cause)
  })

/** Names of the safetensors of a folder, in their order. Fails with a text, also where there are none. */
export const weightNames = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.readDirectory(folder).pipe(Effect.mapError((error) => error.message)))
    .filter((name) => name.endsWith(".safetensors")).toSorted()
  return names.length === 0 ? yield* Effect.fail(`${folder} holds no safetensors`) : names
})

/**
 * `sha256:` of the weights of a folder: of the lines `<sha256>  <name>` of its safetensors in the order of their names,
 * as `sha256sum *.safetensors` prints them. Fails with a text.
 */
export const weightsDigest = Effect.fn("Checkpoints.digest")(function*(folder: string) {
  const path = yield* Path.Path
  const sum = createHash("sha256")
  for (const name of yield* weightNames(folder)) sum.update(`${yield* fileDigest(path.join(folder, name))}  ${name}\n`)
  return `sha256:${sum.digest("hex")}`
})

/** Removes every pin under a folder that is not among those still needed; gives back how many there were. */
export const sweepPins = Effect.fn("Checkpoints.sweep")(function*(pins: string, needed: ReadonlySet<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* fs.readDirectory(pins).pipe(Effect.orElseSucceed((): Array<string> => []))
  const stale = names.filter((name) => !needed.has(name))
  for (const name of stale) yield* releasePin(path.join(pins, name))
  return stale.length
})
