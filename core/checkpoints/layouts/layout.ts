import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type { Refusal } from "../inspection.ts"
import type { LayoutName } from "../layout-name.ts"
import type { FoundModel } from "../model.ts"

/** The model of a step, and what else tells whether the save is still the same. */
interface FoundStep extends FoundModel {
  readonly step: number | undefined
  /** Files beside the model's own whose change means another save. */
  readonly markers: ReadonlyArray<string>
}

/** How one trainer lays its checkpoints out. */
export interface Layout {
  readonly name: LayoutName
  /** Who saves this way, for messages. */
  readonly trainers: string
  /** The step that a folder's name gives; undefined for a name of something else. */
  readonly stepOf: (name: string) => number | undefined
  /** Whether a folder with such a name is of this layout and not of another one with the same names. */
  readonly claims: (folder: string) => Effect.Effect<boolean, never, FileSystem.FileSystem | Path.Path>
  /** For how long the files have to stay as they are before they are taken: longer where nothing marks the end. */
  readonly quietMillis: number
  readonly find: (
    folder: string,
    step: number | undefined
  ) => Effect.Effect<FoundStep, Refusal, FileSystem.FileSystem | Path.Path>
}

/** How long files stay as they are before a marked save is taken: two looks of the watcher. */
export const markedQuietMillis = 500

/** How long files stay as they are before a save is taken whose end nothing marks. */
export const unmarkedQuietMillis = 10_000

/** The whole number that a pattern's first group catches. */
export const numberIn = (pattern: RegExp) => (name: string): number | undefined => {
  const digits = pattern.exec(name)?.[1]
  const step = digits === undefined ? undefined : Number(digits)
  return step === undefined || !Number.isSafeInteger(step) ? undefined : step
}
