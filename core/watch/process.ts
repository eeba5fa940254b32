import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"

/**
 * When a process started, in clock ticks since boot; undefined for one that is gone.
 *
 * Together with the pid it names a process for good: a reused pid has another start. "" where the system does not say.
 */
export const startOf = (pid: number): Effect.Effect<string | undefined> =>
  Effect.sync(() => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19] ?? ""
    } catch {
      try {
        process.kill(pid, 0)
        return ""
      } catch (error) {
        // A process of another user is there too, though it can't be signalled.
        return error instanceof Error && "code" in error && error.code === "EPERM" ? "" : undefined
      }
    }
  })

/** A process by its pid and its start. */
export interface KnownProcess {
  readonly pid: number
  readonly start: string
}

/** Whether it still runs. */
export const isRunning = ({ pid, start }: KnownProcess): Effect.Effect<boolean> =>
  Effect.map(startOf(pid), (now) => now === start)

/** Sends a signal, unless the pid is another process by now; says whether it was sent. */
export const signalProcess = (known: KnownProcess, signal: NodeJS.Signals): Effect.Effect<boolean> =>
  Effect.flatMap(isRunning(known), (runs) =>
    Effect.sync(() => {
      if (!runs) return false
      try {
        return process.kill(known.pid, signal)
      } catch {
        return false
      }
    }))
