import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import type { LaunchLine } from "./launch-line.ts"
import { supervise } from "./supervise.ts"

/** How an engine came to its end. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: string | null
  /** Why it could not be started at all. */
  readonly failed?: string
}

/** A running engine: it ends with this process, however that ends. */
export interface EngineProcess {
  /** Process group that the engine and all that it starts are in. */
  readonly group: number
  readonly ended: Promise<ProcessEnd>
  /** How it ended, or undefined while it runs. */
  readonly end: () => ProcessEnd | undefined
  /** The last lines that it wrote, control characters left out. */
  readonly tail: (lines?: number) => string
  /** SIGTERM to all of it, SIGKILL after the grace; resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
  /** Lets this process end while the engine still runs, which ends the engine. */
  readonly unref: () => void
  readonly ref: () => void
}

interface ProcessOptions {
  /** Milliseconds between SIGTERM and SIGKILL. @default 5000 */
  readonly graceMillis?: number
}

const keptCharacters = 64 * 1024
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g
const controls = /[^\P{C}\n\t]/gu

const statusOf = (text: string): ProcessEnd | undefined => {
  try {
    const { code = null, failed, signal = null } = JSON.parse(text) as Partial<ProcessEnd>
    return { code, signal, ...(failed === undefined ? {} : { failed }) }
  } catch {
    return undefined
  }
}

/** Starts an engine in a process group of its own, behind a process that stops it when this one is gone. */
export const startProcess = (line: LaunchLine, { graceMillis = 5000 }: ProcessOptions = {}): EngineProcess => {
  const mark = randomUUID()
  const child: ChildProcess = spawn(
    process.execPath,
    ["--eval", `(${supervise.toString()})()`, "--", line.command, String(graceMillis), ...line.args],
    {
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      env: { ...process.env, ...line.env, DRIFTGATE_ENGINE: mark }
    }
  )
  const group = child.pid ?? 0
  let written = ""
  const take = (bytes: Buffer): void => {
    written = (written + bytes.toString()).slice(-keptCharacters)
  }
  child.stdout!.on("data", take)
  child.stderr!.on("data", take)
  let told = ""
  const status = child.stdio[3] as NodeJS.ReadableStream
  status.on("data", (bytes: Buffer) => (told += bytes.toString()))
  child.stdin!.on("error", () => {})

  let end: ProcessEnd | undefined
  const ended = new Promise<ProcessEnd>((resolve) => {
    const settle = (found: ProcessEnd): void => {
      end ??= found
      resolve(end)
    }
    child.on("error", (error) => settle({ code: null, signal: null, failed: error.message }))
    child.on("exit", () => {
      // The one between was killed: what it watched goes too.
      if (group > 0) killGroup(group)
    })
    child.on("close", (code, signal) => settle(statusOf(told) ?? { code, signal }))
  })

  const handles = [child, child.stdin, child.stdout, child.stderr, status] as ReadonlyArray<
    { readonly ref?: () => void; readonly unref?: () => void }
  >
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    if (end !== undefined) return
    // An engine that was kept without holding this process is waited for now.
    for (const handle of handles) handle.ref?.()
    child.stdin!.end()
    const late = setTimeout(() => killGroup(group), graceMillis + 2000)
    await ended
    clearTimeout(late)
  }
  return {
    group,
    ended,
    end: () => end,
    tail: (lines = 20) =>
      written.replace(escapes, "").replaceAll("\r", "\n").replace(controls, "").split("\n")
        .filter((text) => text.trim() !== "").slice(-lines).join("\n"),
    stop: () => (stopping ??= stop()),
    unref: () => handles.forEach((handle) => handle.unref?.()),
    ref: () => handles.forEach((handle) => handle.ref?.())
  }
}

const killGroup = (group: number): void => {
  try {
    process.kill(-group, "SIGKILL")
  } catch {
    // Nothing of it is left.
  }
}
