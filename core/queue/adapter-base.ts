import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { isInside } from "../checkpoints/pin.ts"
import type { Admission } from "./admission.ts"
import type { BaseModel } from "./bases.ts"
import { EvaluationFailed } from "./evaluator.ts"

const namedIn = (text: string): string | undefined => {
  try {
    const { base_model_name_or_path: name } = JSON.parse(text)
    return typeof name === "string" ? name : undefined
  } catch {
    return undefined
  }
}

/**
 * Fails when an adapter says that it was trained on other weights than those of its gate's base.
 *
 * Its `base_model_name_or_path` is the trainer's own name for a model. It decides nothing; where it is a folder that this
 * service may read, the digests of both bases have to agree.
 */
export const requireOwnBase = Effect.fn("Queue.requireOwnBase")(function*(
  folder: string,
  base: BaseModel,
  { digestOf, roots }: Admission
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const text = yield* fs.readFileString(path.join(folder, "adapter_config.json")).pipe(Effect.orElseSucceed(() => ""))
  const named = namedIn(text)
  if (named === undefined || !path.isAbsolute(named) || base.folder === undefined) return
  const place = yield* fs.realPath(named).pipe(Effect.orElseSucceed(() => undefined))
  if (place === undefined || place === base.folder || !isInside(path, roots, place)) return
  const [own, asked] = yield* Effect.all([digestOf(place), digestOf(base.folder)]).pipe(
    Effect.orElseSucceed(() => [undefined, undefined])
  )
  if (own !== undefined && own !== asked) {
    return yield* new EvaluationFailed({
      reason: `the adapter was trained on the weights in ${named}, which are not those of the base ${base.spec}`
    })
  }
})
