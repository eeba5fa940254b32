import * as Schema from "effect/Schema"
import { ReasoningPolicy } from "../domain/judging.ts"
import { PresetName } from "../domain/policy.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Positive = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const durationForm = /^[0-9]+(ms|s|m|h)$/u
const Duration = Schema.String.check(Schema.isPattern(durationForm)).annotate({
  description: "A whole number and ms, s, m or h, such as 90s or 2h"
})
const Text = Schema.NonEmptyString

/**
 * `driftgate.yaml`: what the command line can say of models, suites, rules and limits; flags win.
 *
 * How one command goes about its work is said by flags alone: early stopping, noise floor, cache, temperature, consent.
 */
export const Config = Schema.Struct({
  target: Schema.optionalKey(Text.annotate({ description: "The model of `driftgate run`" })),
  base: Schema.optionalKey(Text.annotate({ description: "The reference model" })),
  tuned: Schema.optionalKey(Text.annotate({ description: "The candidate" })),
  profile: Schema.optionalKey(Text.annotate({ description: "Profile id such as core-5@1, or a file" })),
  suites: Schema.optionalKey(
    Schema.Array(Text).annotate({ description: "Suites instead of a profile, `id?option=value`" })
  ),
  scorers: Schema.optionalKey(
    Schema.Record(Schema.String, Text).annotate({ description: "Scorer of a suite, by suite id" })
  ),
  roles: Schema.optionalKey(
    Schema.Record(Schema.String, Text).annotate({ description: "Model for each role that a scorer names" })
  ),
  preset: Schema.optionalKey(PresetName),
  policy: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Json).annotate({ description: "What differs from the preset" })
  ),
  ledger: Schema.optionalKey(
    Schema.Union([Schema.NonEmptyArray(Text), Schema.Literal("none")]).annotate({
      description: "Suites whose answers are scored under both models, or none"
    })
  ),
  calibrations: Schema.optionalKey(Schema.Array(Text).annotate({ description: "Files of calibration records" })),
  seed: Schema.optionalKey(Count),
  epochs: Schema.optionalKey(Positive),
  limit: Schema.optionalKey(Positive.annotate({ description: "Samples of each suite" })),
  maxTokens: Schema.optionalKey(Positive),
  reasoning: Schema.optionalKey(ReasoningPolicy),
  concurrency: Schema.optionalKey(Positive),
  timeout: Schema.optionalKey(Duration),
  budget: Schema.optionalKey(Schema.Struct({
    requests: Schema.optionalKey(Positive),
    tokens: Schema.optionalKey(Positive),
    usd: Schema.optionalKey(Amount),
    wall: Schema.optionalKey(Duration)
  })),
  prices: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Struct({ input: Amount, output: Amount })).annotate({
      description: "USD a million tokens, by role, or by base, tuned and target"
    })
  ),
  out: Schema.optionalKey(Text),
  plugins: Schema.optionalKey(Schema.Array(Text).annotate({ description: "Folders or npm packages of plugins" }))
}).annotate({ identifier: "DriftgateConfig" })
export type Config = typeof Config.Type

/** Milliseconds of a duration such as `90s`; undefined for a text of another form, and for no time at all. */
export const durationMillis = (text: string): number | undefined => {
  const unit = durationForm.exec(text)?.[1]
  if (unit === undefined) return undefined
  const factor = unit === "ms" ? 1 : unit === "s" ? 1_000 : unit === "m" ? 60_000 : 3_600_000
  const millis = Number.parseInt(text, 10) * factor
  return millis > 0 ? millis : undefined
}
