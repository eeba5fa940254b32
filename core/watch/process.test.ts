import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { isRunning, signalProcess, startOf } from "./process.ts"

describe("a process of another's", () => {
  it.live("is known by its start too: a pid that was given to another process is never signalled", () =>
    Effect.gen(function*() {
      const child = spawn("sleep", ["60"])
      yield* Effect.promise(() => once(child, "spawn"))
      const pid = child.pid!
      const ended = once(child, "exit")
      const start = (yield* startOf(pid))!
      assert.match(start, /^\d+$/)
      assert.isFalse(yield* signalProcess({ pid, start: String(Number(start) - 1) }, "SIGKILL"))
      assert.isTrue(yield* isRunning({ pid, start }))
      assert.isTrue(yield* signalProcess({ pid, start }, "SIGUSR1"))
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [null, "SIGUSR1"])
      assert.isFalse(yield* isRunning({ pid, start }))
      assert.isFalse(yield* signalProcess({ pid, start }, "SIGKILL"))
      assert.isUndefined(yield* startOf(pid))
    }))
})
