import { type EngineAdapter, engines, memoryPlan, readGpus, type Say } from "driftgate/engine"
import { type Target, TargetError } from "driftgate/plugin"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Settings } from "../settings.ts"
import { writeAdapterFolder } from "./adapter-folder.ts"
import { type Host, type Launch, openHost } from "./host.ts"
import { addHost, findHost, idleHost, type Lease, stopIdle } from "./hosts.ts"
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
  readonly kind: string
  readonly members: ReadonlyArray<Checked>
  readonly loras: number
  readonly rank: number | undefined
}

// A rank a little larger costs nothing, and the next adapter fits.
const rankOf = (rank: number): number => [8, 16, 32, 64, 128, 256, 320, 512].find((size) => size >= rank) ?? rank

const groupsOf = async (all: ReadonlyArray<Checked>): Promise<ReadonlyArray<Group>> => {
  const found = await Promise.all(all.map(async (checked) => {
    const adapter = engines[checked.settings.engine as keyof typeof engines]
    const version = await findEngine(adapter, checked.settings)
    return { adapter, checked, version }
  }))
  const keyed = Map.groupBy(found, ({ adapter, checked, version }) => {
    const { attach, batchInvariant, gpus, sequences, share } = checked.settings.served
    // Where an adapter can't come in later, it makes an engine of its own.
    const alone = adapter.capabilities.lora === "hot" || checked.adapter?.idle !== undefined
      ? undefined
      : checked.adapter?.digest
    return JSON.stringify([
      [adapter.name, version.python, version.device, attach, batchInvariant, gpus, sequences, share],
      [checked.dtype, checked.context, checked.architecture, checked.vocabulary, checked.form, alone],
      checked.weights
    ])
  })
  return [...keyed].map(([key, group]) => {
    const { adapter, checked: first, version } = group[0]!
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
      members,
      rank,
      loras: Math.max(1, new Set(members.flatMap(({ adapter }) => adapter?.digest ?? [])).size),
      kind: JSON.stringify([settings, computing, rank])
    }
  })
}

/** Shares of the GPUs' memory, for engines that run at once on one of them. */
const sharesOf = async (groups: ReadonlyArray<Group>): Promise<ReadonlyArray<number>> => {
  const onGpu = groups.filter(({ first, version }) =>
    version.device === "cuda" && first.settings.served.attach === undefined
  )
  if (onGpu.length === 0) return groups.map(() => 0.9)
  const cards = await readGpus()
  const planned = new Map<Group, number>()
  for (const [gpus, tenants] of Map.groupBy(onGpu, ({ first }) => first.settings.served.gpus ?? "")) {
    const card = cards.find(({ index }) => String(index) === gpus.split(",")[0]) ?? cards[0]
    if (card === undefined) {
      throw new TargetError("engine_dead", "nvidia-smi tells of no GPU\n  Add device=cpu, or mend the driver.")
    }
    const shares = memoryPlan(
      tenants.map(({ first }) => ({
        label: first.folder.path,
        weights: first.weightBytes,
        ...(first.settings.served.share === undefined ? {} : { share: first.settings.served.share })
      })),
      card.memory * 2 ** 20
    )
    tenants.forEach((group, at) => planned.set(group, shares[at]!))
  }
  return groups.map((group) => planned.get(group) ?? 0.9)
}

const launchOf = (group: Group, memoryShare: number, model: string): Launch => {
  const { first, loras, rank, version } = group
  const { batchInvariant, gpus, keepSeconds, sequences } = first.settings.served
  // Names are made of content, but for an engine whose weights are exchanged: a probe tells what it holds.
  const swap = keepSeconds > 0 && group.adapter.capabilities.weightSwap && first.settings.served.attach === undefined
  return {
    python: version.python,
    model,
    name: swap ? "dg-proven" : `dg-${first.weights.slice(0, 12)}`,
    dtype: first.dtype,
    maxLength: first.context,
    device: version.device,
    gpus,
    memoryShare,
    loraRank: rank,
    loras,
    batchInvariant,
    sequences: group.adapter.capabilities.batches ? sequences : 1,
    vocabulary: first.vocabulary,
    swap
  }
}

/** An engine for a group: one that serves it already, one that can be given its weights, or a new one. */
const leaseFor = async (group: Group, share: number, options: OpenOptions): Promise<Lease> => {
  const { adapter, first, kind } = group
  const known = findHost(kind, first.weights)
  if (known !== undefined) return known
  const idle = idleHost(kind)
  if (idle !== undefined) {
    const swapped = await idle.host.swap(first, options.signal, options.say).catch(() => false)
    if (swapped) return idle
    await idle.release(0)
  }
  // What waits for a next checkpoint would be in the way of a new engine.
  if (group.version.device === "cuda") await stopIdle()
  const whole = adapter.capabilities.lora === "whole" && first.adapter !== undefined && first.adapter.idle === undefined
  const made = whole ? mkdtempSync(join(tmpdir(), "driftgate-adapter-")) : undefined
  if (made !== undefined) writeAdapterFolder(made, first.folder.path, first.adapter!.path)
  const removed = () => made === undefined ? undefined : rmSync(made, { recursive: true, force: true })
  try {
    const host = await openHost(first, adapter, {
      kind,
      launch: launchOf(group, share, made ?? first.folder.path),
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
  const groups = await groupsOf(all)
  const shares = await sharesOf(groups)
  const targets = new Map<Checked, Target>()
  const held: Array<Lease> = []
  try {
    // One after the other: an engine measures the memory that is free while it starts.
    for (const [at, group] of groups.entries()) {
      const lease = await leaseFor(group, shares[at]!, options)
      held.push(lease)
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
              if (lora !== undefined) await lease.host.dropLora(lora)
              if (--users === 0) await lease.release(checked.settings.served.keepSeconds)
            }
          })
        )
      }
    }
  } catch (error) {
    await Promise.all(held.map(({ release }) => release(0)))
    throw error
  }
  return all.map((checked) => targets.get(checked)!)
}
