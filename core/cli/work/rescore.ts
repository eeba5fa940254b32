import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { ratesOfRun } from "../../evaluate/rates.ts"
import { rescoreRun } from "../../evaluate/rescore.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { Interruption } from "../interruption.ts"
import { Output } from "../output.ts"
import { progressListener } from "../print/progress.ts"
import { printRates } from "../print/rates.ts"

/** `driftgate rescore`: exit 0 when every stored answer was judged. */
export const work = Effect.fn("cli.rescore")(function*(folder: string, flags: Flags, json: boolean) {
  const settings = yield* readSettings(flags)
  const { asked } = yield* Interruption
  yield* Effect.gen(function*() {
    const { judging, run, summary } = yield* rescoreRun(folder, settings, yield* progressListener, asked)
    yield* printRates({ run, suites: ratesOfRun(run, summary), judging, summary })
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(
      hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
      cacheLayer(false),
      Output.layer(json)
    ))
  )
})
