import * as Effect from "effect/Effect"
import { checkTexts, findModel } from "../model.ts"
import { type Layout, numberIn, unmarkedQuietMillis } from "./layout.ts"

/** A folder with a model or an adapter and nothing that marks the end of a save, as a loop of one's own writes it. */
export const plain: Layout = {
  name: "plain",
  trainers: "a loop of your own",
  stepOf: numberIn(/(\d+)$/),
  claims: () => Effect.succeed(true),
  quietMillis: unmarkedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    const found = yield* findModel(folder)
    yield* checkTexts(found)
    return { ...found, step, markers: [] }
  })
}
