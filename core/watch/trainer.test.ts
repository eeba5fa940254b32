import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { afterEach, expect, vi } from "vitest"
import { startTrainer } from "./trainer.ts"

const children = vi.hoisted((): Array<ChildProcess> => [])
vi.mock("node:child_process", async (original) => {
  const actual = await original<typeof import("node:child_process")>()
  return {
    ...actual,
    spawn: vi.fn((...args: Parameters<typeof actual.spawn>) => {
      const child = actual.spawn(...args)
      children.push(child)
      return child
    })
  }
})

/** Whether anything of a process group is there, looked at as the system has it. */
const isThere = (group: number): boolean => {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

afterEach(() => {
  for (const { pid } of children.splice(0)) {
    if (pid !== undefined && isThere(pid)) process.kill(-pid, "SIGKILL")
  }
})

const grace = { graceMillis: 5_000 }
const until = (holds: () => void) => Effect.promise(() => vi.waitFor(holds, { timeout: 10_000, interval: 5 }))

describe("a trainer", () => {
  it.live("that ended long ago is not signalled when its scope ends: its number may be another one's", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const trainer = yield* startTrainer(["/bin/sh", "-c", "exit 3"], grace).pipe(Scope.provide(scope))
      assert.strictEqual(yield* trainer.ended, 3)
      const [, watchdog] = children
      // Whoever would stop the group of a killed process goes when the group does.
      yield* until(() => expect(watchdog!.signalCode).toBe("SIGKILL"))
      const kill = vi.spyOn(process, "kill")
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(kill.mock.calls, [])
      kill.mockRestore()
    }))

  it.live("whose own children outlive it is stopped with all of them", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const trainer = yield* startTrainer(["/bin/sh", "-c", "sleep 600 & exit 0"], grace).pipe(Scope.provide(scope))
      assert.strictEqual(yield* trainer.ended, 0)
      assert.isTrue(isThere(trainer.pid))
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(isThere(trainer.pid))
    }))

  it.live("that is interrupted while it starts leaves nothing behind", () =>
    Effect.gen(function*() {
      const starting = yield* Effect.forkChild(Effect.scoped(startTrainer(["/bin/sleep", "600"], grace)), {
        startImmediately: true
      })
      assert.strictEqual(children.length, 1)
      yield* Fiber.interrupt(starting)
      assert.isFalse(isThere(children[0]!.pid!))
    }))

  it.live("writes to this process's stderr where its stdout is taken by records", () =>
    Effect.gen(function*() {
      const asked = vi.mocked(spawn).mock.calls
      for (const [stdout, first] of [["stderr", 2], ["stdout", "inherit"]] as const) {
        asked.length = 0
        yield* Effect.scoped(startTrainer(["/bin/true"], { ...grace, stdout }))
        assert.deepStrictEqual(asked[0]![2].stdio, ["inherit", first, "inherit"])
      }
    }))

  it.live("that can't be started is told with its name", () =>
    Effect.gen(function*() {
      const problem = yield* Effect.flip(Effect.scoped(startTrainer(["/nowhere/trainer"], grace)))
      assert.include(problem.message, "/nowhere/trainer")
    }))
})
