import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { fdatasyncSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach } from "vitest"
import { openJournal } from "./journal-writer.ts"
import { settle } from "./target.fixture.ts"

let synced = 0
const counted = (fd: number) =>
  Effect.sync(() => {
    fdatasyncSync(fd)
    synced++
  })
beforeEach(() => {
  synced = 0
})

const journal = Effect.gen(function*() {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "driftgate-journal-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const file = join(folder, "journal.ndjson")
  const { append } = yield* openJournal<number>(file, counted)
  let lines = 0
  const written = () => readFileSync(file, "utf8").split("\n").length - 1
  /** A line that is written when this returns, 5 ms of virtual time later, or more where the disk was busy. */
  const add = Effect.gen(function*() {
    append(++lines)
    while (written() < lines) {
      yield* settle
      yield* TestClock.adjust(5)
      for (let i = 0; i < 20 && written() < lines; i++) yield* settle
    }
    yield* settle
  })
  return add
})

/** Lets time pass, and the disk finish what it was told by then. */
const pass = Effect.fnUntraced(function*(millis: number, expected: number) {
  yield* TestClock.adjust(millis)
  for (let i = 0; i < 10_000 && synced < expected; i++) yield* settle
  for (let i = 0; i < 20; i++) yield* settle
})

describe("a journal is synced", () => {
  it.effect("250 ms after a line that nothing follows, and not again", () =>
    Effect.gen(function*() {
      const add = yield* journal
      yield* add
      yield* pass(245, 0)
      assert.strictEqual(synced, 0)
      yield* pass(5, 1)
      assert.strictEqual(synced, 1)
      yield* pass(10_000, 1)
      assert.strictEqual(synced, 1)
    }))

  it.effect("after each line, where one comes in ten seconds", () =>
    Effect.gen(function*() {
      const add = yield* journal
      for (let n = 1; n <= 5; n++) {
        yield* add
        yield* pass(9_995, n)
        assert.strictEqual(synced, n)
      }
    }))

  it.effect("at most four times a second, however many lines come", () =>
    Effect.gen(function*() {
      const add = yield* journal
      for (let i = 0; i < 200; i++) yield* add
      yield* pass(250, 1)
      const seconds = (yield* Clock.currentTimeMillis) / 1000
      assert.isAtLeast(synced, 2)
      assert.isAtMost(synced, 4 * seconds)
    }))
})
