import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { policyDrift } from "../../evaluate/policy-drift.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { Output } from "../output.ts"

/** `driftgate drift`: exits with 0 when it could be measured, whatever it is. */
export const work = Effect.fn("cli.drift")(function*(flags: Flags, { json }: { readonly json: boolean }) {
  const settings = yield* readSettings(flags)
  yield* Effect.gen(function*() {
    const output = yield* Output
    const { floor, identical, prompts, ratio, tokens } = yield* policyDrift(settings)
    const nats = (value: number) => value.toPrecision(3)
    yield* output.line(
      `policy drift ${nats(ratio.mean)} nats a token over ${tokens} tokens of ${prompts} prompts, `
        + `${nats(ratio.largest)} in the prompt where it is largest; the engine's own noise is ${nats(floor)}`
    )
    if (identical) yield* output.line("the two can't be told apart")
    yield* output.record({ type: "drift", prompts, tokens, mean: ratio.mean, largest: ratio.largest, floor, identical })
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(
      hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
      cacheLayer(settings.cache),
      Output.layer(json)
    ))
  )
})
