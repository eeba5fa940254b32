import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { isTargetError, TargetError } from "../../plugin/contract.ts"
import { statusOf } from "../failure.ts"
import { openHttp } from "../http.ts"
import { openTransport } from "../transport.ts"
import type { EngineAdapter, EngineHttp, LaunchRequest } from "./adapter.ts"
import { checkedAnswer } from "./checked.ts"
import { printed } from "./launch-line.ts"
import { type EngineProcess, type ProcessEnd, startProcess } from "./process.ts"

/** Where progress is told, one line at a time. @default stderr */
export type Say = (line: string) => void

const sayOnStderr: Say = (line) => void process.stderr.write(`driftgate: ${line}\n`)

/** An engine that answers. */
export interface RunningEngine {
  readonly adapter: EngineAdapter
  /** Origin of its address. */
  readonly url: string
  readonly http: EngineHttp
  /** Undefined where it was attached to. */
  readonly process: EngineProcess | undefined
  /** The command that started it. */
  readonly command: string | undefined
  readonly close: () => Promise<void>
}

export interface StartOptions {
  readonly signal: AbortSignal
  /** Seconds until it must answer. @default 900 */
  readonly startSeconds?: number
  readonly say?: Say
  /** Milliseconds between two looks at whether it answers. @default 500 */
  readonly pollMillis?: number
  /** @default a port that is free */
  readonly port?: () => Promise<number>
}

/** A port of loopback that nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** Requests to an engine under one address, with its key. */
const engineHttp = (
  url: string,
  key: string | undefined
): EngineHttp & { readonly close: () => Promise<void> } => {
  const transport = openTransport()
  const http = openHttp({
    transport,
    bases: [url],
    ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })
  })
  return {
    get: (path, signal) => http.get(url, path, signal),
    post: (path, body, signal) => http.post(path, JSON.stringify(body), signal),
    close: transport.close
  }
}

const portTaken = /address already in use|EADDRINUSE|Errno 98\b|port .{0,40}in use/i
const outOfMemory =
  /out of memory|OutOfMemoryError|Cannot allocate memory|\bMemoryError\b|bad_alloc|free memory on device/i

/** Why an engine is gone, from how it ended and what it wrote last. */
const causeOfEnd = (end: ProcessEnd, tail: string): "out_of_memory" | "port" | "engine_dead" =>
  outOfMemory.test(tail) ? "out_of_memory" : portTaken.test(tail) && end.signal === null ? "port" : "engine_dead"

const endedHow = ({ code, failed, signal }: ProcessEnd): string =>
  failed ?? (signal === "SIGKILL"
    ? "it was killed (SIGKILL), as the kernel does when memory runs out"
    : signal === null
    ? `it ended with exit code ${code}`
    : `it ended by ${signal}`)

const complaint = /(?:^|[\s.])(\w*(?:Error|Exception): .*)$/

/** Errors that it told of before its last lines, each once: the cause often stands far above the last stack. */
const complaintsIn = (process: EngineProcess, last: string): ReadonlyArray<string> => {
  const found = process.tail(2000).split("\n").flatMap((line) => complaint.exec(line)?.[1] ?? [])
  return [...new Set(found)].filter((line) => !last.includes(line)).slice(0, 3)
}

/** The error of an engine that is gone: how it ended, what it said last, and the command to try by hand. */
export const endError = (title: string, process: EngineProcess, command: string): TargetError => {
  const end = process.end() ?? { code: null, signal: null }
  const last = process.tail()
  const tail = [...complaintsIn(process, last), last].filter((text) => text !== "").join("\n")
  const cause = causeOfEnd(end, tail)
  const advice = cause === "out_of_memory"
    ? "It ran out of memory: lower context= or sequences=, or give it a GPU of its own with gpu=."
    : cause === "port"
    ? "Its port was taken by another program: run the same command again."
    : "Run the command by hand to see all that it says."
  return new TargetError(
    cause === "out_of_memory" ? "out_of_memory" : "engine_dead",
    `${title}: ${endedHow(end)}\n${indented(tail === "" ? "(it wrote nothing)" : tail)}\n  ${advice}\n  ${command}`
  )
}

const indented = (text: string): string => text.split("\n").map((line) => `    | ${line.slice(0, 300)}`).join("\n")

const tried = async <A>(attempt: () => Promise<A>): Promise<A | undefined> => {
  try {
    return await attempt()
  } catch (error) {
    if (isTargetError(error) && ["transport", "deadline", "overload"].includes(error.reason)) return undefined
    throw error
  }
}

/** Requires that the engine serves the folder under the name, and nothing else under it. */
export const requireServed = async (
  adapter: EngineAdapter,
  http: EngineHttp,
  wanted: { readonly name: string; readonly root: string; readonly maxLength?: number },
  signal: AbortSignal
): Promise<void> => {
  const served = await adapter.served(http, signal)
  if (served === undefined) return
  const found = served.find(({ name }) => name === wanted.name)
  const told = served.map(({ name, root }) => `${name}${root === undefined ? "" : ` from ${root}`}`).join(", ")
  if (found === undefined || (found.root !== undefined && found.root !== wanted.root)) {
    throw new TargetError(
      "engine_dead",
      `${adapter.title} does not serve ${wanted.root} as ${wanted.name}; it serves ${told.slice(0, 500) || "nothing"}\n`
        + "  Another program may answer at its address: run the same command again."
    )
  }
  if (wanted.maxLength !== undefined && found.maxLength !== undefined && found.maxLength < wanted.maxLength) {
    throw new TargetError(
      "unsupported_parameter",
      `${adapter.title} was asked for a context of ${wanted.maxLength} tokens and took ${found.maxLength}\n`
        + `  Open the target with context=${found.maxLength}.`
    )
  }
}

/** One token from the model: the proof that it is loaded, and that answers hold what they should. */
export const canaryGeneration = async (
  adapter: EngineAdapter,
  http: EngineHttp,
  asked: {
    readonly model: string
    readonly lora?: string
    readonly tokens: ReadonlyArray<number>
    readonly text: string
    readonly ends: ReadonlyArray<number>
  },
  signal: AbortSignal
): Promise<void> => {
  const decoding = { temperature: 0, topP: 1, topK: 0, maxTokens: 1 }
  const request = { lora: undefined, ...asked, decoding, seed: 0, topLogprobs: undefined }
  checkedAnswer(adapter, { ...request, name: asked.lora ?? asked.model }, await adapter.generate(http, request, signal))
}

/** What is asked of an engine that has just started. */
export type Canary = {
  readonly tokens: ReadonlyArray<number>
  readonly text: string
  readonly ends: ReadonlyArray<number>
}

type Outcome = { readonly kind: "ready" } | { readonly kind: "ended" }

const waitUntilReady = async (
  running: { readonly adapter: EngineAdapter; readonly http: EngineHttp; readonly process: EngineProcess },
  request: LaunchRequest,
  canary: Canary,
  options: Required<Pick<StartOptions, "say" | "pollMillis" | "startSeconds">> & { readonly signal: AbortSignal },
  command: string
): Promise<Outcome> => {
  const { adapter, http, process } = running
  const { pollMillis, say, signal, startSeconds } = options
  const began = performance.now()
  const late = () => performance.now() - began > startSeconds * 1000
  let toldAt = began
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startSeconds * 1000)])
  let healthy = false
  while (process.end() === undefined) {
    if (signal.aborted) throw signal.reason
    if (late()) {
      throw new TargetError(
        "engine_dead",
        `${adapter.title} was not ready after ${startSeconds} s\n${indented(process.tail())}\n`
          + `  Give it longer with start_timeout=, or run the command by hand:\n  ${command}`
      )
    }
    if (performance.now() - toldAt > 10_000) {
      toldAt = performance.now()
      say(
        `${adapter.title}: ${Math.round((toldAt - began) / 1000)} s, ${
          process.tail(1).slice(0, 160) || "silent so far"
        }`
      )
    }
    if (!healthy) {
      const reply = await tried(() => http.get(adapter.health, AbortSignal.any([signal, AbortSignal.timeout(5000)])))
      healthy = reply !== undefined && reply.status < 300
    } else {
      const answered = await tried(async () => {
        await requireServed(
          adapter,
          http,
          { name: request.name, root: request.model, maxLength: request.maxLength },
          deadline
        )
        await canaryGeneration(
          adapter,
          http,
          { model: adapter.requestName(request.name, request.model), ...canary },
          deadline
        )
        return true
      })
      if (answered === true) return { kind: "ready" }
    }
    await Promise.race([setTimeout(pollMillis, undefined, { signal }).catch(() => {}), process.ended])
  }
  return { kind: "ended" }
}

/**
 * Starts an engine on loopback under a port and key of its own, and waits until it has answered under its name.
 *
 * Throws a `TargetError` with the last lines that it wrote and the command that a person can run again: `engine_dead`,
 * `out_of_memory`. A port that another program took meanwhile is tried again twice.
 */
export const startEngine = async (
  adapter: EngineAdapter,
  wanted: Omit<LaunchRequest, "port" | "key" | "scratch">,
  canary: Canary,
  options: StartOptions
): Promise<RunningEngine> => {
  const { pollMillis = 500, port: portOf = freePort, say = sayOnStderr, signal, startSeconds = 900 } = options
  for (let attempt = 1;; attempt++) {
    const scratch = mkdtempSync(join(tmpdir(), "driftgate-engine-"))
    let process: EngineProcess | undefined
    let http: ReturnType<typeof engineHttp> | undefined
    let command = ""
    const close = async (): Promise<void> => {
      await process?.stop()
      await http?.close()
      rmSync(scratch, { recursive: true, force: true })
    }
    try {
      const key = randomBytes(24).toString("hex")
      const request: LaunchRequest = { ...wanted, port: await portOf(), key, scratch }
      const line = adapter.launch(request)
      command = printed(line)
      const url = `http://127.0.0.1:${request.port}`
      say(`starting ${adapter.title} at ${url}: ${command}`)
      const began = performance.now()
      process = startProcess(line)
      http = engineHttp(url, adapter.capabilities.key ? key : undefined)
      const running = { adapter, url, http, process, command, close }
      const outcome = await waitUntilReady(running, request, canary, { say, pollMillis, startSeconds, signal }, command)
      if (outcome.kind === "ready") {
        say(`${adapter.title} is ready after ${((performance.now() - began) / 1000).toFixed(0)} s`)
        return running
      }
      const taken = causeOfEnd(process.end()!, process.tail()) === "port"
      if (!taken || attempt === 3) throw endError(adapter.title, process, command)
      say(`${adapter.title}: port ${request.port} was taken, trying another one`)
      await close()
    } catch (error) {
      // Its server may answer for a while after its engine has died over the very question that failed.
      const ending = isTargetError(error) && error.reason === "engine_dead" && (statusOf(error) ?? 0) >= 500
      if (ending && process !== undefined) {
        await Promise.race([process.ended, setTimeout(10_000, undefined, { ref: false })])
      }
      const died = process?.end() !== undefined
      await close()
      throw process !== undefined && died && isTargetError(error) && (ending || error.reason === "transport")
        ? endError(adapter.title, process, command)
        : error
    }
  }
}

/** Speaks to an engine that somebody else started and that stays when we go. */
export const attachEngine = (adapter: EngineAdapter, url: string, key: string | undefined): RunningEngine => {
  const http = engineHttp(url.replace(/\/+$/, "").replace(/\/v1$/, ""), key)
  return { adapter, url, http, process: undefined, command: undefined, close: http.close }
}
