import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type Refusal, unfinished, unsupported } from "../inspection.ts"
import { findModel } from "../model.ts"
import { jsonOf, namesIn, objectOf } from "../reading.ts"
import { type Layout, markedQuietMillis, numberIn } from "./layout.ts"

const manifest = "ckpt_contents.json"

/** `global_step_N/actor/` in layout 2, whose manifest is written last and says where the weights are. */
export const verlMegatron: Layout = {
  name: "verl-megatron",
  trainers: "verl with Megatron",
  stepOf: numberIn(/^global_step_(\d+)$/),
  claims: Effect.fnUntraced(function*(folder) {
    const path = yield* Path.Path
    const names = yield* namesIn(path.join(folder, "actor")).pipe(Effect.orElseSucceed(() => undefined))
    return [manifest, "dist_ckpt", "model", "optimizer", "extra"].some((name) => names?.has(name) === true)
  }),
  quietMillis: markedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    const path = yield* Path.Path
    const actor = path.join(folder, "actor")
    const names = (yield* namesIn(actor)) ?? new Set<string>()
    if (names.has("dist_ckpt") && !names.has(manifest)) {
      return yield* Effect.fail<Refusal>(unsupported(
        `${actor} is of the layout that verl used before its version 2`,
        `Move it to the new one: python scripts/migrate_megatron_checkpoint_layout.py --checkpoint ${actor}`
      ))
    }
    const marker = path.join(actor, manifest)
    const { contents, global_step: said } = yield* jsonOf(marker)
    if (said !== undefined && said !== step) {
      return yield* Effect.fail<Refusal>(
        unfinished(`${marker} is of step ${JSON.stringify(said)}, and the folder of step ${step}`)
      )
    }
    const found = ["hf_model", "model"].map((name) => objectOf(objectOf(contents)?.[name]))
      .find((entry) => entry?.["format"] === "huggingface")?.["path"]
    if (typeof found !== "string") {
      return yield* Effect.fail<Refusal>(unsupported(
        `${actor} holds shards of Megatron and no whole weights`,
        "Train with use_mbridge=True and hf_model in checkpoint.save_contents, or merge each checkpoint: "
          + `python -m verl.model_merger merge --backend megatron --local_dir ${actor} --target_dir MERGED`
      ))
    }
    const weights = path.resolve(actor, found)
    if (path.isAbsolute(found) || !weights.startsWith(actor + path.sep)) {
      return yield* Effect.fail<Refusal>(
        unsupported(
          `${marker} places the weights in ${JSON.stringify(found)}`,
          "They have to lie in the checkpoint itself"
        )
      )
    }
    return { ...(yield* findModel(weights)), step, markers: [marker] }
  })
}
