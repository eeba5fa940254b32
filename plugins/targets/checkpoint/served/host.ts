import {
  attachEngine,
  canaryGeneration,
  endError,
  type EngineAdapter,
  type LaunchRequest,
  requireServed,
  type RunningEngine,
  type Say,
  startEngine
} from "driftgate/engine"
import { isTargetError, TargetError } from "driftgate/plugin"
import { setTimeout } from "node:timers/promises"
import type { Checked, ServedAdapter } from "./preflight.ts"
import { largestDifference, probeTokens, referenceScores, tolerance } from "./reference.ts"
import { openTurns, type Turns } from "./turn.ts"

/** What an engine is started with, where it runs aside. */
export type Launch = Omit<LaunchRequest, "port" | "key" | "scratch">

/** An engine that answers for a base and its adapters, started again once when it dies. */
export interface Host {
  readonly adapter: EngineAdapter
  readonly turns: Turns
  /** Settings that an engine must share to be used again. */
  readonly kind: string
  /** sha256 of the weights that it serves. */
  readonly weights: () => string
  readonly name: () => string
  /** Folder that it serves. */
  readonly folder: () => string
  readonly url: () => string
  /** How far its scores were from the embedded engine's, in nats; undefined where there is none to compare with. */
  readonly deviation: () => number | undefined
  readonly isOver: () => boolean
  /** Asks it; a question that its death cut short is asked again once it has been started anew. */
  readonly ask: <A>(question: (running: RunningEngine) => Promise<A>) => Promise<A>
  /** Loads an adapter under a name made of its content, proves it, and gives the name. */
  readonly addLora: (lora: ServedAdapter, checked: Checked, signal: AbortSignal) => Promise<string>
  readonly dropLora: (name: string) => Promise<void>
  /** Exchanges the weights; false where they could not be proven to be the new ones: it is of no use then. */
  readonly swap: (checked: Checked, signal: AbortSignal, say: Say) => Promise<boolean>
  /** Whether the process may end while it still runs. */
  readonly hold: (held: boolean) => void
  readonly close: () => Promise<void>
}

export interface HostOptions {
  readonly kind: string
  readonly launch: Launch
  readonly say: Say
  readonly signal: AbortSignal
  readonly pollMillis?: number
}

const nats = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : String(value))

/** Name of an adapter by its content, so that a name never stands for other weights. */
const loraName = ({ digest }: ServedAdapter): string => `dg-${digest.slice(0, 12)}`

const scoresOf = async (
  { adapter, http }: RunningEngine,
  { context, vocabulary }: Checked,
  model: string,
  lora: string | undefined,
  signal: AbortSignal
): Promise<ReadonlyArray<ReadonlyArray<number>>> => {
  const rows: Array<ReadonlyArray<number>> = []
  for (const tokens of probeTokens(vocabulary, context)) {
    rows.push(await adapter.score!(http, { model, lora, tokens, from: 1 }, signal))
  }
  return rows
}

/** Compares what an engine computes with the embedded engine's reading of the same files; undefined: can't be compared. */
const deviationOf = async (
  running: RunningEngine,
  checked: Checked,
  model: string,
  lora: string | undefined,
  signal: AbortSignal
): Promise<number | undefined> => {
  if (running.adapter.score === undefined) return undefined
  const expected = await referenceScores(checked, lora !== undefined)
  if (expected === undefined) return undefined
  return largestDifference(expected, await scoresOf(running, checked, model, lora, signal))
}

const requireNear = (adapter: EngineAdapter, what: string, deviation: number | undefined, limit: number): void => {
  if (deviation === undefined || deviation <= limit) return
  throw new TargetError(
    "engine_dead",
    `${adapter.title} computes other log-probabilities for ${what} than its files say: up to ${nats(deviation)} nats a `
      + `token, and ${limit} are allowed\n`
      + "  It does not run these weights, or not all of them. Compare the versions in `driftgate doctor`, or take engine=embedded."
  )
}

/** Opens a host: starts its engine, or attaches to one, and proves that it runs these weights. */
export const openHost = async (checked: Checked, adapter: EngineAdapter, options: HostOptions): Promise<Host> => {
  const { kind, pollMillis, say, signal } = options
  const { attach, key, startSeconds } = checked.settings.served
  let launch = options.launch
  let serving = checked
  let deviation: number | undefined
  let restarts = 0
  let over: TargetError | undefined
  let closed = false
  const loras = new Map<string, { readonly lora: ServedAdapter; readonly checked: Checked }>()
  const modelName = () => adapter.requestName(launch.name, launch.model)

  const prove = async (running: RunningEngine, signal: AbortSignal): Promise<void> => {
    deviation = await deviationOf(running, serving, modelName(), undefined, signal)
    requireNear(adapter, launch.model, deviation, tolerance[serving.dtype])
  }
  const load = async (running: RunningEngine, lora: ServedAdapter, checked: Checked, signal: AbortSignal) => {
    const name = loraName(lora)
    const isServed = async () => (await adapter.served(running.http, signal))?.some((one) => one.name === name) === true
    if (!(await isServed())) await adapter.loadLora!(running.http, name, lora.path, signal)
    // Not every engine lists its adapters; a listed one must come from this folder.
    if (await isServed()) await requireServed(adapter, running.http, { name, root: lora.path }, signal)
    await canaryGeneration(adapter, running.http, { model: modelName(), lora: name, ...canary() }, signal)
    requireNear(
      adapter,
      lora.path,
      await deviationOf(running, checked, modelName(), name, signal),
      tolerance[checked.dtype]
    )
    return name
  }
  const canary = () => {
    const tokens = probeTokens(serving.vocabulary, serving.context)[0]!.slice(0, 8)
    // An engine that takes text alone is asked with one that its tokenizer reads as we do.
    const plain = serving.tokenizer.encodeWhole("Hello")
    return adapter.capabilities.tokenPrompts
      ? { tokens, text: "", ends: [...serving.ends] }
      : { tokens: plain, text: "Hello", ends: [...serving.ends] }
  }
  const begin = async (signal: AbortSignal): Promise<RunningEngine> => {
    const running = attach === undefined
      ? await startEngine(adapter, launch, canary(), {
        signal,
        say,
        startSeconds,
        ...(pollMillis === undefined ? {} : { pollMillis })
      })
      : await attached(signal)
    try {
      await prove(running, signal)
      for (const { checked, lora } of loras.values()) await load(running, lora, checked, signal)
      return running
    } catch (error) {
      await running.close()
      throw error
    }
  }
  const attached = async (signal: AbortSignal): Promise<RunningEngine> => {
    const running = attachEngine(adapter, attach!, key)
    try {
      const served = await adapter.served(running.http, signal)
      const found = served?.find(({ root }) => root === launch.model)
      if (served !== undefined && found === undefined) {
        const told = served.map(({ name, root }) => `${name}${root === undefined ? "" : ` from ${root}`}`).join(", ")
        throw new TargetError(
          "not_found",
          `${adapter.title} at ${attach} does not serve ${launch.model}; it serves ${told.slice(0, 500) || "nothing"}\n`
            + "  Start it on this folder, or leave attach= out."
        )
      }
      if (found !== undefined) launch = { ...launch, name: found.name }
      await requireServed(adapter, running.http, {
        name: launch.name,
        root: launch.model,
        maxLength: launch.maxLength
      }, signal)
      await canaryGeneration(adapter, running.http, { model: modelName(), ...canary() }, signal)
      return running
    } catch (error) {
      await running.close()
      throw error
    }
  }

  let live = begin(signal)
  await live

  /** Whether its process is gone, or goes within moments. */
  const isDead = async ({ process }: RunningEngine, error: unknown): Promise<boolean> => {
    if (process === undefined || !isTargetError(error)) return false
    if (!["transport", "engine_dead", "out_of_memory", "overload", "protocol"].includes(error.reason)) return false
    if (process.end() === undefined) await Promise.race([process.ended, setTimeout(2000, undefined, { ref: false })])
    return process.end() !== undefined
  }
  const revived = async (dead: RunningEngine): Promise<RunningEngine> => {
    const why = endError(adapter.title, dead.process!, dead.command ?? "")
    await dead.close()
    if (closed || restarts >= 1) throw why
    restarts++
    if (why.reason === "out_of_memory") {
      launch = {
        ...launch,
        sequences: Math.max(1, Math.floor(launch.sequences / 2)),
        memoryShare: Math.max(0.1, launch.memoryShare - 0.1)
      }
    }
    say(`${why.message.split("\n")[0]}; starting it once more`)
    // The signal was that of the opening, which may be over; closing stops a start that is under way.
    return begin(reviving.signal)
  }
  /** Replaces a dead engine for all who wait for it. */
  const revive = (dead: RunningEngine): void => {
    live = revived(dead)
    live.catch((error: unknown) => {
      over = isTargetError(error)
        ? new TargetError(error.reason, error.message, { retryable: false })
        : new TargetError("engine_dead", String(error))
    })
  }
  const reviving = new AbortController()
  const turns = openTurns(
    // With adapters the builds for processors fail when scores are computed together.
    launch.device === "cpu" && launch.loraRank !== undefined ? 0 : 8192
  )
  return {
    adapter,
    turns,
    kind,
    weights: () => serving.weights,
    name: () => launch.name,
    folder: () => launch.model,
    url: () => attach ?? `engine ${launch.name} of ${launch.model}`,
    deviation: () => deviation,
    isOver: () => over !== undefined || closed,
    ask: async (question) => {
      for (;;) {
        if (over !== undefined) throw over
        const asked = live
        const running = await asked
        try {
          return await question(running)
        } catch (error) {
          if (!(await isDead(running, error))) throw error
          if (live === asked) revive(running)
        }
      }
    },
    addLora: async (lora, checked, signal) => {
      const name = await load(await live, lora, checked, signal)
      loras.set(name, { lora, checked })
      return name
    },
    dropLora: async (name) => {
      loras.delete(name)
      const { http, process } = await live
      if (attach !== undefined || process?.end() !== undefined) return
      await adapter.unloadLora?.(http, name, AbortSignal.timeout(10_000)).catch(() => {})
    },
    swap: async (next, signal, say) => {
      const { http } = await live
      const expected = await referenceScores(next, false)
      if (adapter.swapWeights === undefined || deviation === undefined || expected === undefined) return false
      await adapter.swapWeights(http, next.folder.path, next.weights, signal)
      const found = largestDifference(expected, await scoresOf(await live, next, modelName(), undefined, signal))
      // The arithmetic is what it was, so it must be as near to the new files as it was to the old ones.
      const limit = Math.max(3 * deviation, 0.001)
      if (!(found <= limit)) {
        say(
          `${adapter.title} said that it loaded ${next.folder.path}, and its scores are up to ${
            nats(found)
          } nats a token `
            + `off (${nats(limit)} allowed): part of the old weights is still there; starting it anew`
        )
        return false
      }
      say(`${adapter.title} loaded ${next.folder.path}: scores within ${nats(found)} nats of its files`)
      serving = next
      launch = { ...launch, model: next.folder.path }
      deviation = found
      return true
    },
    hold: (held) => {
      void live.then(({ process }) => (held ? process?.ref() : process?.unref()), () => {})
    },
    close: async () => {
      if (closed) return
      closed = true
      reviving.abort(new TargetError("engine_dead", `${adapter.title} was closed`))
      await live.then((running) => running.close(), () => {})
    }
  }
}
