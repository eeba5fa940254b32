import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type Refusal, unfinished, unsupported } from "../inspection.ts"
import { findModel } from "../model.ts"
import { namesIn } from "../reading.ts"
import { type Layout, markedQuietMillis, numberIn } from "./layout.ts"

const marker = "STABLE"

/** `broadcasts/step_N/`, where the empty file `STABLE` is made last. */
export const primeRl: Layout = {
  name: "prime-rl",
  trainers: "prime-rl",
  stepOf: numberIn(/^step_(\d+)$/),
  claims: Effect.fnUntraced(function*(folder) {
    const path = yield* Path.Path
    const names = yield* namesIn(folder).pipe(Effect.orElseSucceed(() => undefined))
    return ["broadcasts", "weights"].includes(path.basename(path.dirname(folder)))
      || [marker, "trainer"].some((name) => names?.has(name) === true)
  }),
  quietMillis: markedQuietMillis,
  find: Effect.fnUntraced(function*(folder, step) {
    const path = yield* Path.Path
    const names = yield* namesIn(folder)
    if (names?.has("trainer") === true) {
      return yield* Effect.fail<Refusal>(unsupported(
        `${folder} holds distributed shards and no whole weights`,
        "Watch the folder broadcasts of the run, with type = \"filesystem\" under [weight_broadcast]"
      ))
    }
    if (names?.has(marker) !== true) {
      return yield* Effect.fail<Refusal>(unfinished(`${path.join(folder, marker)} is not there`))
    }
    return { ...(yield* findModel(folder)), step, markers: [path.join(folder, marker)] }
  })
}
