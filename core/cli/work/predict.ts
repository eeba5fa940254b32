import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { exitCodes, UsageProblem } from "../../domain/problem.ts"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { predictDrift } from "../../evaluate/predict.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import type { Strength } from "../../gate/predict.ts"
import { Ended } from "../ended.ts"
import { Interruption } from "../interruption.ts"
import { Output } from "../output.ts"
import { predictLines } from "../print/predict.ts"
import { progressListener } from "../print/progress.ts"

const strengthOf = Effect.fnUntraced(function*(beta: number | undefined, kl: number | undefined) {
  if (beta !== undefined && kl === undefined) return { beta } satisfies Strength as Strength
  if (kl !== undefined && beta === undefined) return { kl } satisfies Strength as Strength
  return yield* new UsageProblem({
    reason: "flag",
    where: "--beta, --kl",
    what: beta === undefined ? "how strong the training is to be is not said" : "both were given",
    fix: "Give one of the two: --beta 0.04, the KL coefficient of the trainer, or --kl 0.5, nats a prompt."
  })
})

/** `driftgate predict`: exit 0 when something could be said, 11 when the answers do not tell. */
export const work = Effect.fn("cli.predict")(function*(flags: Flags, input: {
  readonly json: boolean
  readonly run: Option.Option<string>
  readonly beta: Option.Option<number>
  readonly kl: Option.Option<number>
  readonly observed: Option.Option<string>
}) {
  const settings = yield* readSettings(flags)
  const strength = yield* strengthOf(Option.getOrUndefined(input.beta), Option.getOrUndefined(input.kl))
  const { asked } = yield* Interruption
  yield* Effect.gen(function*() {
    const output = yield* Output
    const result = yield* predictDrift({
      settings,
      run: Option.getOrUndefined(input.run),
      strength,
      observed: Option.getOrUndefined(input.observed),
      listener: yield* progressListener,
      drain: asked
    })
    if (result === undefined) return yield* new Ended({ code: exitCodes.interrupted })
    for (const line of predictLines(result)) yield* output.line(line)
    yield* output.record({
      type: "prediction",
      run: result.run.directory.path,
      strength,
      suites: result.suites.map(({ observation, prediction, ...suite }) => ({
        ...suite,
        prediction: prediction ?? null,
        observation: observation ?? null
      }))
    })
    if (result.suites.some(({ prediction }) => prediction === undefined)) {
      return yield* new Ended({ code: exitCodes.inconclusive })
    }
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(
      hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
      cacheLayer(settings.cache),
      Output.layer(input.json)
    ))
  )
})
