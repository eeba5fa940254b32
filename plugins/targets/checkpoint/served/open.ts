import { type EngineAdapter, engines, type Say } from "driftgate/engine"
import type { Target } from "driftgate/plugin"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Settings } from "../settings.ts"
import { writeAdapterFolder } from "./adapter-folder.ts"
import { type Host, type Launch, openHost } from "./host.ts"
import { addHost, findHost, idleHost, type Lease, stopIdle } from "./hosts.ts"
import { cardOf, freeShareOf, sharesOf } from "./memory.ts"
import { type Checked, checkFiles } from "./preflight.ts"
import { servedTarget } from "./target.ts"
import { type EngineVersion, findEngine } from "./version.ts"

export interface OpenOptions {
  readonly signal: AbortSignal
  readonly say: Say
  readonly pollMillis?: number
}

/** What one engine is to serve: a base, and the specs that are answered by it or by an adapter on it. */
interface Group {
  readonly adapter: EngineAdapter
  readonly first: Checked
  readonly version: EngineVersion
  /** The card that it is to be started on. */
  readonly card: number | undefined
  readonly kind: string
  readonly members: ReadonlyArray<Checked>
  readonly loras: number
  readonly rank: number | undefined
}

// A rank a little larger costs nothing, and the next adapter fits.
const rankOf = (rank: number): number => [8, 16, 32, 64, 128, 256, 320, 512].find((size) => size >= rank) ?? rank

const groupsOf = async (
  all: ReadonlyArray<Checked>,
  signal: AbortSignal
): Promise<ReadonlyArray<Group>> => {
  const found = await Promise.all(all.map(async (checked) => {
    const adapter = engines[checked.settings.engine as keyof typeof engines]
    const version = await findEngine(adapter, checked, signal)
    const ours = version.device === "cuda" && version.attached === undefined
    return { adapter, checked, version, card: ours ? (await cardOf(checked)).index : undefined }
  }))
  const keyed = Map.groupBy(found, ({ adapter, card, checked, version }) => {
    const { attach, batchInvariant, sequences, share } = checked.settings.served
    // Where an adapter can't come in later, it makes an engine of its own.
    const alone = adapter.capabilities.lora === "hot" || checked.adapter?.idle !== undefined
      ? undefined
      : checked.adapter?.digest
    return JSON.stringify([
      [adapter.name, version.python, version.device, card, attach, batchInvariant, sequences, share],
      [checked.dtype, checked.context, checked.architecture, checked.vocabulary, checked.form, alone],
      checked.weights
    ])
  })
  return [...keyed].map(([key, group]) => {
    const { adapter, card, checked: first, version } = group[0]!
    const members = group.map(({ checked }) => checked)
    const ranks = adapter.capabilities.lora === "hot"
      ? members.flatMap(({ adapter }) => (adapter === undefined || adapter.idle !== undefined ? [] : [adapter.rank]))
      : []
    const rank = ranks.length === 0 ? undefined : rankOf(Math.max(...ranks))
    const [settings, computing] = JSON.parse(key) as ReadonlyArray<unknown>
    return {
      adapter,
      first,
      version,
      card,
      members,
      rank,
      loras: Math.max(1, new Set(members.flatMap(({ adapter }) => adapter?.digest ?? [])).size),
      kind: JSON.stringify([settings, computing, rank])
    }
  })
}

const launchOf = (group: Group, memoryShare: number, freeShare: number, model: string): Launch => {
  const { card, first, loras, rank, version } = group
  const { batchInvariant, keepSeconds, sequences } = first.settings.served
  // Names are made of content, but for an engine whose weights are exchanged: a probe tells what it holds.
  const swap = keepSeconds > 0 && group.adapter.capabilities.weightSwap
  return {
    python: version.python,
    model,
    name: swap ? "dg-proven" : `dg-${first.weights.slice(0, 12)}`,
    dtype: first.dtype,
    maxLength: first.context,
    device: version.device,
    gpus: card === undefined ? undefined : String(card),
    memoryShare,
    freeShare,
    loraRank: rank,
    loras,
    batchInvariant,
    sequences: group.adapter.capabilities.batches ? sequences : 1,
    vocabulary: first.vocabulary,
    swap
  }
}

/** An engine that waits and can be given a group's weights. */
const exchangedFor = async (
  { adapter, first, kind }: Group,
  { say, signal }: OpenOptions
): Promise<Lease | undefined> => {
  const idle = idleHost(kind)
  if (idle === undefined) return undefined
  try {
    if (await idle.host.swap(first, signal, say)) return idle
  } catch (error) {
    if (signal.aborted) {
      await idle.release(0)
      throw error
    }
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n")
    say(`${adapter.title} could not be given ${first.folder.path}: ${why}; starting it anew`)
  }
  await idle.release(0)
  return undefined
}

/** A new engine for a group. */
const startFor = async (group: Group, share: number, options: OpenOptions): Promise<Lease> => {
  const { adapter, first, kind } = group
  const whole = adapter.capabilities.lora === "whole" && first.adapter !== undefined && first.adapter.idle === undefined
  const made = whole ? mkdtempSync(join(tmpdir(), "driftgate-adapter-")) : undefined
  if (made !== undefined) writeAdapterFolder(made, first.folder.path, first.adapter!.path)
  const removed = () => made === undefined ? undefined : rmSync(made, { recursive: true, force: true })
  try {
    const host = await openHost(first, adapter, {
      kind,
      launch: launchOf(group, share, await freeShareOf(group.card), made ?? first.folder.path),
      ...options
    })
    const close = async () => {
      await host.close()
      removed()
    }
    return addHost({ ...host, close } satisfies Host)
  } catch (error) {
    removed()
    throw error
  }
}

/** Opens all checkpoints that run in engines of their own: files first, then one engine after the other. */
export const openServed = async (
  settings: ReadonlyArray<Settings>,
  options: OpenOptions
): Promise<ReadonlyArray<Target>> => {
  const all: Array<Checked> = []
  for (const each of settings) all.push(await checkFiles(each))
  const groups = await groupsOf(all, options.signal)
  const targets = new Map<Checked, Target>()
  const leases = new Map<Group, Lease>()
  try {
    // Those that serve a group as they are come first, so that no other group changes them.
    for (const find of [({ first, kind }: Group) => findHost(kind, first.weights), exchangedFor]) {
      for (const group of groups.filter((one) => !leases.has(one))) {
        const lease = await find(group, options)
        if (lease !== undefined) leases.set(group, lease)
      }
    }
    const missing = groups.filter((group) => !leases.has(group))
    // What waits for a next checkpoint would be in the way of a new engine.
    if (missing.some(({ card }) => card !== undefined)) await stopIdle()
    const shares = await sharesOf(missing)
    // One after the other: an engine measures the memory that is free while it starts.
    for (const [at, group] of missing.entries()) leases.set(group, await startFor(group, shares[at]!, options))
    for (const [group, lease] of leases) {
      let users = group.members.length
      for (const checked of group.members) {
        const acts = checked.adapter !== undefined && checked.adapter.idle === undefined
        const lora = acts && group.adapter.capabilities.lora === "hot"
          ? await lease.host.addLora(checked.adapter, checked, options.signal)
          : undefined
        targets.set(
          checked,
          servedTarget(checked, group.version, lease.host, lora, {
            loraEnabled: group.rank !== undefined,
            close: async () => {
              if (lora !== undefined) await lease.host.dropLora(lora.name)
              if (--users === 0) await lease.release(checked.settings.served.keepSeconds)
            }
          })
        )
      }
    }
  } catch (error) {
    await Promise.all([...leases.values()].map(({ release }) => release(0)))
    throw error
  }
  return all.map((checked) => targets.get(checked)!)
}
