import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type Refusal, unfinished, unsupported } from "../inspection.ts"
import { findModel } from "../model.ts"
import { namesIn, textOf } from "../reading.ts"
import { type Layout, markedQuietMillis, numberIn } from "./layout.ts"

const tracker = "latest_checkpointed_iteration.txt"

/** What has to be run before an evaluation where only shards were saved. */
const merge = (actor: string, names: ReadonlySet<string>): Refusal => {
  // Without this file the merger takes alpha 0, and its result is the base model again.
  const alpha = names.has("lora_train_meta.json")
    ? " With LoRA keep lora_train_meta.json beside the shards: the merger takes alpha 0 without it."
    : ""
  return unsupported(
    `${actor} holds shards of FSDP and no whole weights`,
    "Add hf_model to checkpoint.save_contents of the actor, or merge each checkpoint: "
      + `python -m verl.model_merger merge --backend fsdp --local_dir ${actor} --target_dir MERGED.${alpha}`
  )
}

/** `global_step_N/actor/`, proven by a file beside the steps that names the newest one. */
export const verlFsdp: Layout = {
  name: "verl-fsdp",
  trainers: "verl with FSDP",
  stepOf: numberIn(/^global_step_(\d+)$/),
  claims: () => Effect.succeed(true),
  quietMillis: markedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    const path = yield* Path.Path
    const marker = path.join(path.dirname(folder), tracker)
    const said = (yield* textOf(marker)).trim()
    const newest = /^\d+$/.test(said) ? Number(said) : undefined
    // Overwritten in place, so that it can be empty for a moment.
    if (newest === undefined || !(step !== undefined && step <= newest)) {
      return yield* Effect.fail<Refusal>(
        unfinished(
          `${marker} names step ${said === "" ? "none" : said.slice(0, 40)}, and the folder is of step ${step}`
        )
      )
    }
    const actor = path.join(folder, "actor")
    const names = yield* namesIn(actor)
    if (names === undefined) return yield* Effect.fail<Refusal>(unfinished(`${actor} is not there`))
    const exported = path.join(actor, "huggingface")
    const inside = (yield* namesIn(exported)) ?? new Set<string>()
    if (![...inside].some((name) => name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json"))) {
      return yield* Effect.fail(merge(actor, names))
    }
    // The tracker names a later step as soon as there is one: it is no part of this save.
    return { ...(yield* findModel(exported)), step, markers: [] }
  })
}
