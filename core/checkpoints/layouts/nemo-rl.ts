import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type Refusal, unfinished, unsupported } from "../inspection.ts"
import { findModel } from "../model.ts"
import { namesIn } from "../reading.ts"
import { type Layout, markedQuietMillis, numberIn } from "./layout.ts"

/** Where the weights may lie under `policy/weights`, by the backend and its settings. */
const places = ["", "model/consolidated", "model"]

/** `step_N/`, which is renamed from `tmp_step_N` when everything is there: the name is the marker. */
export const nemoRl: Layout = {
  name: "nemo-rl",
  trainers: "NeMo-RL",
  stepOf: numberIn(/^step_(\d+)$/),
  claims: Effect.fnUntraced(function*(folder) {
    const names = yield* namesIn(folder).pipe(Effect.orElseSucceed(() => undefined))
    return ["policy", "training_info.json", "config.yaml"].some((name) => names?.has(name) === true)
  }),
  quietMillis: markedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    const path = yield* Path.Path
    const weights = path.join(folder, "policy", "weights")
    const tokenizer = path.join(folder, "policy", "tokenizer")
    for (const place of places) {
      const where = path.join(weights, place)
      const names = [...(yield* namesIn(where)) ?? []]
      if (names.some((name) => /^(?:adapter_)?model(?:-\d+-of-\d+)?\.safetensors(?:\.index\.json)?$/.test(name))) {
        return { ...(yield* findModel(where, [tokenizer])), step, markers: [path.join(folder, "training_info.json")] }
      }
    }
    const names = yield* namesIn(weights)
    if (names === undefined) return yield* Effect.fail<Refusal>(unfinished(`${weights} is not there`))
    const megatron = [...names].some((name) => name.startsWith("iter_"))
    const tool = megatron ? "convert_megatron_to_hf.py" : "convert_dcp_to_hf.py"
    return yield* Effect.fail<Refusal>(unsupported(
      `${weights} holds distributed shards and no whole weights`,
      `Set save_consolidated in the checkpoint's settings, or convert each step: python examples/converters/${tool} `
        + `--config ${path.join(folder, "config.yaml")} --${megatron ? "megatron" : "dcp"}-ckpt-path ${weights} `
        + "--hf-ckpt-path MERGED. An adapter needs convert_lora_to_hf.py"
    ))
  })
}
