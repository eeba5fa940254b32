import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type Refusal, unfinished } from "../inspection.ts"
import { findModel } from "../model.ts"
import { jsonOf } from "../reading.ts"
import { type Layout, markedQuietMillis, numberIn } from "./layout.ts"

/** `checkpoint-N/`, where `trainer_state.json` is written last and holds the step. */
export const transformers: Layout = {
  name: "transformers",
  trainers: "transformers, TRL, Axolotl, Unsloth, LLaMA-Factory and ms-swift",
  stepOf: numberIn(/^checkpoint-(\d+)$/),
  claims: () => Effect.succeed(true),
  quietMillis: markedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    const path = yield* Path.Path
    const marker = path.join(folder, "trainer_state.json")
    const said = (yield* jsonOf(marker))["global_step"]
    if (said !== step) {
      return yield* Effect.fail<Refusal>(
        unfinished(`${marker} is of step ${JSON.stringify(said) ?? "none"}, and the folder of step ${step}`)
      )
    }
    return { ...(yield* findModel(folder)), step, markers: [marker] }
  })
}
