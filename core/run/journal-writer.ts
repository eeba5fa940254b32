import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readSync, write } from "node:fs"
import type { JournalRecord } from "../domain/journal.ts"
import { InternalProblem } from "../domain/problem.ts"
import { monotonicMillis } from "./monotonic.ts"

/** An open journal: the only thing a run writes on its hot path. */
export interface JournalWriter<Line = JournalRecord> {
  /** Hands a record to the next group commit. */
  readonly append: (record: Line) => void
  /** Waits until everything appended so far is on disk. */
  readonly flush: Effect.Effect<void, InternalProblem>
  /** Fails when a write fails, so that a run can be raced against it; never succeeds. */
  readonly failed: Effect.Effect<never, InternalProblem>
}

const groupMillis = 5
const syncMillis = 250

const writeAll = (fd: number, bytes: Uint8Array, from = 0): Effect.Effect<void, Error> =>
  Effect.callback((resume) => {
    write(fd, bytes, from, bytes.length - from, (error, written) => {
      if (error !== null) resume(Effect.fail(error))
      else resume(from + written < bytes.length ? writeAll(fd, bytes, from + written) : Effect.void)
    })
  })

const dataSync = (fd: number): Effect.Effect<void, Error> =>
  Effect.callback((resume) => fdatasync(fd, (error) => resume(error === null ? Effect.void : Effect.fail(error))))

/** Cuts off what a crash left after the last line end, so that the next record starts on a line of its own. */
const dropTornTail = (fd: number): void => {
  const { size } = fstatSync(fd)
  const buffer = Buffer.alloc(65_536)
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - buffer.length)
    const read = readSync(fd, buffer, 0, end - start, start)
    const newline = buffer.subarray(0, read).lastIndexOf(10)
    if (newline >= 0) {
      if (start + newline + 1 < size) ftruncateSync(fd, start + newline + 1)
      return
    }
    end = start
  }
  if (size > 0) ftruncateSync(fd, 0)
}

/**
 * Opens a journal for appending.
 *
 * Records are committed in groups: one write every 5 ms or as soon as the last one is done, one `sync` (fdatasync) 250 ms
 * after the first line that is not synced, and at the end. A failing disk fails `failed` and `flush` with
 * `InternalProblem` `disk`. Scoped: closing flushes.
 */
export const openJournal = Effect.fn("Journal.open")(function*<Line = JournalRecord>(
  file: string,
  sync: (fd: number) => Effect.Effect<void, Error> = dataSync
) {
  const now = monotonicMillis(yield* Clock.Clock)
  const failure = yield* Deferred.make<never, InternalProblem>()
  const diskProblem = (cause: unknown) =>
    new InternalProblem({
      reason: "disk",
      what: `writing failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: file,
      fix: "Free space or mend the disk, then run the same command again: it goes on where this one stopped.",
      cause
    })
  const fd = yield* Effect.acquireRelease(
    Effect.try({
      try: () => {
        const fd = openSync(file, "a+", 0o600)
        dropTornTail(fd)
        return fd
      },
      catch: diskProblem
    }),
    (fd) => Effect.sync(() => closeSync(fd))
  )

  let waiting: Array<string> = []
  let committed = 0
  let appended = 0
  const work = yield* Latch.make(false)
  const waiters: Array<{ readonly upTo: number; readonly done: Deferred.Deferred<void, InternalProblem> }> = []

  const commit = Effect.gen(function*() {
    const lines = waiting
    waiting = []
    const upTo = appended
    yield* writeAll(fd, Buffer.from(lines.join(""), "utf8"))
    committed = upTo
  })
  const wake = Effect.gen(function*() {
    while (waiters.length > 0 && waiters[0]!.upTo <= committed) {
      yield* Deferred.succeed(waiters.shift()!.done, undefined)
    }
  })
  const loop = Effect.gen(function*() {
    // When what is written and not synced has to be; Infinity while everything is.
    let due = Infinity
    while (true) {
      if (!work.isOpen()) yield* due === Infinity ? work.await : Effect.timeoutOption(work.await, due - now())
      const called = work.closeUnsafe()
      if (called && waiters.length === 0) yield* Effect.sleep(groupMillis)
      if (waiting.length > 0) {
        yield* commit
        due = Math.min(due, now() + syncMillis)
      }
      if (waiters.length > 0 || now() >= due) {
        yield* sync(fd)
        due = Infinity
      }
      yield* wake
    }
  }).pipe(
    Effect.catch((cause) => {
      const problem = diskProblem(cause)
      return Deferred.fail(failure, problem).pipe(
        Effect.andThen(Effect.forEach(waiters, ({ done }) => Deferred.fail(done, problem), { discard: true }))
      )
    })
  )
  const flush = Effect.gen(function*() {
    if (yield* Deferred.isDone(failure)) return yield* Deferred.await(failure)
    const done = yield* Deferred.make<void, InternalProblem>()
    waiters.push({ upTo: appended, done })
    work.openUnsafe()
    yield* Deferred.await(done)
  })
  yield* Effect.forkScoped(loop)
  yield* Effect.addFinalizer(() => flush.pipe(Effect.ignore))

  return {
    append: (record) => {
      waiting.push(JSON.stringify(record) + "\n")
      appended++
      work.openUnsafe()
    },
    flush,
    failed: Deferred.await(failure)
  } satisfies JournalWriter<Line> as JournalWriter<Line>
})
