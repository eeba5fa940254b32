import * as Effect from "effect/Effect"
import { type Refusal, unfinished, unsupported } from "../inspection.ts"
import { checkTexts, findModel, hasVocabulary } from "../model.ts"
import { type Layout, numberIn, unmarkedQuietMillis } from "./layout.ts"

const exported = numberIn(/^(?:best_)?global_step(\d+)_hf$/)
const sharded = numberIn(/^(?:best_)?global_step(\d+)$/)

/** `global_stepN_hf/`, where the tokenizer is written after the weights and nothing marks the end. */
export const openrlhf: Layout = {
  name: "openrlhf",
  trainers: "OpenRLHF",
  stepOf: (name) => exported(name) ?? sharded(name),
  claims: () => Effect.succeed(true),
  quietMillis: unmarkedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    if (!folder.endsWith("_hf")) {
      return yield* Effect.fail<Refusal>(unsupported(
        `${folder} holds shards of DeepSpeed and no whole weights`,
        "Train with --ckpt.save_hf, and gate global_stepN_hf"
      ))
    }
    const found = yield* findModel(folder)
    if (!hasVocabulary(found)) {
      return yield* Effect.fail<Refusal>(unfinished(`${folder} has no tokenizer yet, which is written last`))
    }
    yield* checkTexts(found)
    return { ...found, step, markers: [] }
  })
}
