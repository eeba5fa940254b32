import { InputError } from "driftgate/plugin"
import { join } from "node:path"
import { type Adapter, readAdapter, whyIdle } from "../adapter.ts"
import type { CheckpointFolder } from "../folder.ts"
import { sizeOf } from "../safetensors.ts"
import { type Architecture, readArchitecture, tensorShapes } from "./architecture.ts"
import { openMemory, plainMemory } from "./memory.ts"
import { activationLengths, type Model, openModel, productInputs } from "./model.ts"
import { checkTensors, loadWeights, type Rounding, weightLengths } from "./weights.ts"

/** Version of the arithmetic: answers of different versions may differ. */
export const engineVersion = "1"

const defaultContext = 2048
// A pass holds up the event loop: so many multiplications are some 20 ms.
const passWork = 64e6

export interface EngineOptions {
  readonly adapter: string | undefined
  readonly dtype: Rounding
  readonly context: number | undefined
  /** @default what this machine can do */
  readonly kernel?: "plain"
}

/** A model in this process. */
export interface LoadedModel {
  readonly model: Model
  /** Tokens of prompt and answer together. */
  readonly context: number
  /** sha256 over the weights that are computed with. */
  readonly weights: string
  /** Digest of the adapter, and why it changes no weight if it changes none. */
  readonly adapter: { readonly digest: string; readonly idle: string | undefined } | undefined
  /** What of config.json changes an answer. */
  readonly shape: Architecture
}

const contextOf = (asked: number | undefined, { positions }: Architecture, path: string): number => {
  if (asked === undefined) return Math.min(positions, defaultContext)
  if (asked <= positions) return asked
  throw new InputError(`${path}: context=${asked}, and the model was trained on ${positions} tokens`, {
    fix: "Past that it answers at random: ask for less"
  })
}

/** Rows of a pass that keep it short, in blocks of four. */
const rowsOf = (architecture: Architecture): number => {
  const parameters = [...tensorShapes(architecture).values()].reduce((sum, shape) => sum + sizeOf(shape), 0)
  return Math.min(64, Math.max(4, Math.floor(passWork / parameters / 4) * 4))
}

/** Loads a checkpoint with its adapter merged; everything that can be wrong with the files is said before. */
export const loadModel = async (folder: CheckpointFolder, options: EngineOptions): Promise<LoadedModel> => {
  const shape = readArchitecture(folder.config, join(folder.path, "config.json"))
  const context = contextOf(options.context, shape, folder.path)
  checkTensors(folder, shape)
  const shapes = new Map(tensorShapes(shape))
  if (shape.tied) shapes.set("lm_head.weight", [shape.vocabulary, shape.hidden])
  const adapter: Adapter | undefined = options.adapter === undefined
    ? undefined
    : await readAdapter(options.adapter, shapes)
  const rows = rowsOf(shape)
  const lengths = [...weightLengths(shape, adapter), ...activationLengths(shape, rows)]
  const memory = options.kernel === "plain" ? plainMemory() : openMemory(lengths, productInputs(shape))
  const weights = await loadWeights(folder, shape, memory, { adapter, rounding: options.dtype })
  return {
    model: openModel(shape, weights, memory, { positions: context, rows }),
    context,
    weights: weights.digest,
    adapter: adapter === undefined
      ? undefined
      : { digest: adapter.digest, idle: weights.adapted ? undefined : whyIdle(adapter) },
    shape
  }
}
