import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type AdapterFacts, type ModelFile, type Refusal, unfinished, unsupported } from "./inspection.ts"
import { type JsonObject, jsonOf, namesIn, objectOf } from "./reading.ts"
import { checkLength } from "./safetensors.ts"

/** A model or an adapter as `save_pretrained` writes it. */
export interface FoundModel {
  readonly format: "model" | "adapter"
  readonly files: ReadonlyArray<ModelFile>
  readonly adapter: AdapterFacts | undefined
}

const single = "model.safetensors"
const index = "model.safetensors.index.json"
const adapterConfig = "adapter_config.json"
const adapterWeights = "adapter_model.safetensors"

/** State of the trainer and of its optimizer: large, of no use to an evaluation, and partly pickled. */
const ofTheTrainer = /^(?:optimizer|scheduler|scaler|rng_state|training_args|trainer_state|entropy_ctrl_state|README)/

const isText = (name: string): boolean =>
  /\.(?:json|jinja|txt|model|tiktoken)$/.test(name) && !ofTheTrainer.test(name) && !name.endsWith(".index.json")

const finite = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

const factsOf = (config: JsonObject): AdapterFacts => ({
  base: typeof config["base_model_name_or_path"] === "string" ? config["base_model_name_or_path"] : undefined,
  alpha: finite(config["lora_alpha"]),
  rank: finite(config["r"])
})

/** Why a folder that should hold weights holds none that can be read. */
const withoutWeights = (folder: string, names: ReadonlySet<string>): Refusal => {
  const has = (pattern: RegExp) => [...names].find((name) => pattern.test(name))
  const fsdp = has(/^pytorch_model_fsdp_\d+$/)
  if (fsdp !== undefined) {
    return unsupported(
      `${folder} holds shards of FSDP (${fsdp}) and no whole weights`,
      `Train with fsdp_state_dict_type FULL_STATE_DICT, or merge them: accelerate merge-weights ${folder}/${fsdp} MERGED`
    )
  }
  if (names.has("zero_to_fp32.py")) {
    return unsupported(
      `${folder} holds shards of DeepSpeed ZeRO and no whole weights`,
      "Train with stage3_gather_16bit_weights_on_model_save, or merge them: "
        + `python ${folder}/zero_to_fp32.py ${folder} MERGED --safe_serialization`
    )
  }
  const pickled = has(/^(?:pytorch_model|adapter_model|consolidated).*\.(?:bin|pt|pth)$/)
  return pickled === undefined
    ? unfinished(`${folder} holds no weights yet`)
    : unsupported(
      `${folder} holds pickled weights (${pickled}), which can run code when they are read`,
      "Save as safetensors: save_safetensors=True, or save_pretrained(..., safe_serialization=True)"
    )
}

const shardsOf = Effect.fnUntraced(function*(file: string) {
  const map = objectOf((yield* jsonOf(file))["weight_map"])
  const names = [...new Set(Object.values(map ?? {}))]
  if (names.length === 0) return yield* Effect.fail<Refusal>(unfinished(`${file} names no file of weights`))
  const wrong = names.find((name) => typeof name !== "string" || !/^[^/\\]+\.safetensors$/.test(name))
  if (wrong !== undefined) {
    return yield* Effect.fail<Refusal>(
      unsupported(
        `${file} places weights in ${JSON.stringify(wrong)}`,
        "Shards lie beside their index: save the model again"
      )
    )
  }
  return (names as ReadonlyArray<string>).toSorted()
})

/**
 * Finds the model or adapter in a folder and checks its weights' lengths.
 *
 * `beside` are further folders whose tokenizer and template belong to it; a name in the first folder wins.
 */
export const findModel = Effect.fn("Checkpoints.findModel")(
  function*(folder: string, beside: ReadonlyArray<string> = []) {
    const path = yield* Path.Path
    const names = yield* namesIn(folder)
    if (names === undefined) return yield* Effect.fail<Refusal>(unfinished(`${folder} is not there`))
    const isAdapter = names.has(adapterConfig)
    const whole = names.has(single) || names.has(index)
    if (isAdapter && whole) {
      return yield* Effect.fail<Refusal>(
        unsupported(`${folder} holds both whole weights and an adapter`, "Save one of them in a folder of its own")
      )
    }
    if (names.has(single) && names.has(index)) {
      return yield* Effect.fail<Refusal>(
        unsupported(
          `${folder} holds both ${single} and ${index}`,
          "Remove the one that is left over from an earlier save"
        )
      )
    }
    const weights = isAdapter
      ? names.has(adapterWeights) ? [adapterWeights] : []
      : names.has(index)
      ? yield* shardsOf(path.join(folder, index))
      : names.has(single)
      ? [single]
      : []
    if (weights.length === 0) return yield* Effect.fail(withoutWeights(folder, names))
    const facts = isAdapter ? factsOf(yield* jsonOf(path.join(folder, adapterConfig))) : undefined
    if (!isAdapter) yield* jsonOf(path.join(folder, "config.json"))
    for (const name of weights) yield* checkLength(path.join(folder, name))
    const files = new Map<string, ModelFile>()
    const add = (from: string, name: string, kind: ModelFile["kind"]) => {
      if (!files.has(name)) files.set(name, { name, path: path.join(from, name), kind })
    }
    for (const name of weights) add(folder, name, "weights")
    if (names.has(index)) add(folder, index, "text")
    for (const from of [folder, ...beside]) {
      for (const name of [...(yield* namesIn(from)) ?? []].filter(isText).toSorted()) add(from, name, "text")
    }
    return {
      format: isAdapter ? "adapter" : "model",
      files: [...files.values()],
      adapter: facts
    } satisfies FoundModel as FoundModel
  }
)

/** Checks that all JSON of a model parses: what is left to check where nothing marks the end of a save. */
export const checkTexts = Effect.fnUntraced(function*({ files }: FoundModel) {
  yield* Effect.forEach(files.filter(({ name }) => name.endsWith(".json")), (file) => jsonOf(file.path))
})

/** Whether a tokenizer's vocabulary is among a model's files. */
export const hasVocabulary = ({ files }: FoundModel): boolean =>
  files.some(({ name }) => ["tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"].includes(name))
