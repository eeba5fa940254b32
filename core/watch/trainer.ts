import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"
import { UnavailableProblem } from "../domain/problem.ts"

/** A trainer that runs as a child in a process group of its own. */
interface Trainer {
  readonly pid: number
  /** The exit code, 128 + number for one that a signal ended. */
  readonly ended: Effect.Effect<number>
  /** SIGTERM to the whole group, and SIGKILL after `graceMillis` to whatever of it is left. */
  readonly stop: Effect.Effect<void>
}

// The group dies even when this process is killed without a chance to say so: the pipe then ends.
const guard = "read -r _; kill -TERM -\"$1\" 2>/dev/null; sleep \"$2\"; kill -KILL -\"$1\" 2>/dev/null"

const notStarted = (program: string, error: unknown) =>
  new UnavailableProblem({
    reason: "engine",
    where: program,
    what: `the trainer can't be started: ${error instanceof Error ? error.message : String(error)}`,
    fix: "Write the command after -- as you would in a shell, with its full path if it is not on PATH."
  })

interface Starting {
  /** Between SIGTERM and SIGKILL. */
  readonly graceMillis: number
  /** Where this process lets the trainer's stdout go. @default "stdout", as without driftgate */
  readonly stdout?: "stdout" | "stderr"
}

/** Starts a command and who stops it should this process be killed. */
const startGroup = Effect.fnUntraced(function*(
  [program, ...args]: readonly [string, ...ReadonlyArray<string>],
  { graceMillis, stdout = "stdout" }: Starting
) {
  const over = yield* Deferred.make<number>()
  const child = yield* Effect.callback<ChildProcess, UnavailableProblem>((resume) => {
    const started = spawn(program, args, {
      stdio: ["inherit", stdout === "stderr" ? 2 : "inherit", "inherit"],
      detached: true
    })
    started.once("error", (error) => resume(Effect.fail(notStarted(program, error))))
    started.once(
      "exit",
      (code, signal) => Deferred.doneUnsafe(over, Effect.succeed(code ?? 128 + (constants.signals[signal!] ?? 1)))
    )
    started.once("spawn", () => resume(Effect.succeed(started)))
  })
  const pid = child.pid!
  const watchdog = spawn("/bin/sh", ["-c", guard, "sh", String(pid), String(Math.ceil(graceMillis / 1000))], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true
  })
  watchdog.on("error", () => {})
  watchdog.stdin?.on("error", () => {})
  watchdog.unref()
  /** Nothing of the group is left, and its number may be another one's by now. */
  let gone = false
  const reach = (signal: NodeJS.Signals | 0) =>
    Effect.sync(() => {
      if (gone) return false
      try {
        return process.kill(-pid, signal)
      } catch (error) {
        gone = error instanceof Error && "code" in error && error.code === "ESRCH"
        return false
      }
    })
  /** Waits until nothing of the group is left, the trainer's own children included. */
  const empty = Effect.gen(function*() {
    while (yield* reach(0)) yield* Effect.sleep(50)
  })
  const stop = Effect.gen(function*() {
    yield* reach("SIGTERM")
    const done = yield* Effect.timeoutOption(empty, graceMillis)
    if (done._tag === "None") yield* reach("SIGKILL")
    yield* Effect.timeoutOption(Effect.andThen(Deferred.await(over), empty), 5_000)
  })
  const dismiss = Effect.sync(() => {
    if (watchdog.pid === undefined || watchdog.exitCode !== null || watchdog.signalCode !== null) return
    try {
      process.kill(-watchdog.pid, "SIGKILL")
    } catch {
      // It is gone already.
    }
  })
  return { pid, ended: Deferred.await(over), stop, empty, dismiss }
})

/** Starts a command with this process's own output; the scope stops it. */
export const startTrainer = Effect.fn("Trainer.start")(function*(
  command: readonly [string, ...ReadonlyArray<string>],
  options: Starting
) {
  const { dismiss, empty, ended, pid, stop } = yield* Effect.acquireRelease(
    startGroup(command, options),
    ({ dismiss, stop }) => Effect.andThen(stop, dismiss)
  )
  yield* Effect.forkScoped(Effect.andThen(Effect.andThen(ended, empty), dismiss))
  return { pid, ended, stop } satisfies Trainer as Trainer
})
