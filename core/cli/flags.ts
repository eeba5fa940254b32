import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"
import { wholeFrom } from "./invalid.ts"

const atLeastOne = wholeFrom(1)
const notNegative = wholeFrom(0)

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Records for machines on stdout, one JSON object a line"),
  Flag.withDefault(false)
)
export const out = Flag.Directory("out").pipe(
  Flag.withDescription("Where runs and gates are kept [default: ./driftgate-out]"),
  Flag.optional
)
export const config = Flag.File("config").pipe(
  Flag.withAlias("c"),
  Flag.withDescription("Configuration file [default: ./driftgate.yaml where it exists]"),
  Flag.optional
)

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)
const count = (name: string, description: string, schema: typeof atLeastOne) =>
  Flag.Int(name).pipe(Flag.withSchema(schema), Flag.withDescription(description), Flag.optional)
const many = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.atLeast(0))

export const profile = (description: string) => text("profile", description)

/** What every command that asks a model takes. */
export const evaluation = {
  config,
  json,
  out,
  profile: profile("Suites and margins by profile id or file [default: core-5@1]"),
  suite: many("suite", "ID[?k=v]", "A suite instead of a profile; repeatable"),
  scorer: many("scorer", "SUITE=ID", "Scorer of a suite; repeatable"),
  role: many("role", "NAME=TARGET", "Model in a role that a scorer names; repeatable"),
  plugin: many("plugin", "PATH", "Folder or npm package of a plugin; repeatable"),
  seed: count("seed", "Seed of draws, order and sampling [default: 0]", notNegative),
  epochs: count("epochs", "Answers for each sample [default: 1]", atLeastOne),
  limit: count("limit", "At most this many samples of each suite, drawn by the seed", atLeastOne),
  maxTokens: count("max-tokens", "New tokens at most, instead of each suite's own number", atLeastOne),
  temperature: Flag.Finite("temperature").pipe(
    Flag.withSchema(
      Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 }, { expected: "a number from 0 to 2" }))
    ),
    Flag.withDescription("Instead of each suite's own; 0 is greedy"),
    Flag.optional
  ),
  reasoning: Flag.Literals("reasoning", ["final", "both", "either"]).pipe(
    Flag.withDescription(
      "What is judged of a model that thinks: its final answer, both apart, or the worse [default: final]"
    ),
    Flag.optional
  ),
  concurrency: count("concurrency", "Requests in flight at most [default: 64]", atLeastOne),
  timeout: text("timeout", "Longest wait for one answer, such as 90s [default: 120s]"),
  maxRequests: count("max-requests", "Stop after this many requests", atLeastOne),
  budgetTokens: count("budget-tokens", "Stop after this many tokens", atLeastOne),
  maxTime: text("max-time", "Stop after this long, such as 2h"),
  noCache: Flag.Boolean("no-cache").pipe(
    Flag.withDescription("Neither take answers from the response cache nor put them there"),
    Flag.withDefault(false)
  ),
  cacheRemote: Flag.Boolean("cache-remote").pipe(
    Flag.withDescription("Use the cache for remote models too, whose weights can't be checked"),
    Flag.withDefault(false)
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Agree to send attack prompts to endpoints that are not on this machine"),
    Flag.withDefault(false)
  )
} as const

/** What every command takes that compares two models. */
export const ledger = {
  ledger: Flag.String("ledger").pipe(
    Flag.withMetavar("SUITE"),
    Flag.withDescription(
      "Score the answers to this suite under both models, to limit the rise without a second sample; repeatable " +
        "[default: of the profile, else the gated harmful suites, where both engines can]"
    ),
    Flag.atLeast(0)
  ),
  noLedger: Flag.Boolean("no-ledger").pipe(
    Flag.withDescription("Score no answers under both models"),
    Flag.withDefault(false)
  )
} as const

/** The preset of commands that look at checkpoints one after another. */
export const trainingPreset = text(
  "preset",
  "Policy: smoke, training, release or demo [default: the profile's, else training]"
)

/** What every command that decides takes. */
export const policy = {
  preset: text("preset", "Policy: smoke, training, release or demo [default: the profile's, else release]"),
  policy: Flag.File("policy").pipe(
    Flag.withDescription("YAML file of what differs from the preset"),
    Flag.optional
  ),
  calibration: many("calibration", "FILE", "Record of a scorer's error, made by `driftgate calibrate`; repeatable")
} as const
