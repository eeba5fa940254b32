import { InputError } from "driftgate/plugin"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type JsonObject, objectOf, parseObject, readText } from "./json.ts"
import { readTensors, readValues, sizeOf, type Tensor } from "./safetensors.ts"

/** Two factors whose product, times `scale`, is added to one weight: `a` is rank x inputs, `b` outputs x rank. */
export interface Delta {
  readonly rank: number
  readonly scale: number
  readonly a: Float32Array
  readonly b: Float32Array
}

/** A LoRA adapter as PEFT writes it. */
export interface Adapter {
  readonly path: string
  /** sha256 over its weights and settings. */
  readonly digest: string
  /** By the name of the weight that each changes, such as `model.layers.0.self_attn.q_proj.weight`. */
  readonly deltas: ReadonlyMap<string, Delta>
  /** Weights that were saved whole, which is what is computed with instead of the base's, before any change. */
  readonly whole: ReadonlyMap<string, Float32Array>
}

const weightsName = "adapter_model.safetensors"

const unsupported = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "fan_in_fan_out",
  "lora_bias",
  "alora_invocation_tokens",
  "arrow_config",
  "layer_replication",
  "target_parameters",
  "trainable_token_indices"
]

/** Name of a weight that an adapter's tensor holds whole, or undefined when it is one of two factors. */
const wholeName = (tensor: string): string | undefined =>
  /\.lora_[A-Za-z_]+(?:\.default)?(?:\.weight)?$/.test(tensor)
    ? undefined
    : tensor.replace(/^base_model\.model\./, "").replace(/\.(?:base_layer|modules_to_save(?:\.default)?)\./, ".")

/** The number that a pattern of the settings gives for a module, the most particular pattern first. */
const patterned = (patterns: JsonObject | undefined, module: string): number | undefined => {
  const found = Object.keys(patterns ?? {})
    .filter((pattern) => new RegExp(`(^|.*\\.)${pattern}$`).test(module))
    .sort((a, b) => b.length - a.length)[0]
  const value = found === undefined ? undefined : patterns?.[found]
  return typeof value === "number" ? value : undefined
}

/** Opens a LoRA adapter for a model whose weights have the given shapes; what can't be merged is an `InputError`. */
export const readAdapter = async (
  path: string,
  shapes: ReadonlyMap<string, ReadonlyArray<number>>
): Promise<Adapter> => {
  const place = join(path, "adapter_config.json")
  const refuse = (what: string, fix = "Merge it with PEFT's merge_and_unload and name the merged folder"): never => {
    throw new InputError(`${place}: ${what}`, { fix })
  }
  const text = await readText(place) ??
    refuse("the file is missing", "Name a folder with adapter_config.json and adapter_model.safetensors after the +")
  const config = parseObject(text, place)
  if (config["peft_type"] !== "LORA") refuse(`peft_type ${JSON.stringify(config["peft_type"])} is not supported`)
  for (const name of unsupported) if (config[name]) refuse(`${name} is not supported`)
  if (![undefined, "none"].includes(config["bias"] as string | undefined)) refuse("trained biases are not supported")

  const file = join(path, weightsName)
  const tensors = new Map((await readTensors(file)).map((tensor) => [tensor.name, tensor]))
  const digest = createHash("sha256").update(text).update(await readFile(file)).digest("hex")
  const numberOf = (name: string, module: string, patterns: string): number => {
    const value = patterned(objectOf(config[patterns]), module) ?? config[name]
    return typeof value === "number" && Number.isFinite(value) ? value : refuse(`${name} is no number`)
  }
  const values = async (tensor: Tensor): Promise<Float32Array> => {
    const read = new Float32Array(sizeOf(tensor.shape))
    await readValues(tensor, read)
    return read
  }
  const deltas = new Map<string, Delta>()
  const whole = new Map<string, Float32Array>()
  for (const [name, first] of tensors) {
    const weight = wholeName(name)
    if (weight !== undefined) {
      const shape = shapes.get(weight) ?? refuse(`${name} is no weight of this base model`)
      if (shape.join(" x ") !== first.shape.join(" x ")) {
        refuse(`${name} is ${first.shape.join(" x ")}, and the base model's is ${shape.join(" x ")}`)
      }
      whole.set(weight, await values(first))
      continue
    }
    const module = /^base_model\.model\.(.+)\.lora_A(?:\.default)?\.weight$/.exec(name)?.[1]
    if (module === undefined) {
      if (!/\.lora_B(?:\.default)?\.weight$/.test(name) || !tensors.has(name.replace(".lora_B", ".lora_A"))) {
        refuse(`${name} is no part of a plain LoRA`)
      }
      continue
    }
    const second = tensors.get(name.replace(".lora_A", ".lora_B")) ??
      refuse(`${name} has no lora_B beside it`, "The file was cut off: copy it again")
    const shape = shapes.get(`${module}.weight`) ?? refuse(`${module} is no matrix of this base model`)
    const [outputs, inputs] = shape
    const rank = first.shape[0] ?? 0
    const fits = first.shape.length === 2 && second.shape.length === 2 && shape.length === 2 && rank > 0
      && first.shape[1] === inputs && second.shape[0] === outputs && second.shape[1] === rank
    if (!fits) {
      refuse(
        `${module} is ${shape.join(" x ")}, and its factors are ${second.shape.join(" x ")} and ${
          first.shape.join(" x ")
        }`
      )
    }
    const alpha = numberOf("lora_alpha", module, "alpha_pattern")
    deltas.set(`${module}.weight`, {
      rank,
      scale: config["use_rslora"] === true ? alpha / Math.sqrt(rank) : alpha / rank,
      a: await values(first),
      b: await values(second)
    })
  }
  return { path, digest, deltas, whole }
}

/** Why merging an adapter changed no weight. */
export const whyIdle = ({ deltas }: Pick<Adapter, "deltas">): string => {
  const all = [...deltas.values()]
  if (all.length === 0) return "it holds no factors"
  if (all.every(({ scale }) => scale === 0)) return "lora_alpha is 0"
  return all.every(({ b, scale }) => scale === 0 || b.every((value) => value === 0))
    ? "every lora_B is zero"
    : "it is too small for the weights"
}

/** Adds a change to a weight of `outputs` x `inputs`; tells whether any number came out different. */
export const addDelta = (weight: Float32Array, delta: Delta, inputs: number): boolean => {
  const { a, b, rank, scale } = delta
  let changed = false
  const row = new Float64Array(inputs)
  for (let o = 0; o * inputs < weight.length; o++) {
    row.fill(0)
    for (let k = 0; k < rank; k++) {
      const factor = b[o * rank + k]! * scale
      for (let i = 0; i < inputs; i++) row[i]! += factor * a[k * inputs + i]!
    }
    for (let i = 0; i < inputs; i++) {
      const at = o * inputs + i
      const before = weight[at]!
      weight[at] = before + row[i]!
      if (weight[at] !== before) changed = true
    }
  }
  return changed
}
