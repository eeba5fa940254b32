import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { fingerprintOf } from "../checkpoints/fingerprint.ts"
import { findCheckpoints, type LayoutName } from "../checkpoints/layout.ts"
import { weightsDigest } from "../checkpoints/pin.ts"
import { isAccepted, type JudgedStep, type Word } from "./outcome.ts"
import { recordsFolder } from "./verdict-file.ts"

const weights = /^(?:model|adapter_model|pytorch_model|consolidated).*\.(?:safetensors|bin|pth?)$/

/** Models in an output folder, or directly below it, that are no step: such as the one that `save_model()` writes at the end. */
export const modelsOutside = Effect.fn("Watch.outside")(function*(root: string, layout: LayoutName | undefined) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const steps = new Set((yield* findCheckpoints(root, { layout })).map(({ folder }) => folder))
  const entries = yield* fs.readDirectoryEntries(root).pipe(Effect.orElseSucceed(() => []))
  const folders = [
    root,
    ...entries.filter(({ name, type }) => type === "Directory" && name !== recordsFolder && !name.startsWith("."))
      .map(({ name }) => path.join(root, name))
  ]
  const models = new Map<string, string>()
  for (const folder of folders.filter((folder) => !steps.has(folder))) {
    const names = yield* fs.readDirectory(folder).pipe(Effect.orElseSucceed((): ReadonlyArray<string> => []))
    const files = names.filter((name) => weights.test(name)).toSorted().map((name) => path.join(folder, name))
    if (files.length === 0) continue
    models.set(folder, yield* fingerprintOf(files).pipe(Effect.orElseSucceed(() => "unreadable")))
  }
  return models
})

/** Of the models that came or changed since `before`, those whose weights are none of an accepted step. Reads all weights. */
export const ungatedModels = Effect.fn("Watch.ungated")(function*(
  { accept, before, layout, root, steps }: {
    readonly root: string
    readonly layout: LayoutName | undefined
    readonly before: ReadonlyMap<string, string>
    readonly steps: ReadonlyArray<JudgedStep>
    readonly accept: ReadonlySet<Word>
  }
) {
  const digests = new Set(
    steps.filter(({ outcome }) => isAccepted(outcome, accept, true)).flatMap(({ outcome: { digest } }) => digest ?? [])
  )
  const found: Array<string> = []
  for (const [folder, fingerprint] of yield* modelsOutside(root, layout)) {
    if (before.get(folder) === fingerprint && fingerprint !== "unreadable") continue
    const digest = yield* weightsDigest(folder).pipe(Effect.orElseSucceed(() => undefined))
    if (digest === undefined || !digests.has(digest)) found.push(folder)
  }
  return found
})
