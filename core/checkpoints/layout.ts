import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { fingerprintOf } from "./fingerprint.ts"
import type { Complete, Inspection } from "./inspection.ts"
import type { LayoutName } from "./layout-name.ts"
import type { Layout } from "./layouts/layout.ts"
import { nemoRl } from "./layouts/nemo-rl.ts"
import { openrlhf } from "./layouts/openrlhf.ts"
import { plain } from "./layouts/plain.ts"
import { primeRl } from "./layouts/prime-rl.ts"
import { transformers } from "./layouts/transformers.ts"
import { verlFsdp } from "./layouts/verl-fsdp.ts"
import { verlMegatron } from "./layouts/verl-megatron.ts"

export type { Complete, Incomplete, Inspection, ModelFile, Refusal, Unreadable, Unsupported } from "./inspection.ts"
export { type LayoutName, layoutNames } from "./layout-name.ts"
export type { Layout } from "./layouts/layout.ts"

/** What each layout knows, in the order in which folders are shown to them. */
export const layouts: Readonly<Record<LayoutName, Layout>> = {
  transformers,
  "verl-megatron": verlMegatron,
  "verl-fsdp": verlFsdp,
  openrlhf,
  "prime-rl": primeRl,
  "nemo-rl": nemoRl,
  plain
}

const marked = Object.values(layouts).filter(({ name }) => name !== "plain")

/** The layout that a folder has by its name and its content; undefined for a folder that is no step of a trainer. */
const layoutOf = Effect.fnUntraced(function*(folder: string) {
  const path = yield* Path.Path
  const name = path.basename(folder)
  for (const layout of marked) {
    if (layout.stepOf(name) !== undefined && (yield* layout.claims(folder))) return layout
  }
  return undefined
})

const look = Effect.fnUntraced(function*(folder: string, layout: Layout) {
  const path = yield* Path.Path
  const { adapter, files, format, markers, step } = yield* layout.find(folder, layout.stepOf(path.basename(folder)))
  return {
    state: "complete",
    layout: layout.name,
    format,
    step,
    folder,
    files,
    adapter,
    fingerprint: yield* fingerprintOf([...files.map((file) => file.path), ...markers])
  } satisfies Complete as Complete
})

/**
 * Looks at one checkpoint: whether everything that an evaluation reads is there, and where.
 *
 * Without a layout the folder's name and content tell it; a folder that no trainer names so is `plain`, which has no
 * marker: whoever names one says that it is finished. Reads headers only and writes nothing. Never fails.
 */
export const inspectCheckpoint = Effect.fn("Checkpoints.inspect")(function*(
  folder: string,
  options: { readonly layout?: LayoutName | undefined } = {}
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const whole = path.resolve(folder)
  const type = yield* fs.stat(whole).pipe(Effect.map(({ type }) => type), Effect.orElseSucceed(() => undefined))
  if (type !== undefined && type !== "Directory") {
    return {
      state: "unsupported",
      reason: `${whole} is no folder`,
      fix: "Name the folder of a checkpoint"
    } satisfies Inspection as Inspection
  }
  const layout = options.layout === undefined ? (yield* layoutOf(whole)) ?? plain : layouts[options.layout]
  return yield* look(whole, layout).pipe(
    Effect.map((found): Inspection => found),
    Effect.catch((refusal) => Effect.succeed<Inspection>(refusal))
  )
})

/** A folder that a trainer made for a step. */
export interface FoundCheckpoint {
  readonly folder: string
  readonly layout: Layout
  readonly step: number
}

/** Folders that hold no checkpoints and may hold very many other files. */
const elsewhere = /^(?:\..*|driftgate|driftgate-out|wandb|mlruns|tensorboard|logs?|_actor|_critic|checkpoint_?logs)$/

/** Output folders of trainers hold checkpoints at most so deep: `run/broadcasts/step_N`, `out/v0-DATE/checkpoint-N`. */
const depth = 2

/**
 * Finds the folders of steps under an output folder, in the order of their steps; whether they are whole is not asked.
 *
 * Symbolic links are not followed. Without a layout each folder's name and content tell it.
 */
export const findCheckpoints = Effect.fn("Checkpoints.find")(function*(
  root: string,
  options: { readonly layout?: LayoutName | undefined } = {}
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const only = options.layout === undefined ? undefined : layouts[options.layout]
  const found: Array<FoundCheckpoint> = []
  const walk: (folder: string, left: number) => Effect.Effect<void, never, FileSystem.FileSystem | Path.Path> = Effect
    .fnUntraced(function*(folder: string, left: number) {
      const entries = yield* fs.readDirectoryEntries(folder).pipe(Effect.orElseSucceed(() => []))
      for (const { name, type } of entries) {
        if (type !== "Directory" || elsewhere.test(name)) continue
        const inside = path.join(folder, name)
        const layout = only ?? (yield* layoutOf(inside))
        const step = layout?.stepOf(name)
        if (layout !== undefined && step !== undefined && (yield* layout.claims(inside))) {
          found.push({ folder: inside, layout, step })
        } else if (left > 0) yield* walk(inside, left - 1)
      }
    })
  yield* walk(path.resolve(root), depth - 1)
  return found.toSorted((a, b) => a.step - b.step || (a.folder < b.folder ? -1 : 1))
})
