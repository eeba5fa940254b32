import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"

const isCommit = (text: string | undefined): text is string => /^[0-9a-f]{40,64}$/u.test(text ?? "")

/**
 * The commit that is checked out in a folder or the nearest one above it that git keeps; undefined where there is none.
 *
 * Read from git's own files: nothing is run, and what can't be read is no commit.
 */
export const commitAt = Effect.fn("Environment.commit")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (...parts: readonly [string, ...Array<string>]) =>
    fs.readFileString(path.join(...parts)).pipe(
      Effect.map((text) => text.trim()),
      Effect.orElseSucceed(() => undefined)
    )
  /** Where git keeps what belongs to the folder: beside it, or where a worktree's file says. */
  const kept = Effect.fnUntraced(function*(at: string) {
    const beside = path.join(at, ".git")
    const elsewhere = /^gitdir: (.+)$/u.exec((yield* read(beside)) ?? "")?.[1]
    if (elsewhere !== undefined) return path.resolve(at, elsewhere)
    return (yield* fs.exists(beside).pipe(Effect.orElseSucceed(() => false))) ? beside : undefined
  })
  let at = path.resolve(folder)
  let git = yield* kept(at)
  while (git === undefined && path.dirname(at) !== at) git = yield* kept(at = path.dirname(at))
  if (git === undefined) return undefined
  const head = yield* read(git, "HEAD")
  const ref = /^ref: (refs\/\S+)$/u.exec(head ?? "")?.[1]
  if (ref === undefined || ref.includes("..")) return isCommit(head) ? head : undefined
  const common = path.resolve(git, (yield* read(git, "commondir")) ?? ".")
  const loose = (yield* read(git, ref)) ?? (yield* read(common, ref))
  const packed = ((yield* read(common, "packed-refs")) ?? "").split("\n").find((line) => line.endsWith(` ${ref}`))
  const commit = loose ?? packed?.split(" ")[0]
  return isCommit(commit) ? commit : undefined
})
