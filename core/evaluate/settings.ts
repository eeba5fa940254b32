import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { ReasoningPolicy } from "../domain/judging.ts"
import { UsageProblem } from "../domain/problem.ts"
import type { BudgetLimits, Price } from "../run/budget.ts"
import { type Config, durationMillis } from "./config-schema.ts"
import { readConfig } from "./config.ts"
import type { LedgerAsked } from "./ledger-choice.ts"

/** What the command line said; `undefined` and empty lists leave the word to the configuration. */
export interface Flags {
  readonly config: string | undefined
  readonly out: string | undefined
  readonly target: string | undefined
  readonly base: string | undefined
  readonly tuned: string | undefined
  readonly profile: string | undefined
  readonly suites: ReadonlyArray<string>
  readonly scorers: ReadonlyArray<string>
  readonly roles: ReadonlyArray<string>
  readonly plugins: ReadonlyArray<string>
  readonly preset: string | undefined
  readonly policyFile: string | undefined
  readonly calibrations: ReadonlyArray<string>
  readonly seed: number | undefined
  readonly epochs: number | undefined
  readonly limit: number | undefined
  readonly maxTokens: number | undefined
  readonly temperature: number | undefined
  readonly reasoning?: ReasoningPolicy | undefined
  readonly concurrency: number | undefined
  readonly timeout: string | undefined
  readonly maxRequests: number | undefined
  readonly budgetTokens: number | undefined
  readonly maxTime: string | undefined
  readonly noCache: boolean
  readonly cacheRemote: boolean
  readonly yes: boolean
  /** Suites whose answers are scored under both models. @default [] */
  readonly ledger?: ReadonlyArray<string>
  /** Score none. @default false */
  readonly noLedger?: boolean
}

/** Flags and configuration joined, with every default filled in. */
export interface Settings {
  readonly configFolder: string
  readonly out: string
  readonly target: string | undefined
  readonly base: string | undefined
  readonly tuned: string | undefined
  /** undefined when single suites replace the profile. */
  readonly profile: string | undefined
  readonly suites: ReadonlyArray<string>
  /** `SUITE=SCORER`; a later entry wins. Which `=` divides the two is known once the suites are. */
  readonly scorers: ReadonlyArray<string>
  /** The configuration's own, which may speak of suites that this command does not ask; flags win over them. */
  readonly configuredScorers: ReadonlyArray<string>
  readonly roles: Readonly<Record<string, string>>
  readonly plugins: ReadonlyArray<string>
  readonly preset: string | undefined
  readonly policy: Readonly<Record<string, unknown>>
  readonly policyFile: string | undefined
  /** Files of calibration records. */
  readonly calibrations: ReadonlyArray<string>
  /** Suites whose answers are scored under both models, or none. @default those of the profile, else the gated harmful ones */
  readonly ledger?: LedgerAsked | undefined
  readonly seed: number
  readonly epochs: number
  readonly limit: number | undefined
  readonly maxTokens: number | undefined
  readonly temperature: number | undefined
  /** How reasoning text counts. @default final, or as in the run that is judged again */
  readonly reasoning?: ReasoningPolicy | undefined
  readonly concurrency: number
  readonly deadlineMillis: number
  readonly budget: BudgetLimits
  readonly prices: Readonly<Record<string, Price>>
  readonly cache: boolean
  readonly cacheRemote: boolean
  readonly yes: boolean
}

const defaultProfile = "core-5@1"

const roleTable = Effect.fnUntraced(function*(entries: ReadonlyArray<string>) {
  const table: Record<string, string> = {}
  for (const entry of entries) {
    const at = entry.indexOf("=")
    if (at < 1 || at === entry.length - 1) {
      return yield* new UsageProblem({
        reason: "flag",
        where: `--role ${entry}`,
        what: "expected NAME=TARGET",
        fix: "For example --role judge=openai:my-judge@http://127.0.0.1:8000/v1"
      })
    }
    table[entry.slice(0, at)] = entry.slice(at + 1)
  }
  return table
})

/** A length of time from the command line, else from the configuration, in milliseconds. */
const duration = Effect.fnUntraced(function*(
  flag: string,
  given: string | undefined,
  config: { readonly where: string; readonly text: string | undefined }
) {
  const text = given ?? config.text
  if (text === undefined) return undefined
  const millis = durationMillis(text)
  if (millis !== undefined) return millis
  return yield* new UsageProblem({
    reason: given === undefined ? "config" : "flag",
    where: given === undefined ? `${config.where} ${text}` : `--${flag} ${text}`,
    what: "expected a whole number above 0 and a unit: ms, s, m or h",
    fix: given === undefined ? "For example 90s" : `For example --${flag} 90s`
  })
})

/** What is said of the ledger; fails with `UsageProblem` when the flags say both that and that there be none. */
const ledgerAsked = Effect.fnUntraced(function*(
  { ledger = [], noLedger = false }: Flags,
  config: { readonly where: string; readonly suites: Config["ledger"] }
) {
  if (noLedger && ledger.length > 0) {
    return yield* new UsageProblem({
      reason: "flag",
      where: "--no-ledger",
      what: "it was given together with --ledger",
      fix: "Leave one of the two out."
    })
  }
  const asked: LedgerAsked | undefined = noLedger
    ? { suites: "none", where: "--no-ledger" }
    : ledger.length > 0
    ? { suites: ledger, where: "--ledger" }
    : config.suites === undefined
    ? undefined
    : { suites: config.suites, where: config.where }
  return asked
})

/** Joins flags, `driftgate.yaml` and defaults; flags win. */
export const readSettings = Effect.fn("Settings.read")(function*(flags: Flags) {
  const path = yield* Path.Path
  const file = path.resolve(flags.config ?? "driftgate.yaml")
  const config: Config = yield* readConfig(file, flags.config !== undefined)
  const suites = flags.suites.length > 0 ? flags.suites : flags.profile === undefined ? config.suites ?? [] : []
  const limits: BudgetLimits = Object.fromEntries(
    Object.entries({
      requests: flags.maxRequests ?? config.budget?.requests,
      tokens: flags.budgetTokens ?? config.budget?.tokens,
      usd: config.budget?.usd,
      wallMillis: yield* duration("max-time", flags.maxTime, {
        where: `${file}: budget.wall`,
        text: config.budget?.wall
      })
    }).filter(([, limit]) => limit !== undefined)
  )
  const timeout = yield* duration("timeout", flags.timeout, { where: `${file}: timeout`, text: config.timeout })
  return {
    configFolder: path.dirname(file),
    out: path.resolve(flags.out ?? config.out ?? "driftgate-out"),
    target: flags.target ?? config.target,
    base: flags.base ?? config.base,
    tuned: flags.tuned ?? config.tuned,
    profile: suites.length > 0 ? undefined : flags.profile ?? config.profile ?? defaultProfile,
    suites,
    scorers: flags.scorers,
    configuredScorers: Object.entries(config.scorers ?? {}).map(([suite, scorer]) => `${suite}=${scorer}`),
    roles: { ...config.roles, ...(yield* roleTable(flags.roles)) },
    plugins: [...config.plugins ?? [], ...flags.plugins],
    preset: flags.preset ?? config.preset,
    policy: config.policy ?? {},
    policyFile: flags.policyFile,
    calibrations: [...config.calibrations ?? [], ...flags.calibrations],
    ledger: yield* ledgerAsked(flags, { where: `${file}: ledger`, suites: config.ledger }),
    seed: flags.seed ?? config.seed ?? 0,
    epochs: flags.epochs ?? config.epochs ?? 1,
    limit: flags.limit ?? config.limit,
    maxTokens: flags.maxTokens ?? config.maxTokens,
    temperature: flags.temperature,
    reasoning: flags.reasoning ?? config.reasoning,
    concurrency: flags.concurrency ?? config.concurrency ?? 64,
    deadlineMillis: timeout ?? 120_000,
    budget: limits,
    prices: config.prices ?? {},
    cache: !flags.noCache,
    cacheRemote: flags.cacheRemote,
    yes: flags.yes
  } satisfies Settings as Settings
})

/** Flags of which none was given. */
export const defaultFlags: Flags = {
  config: undefined,
  out: undefined,
  target: undefined,
  base: undefined,
  tuned: undefined,
  preset: undefined,
  policyFile: undefined,
  calibrations: [],
  profile: undefined,
  suites: [],
  scorers: [],
  roles: [],
  plugins: [],
  seed: undefined,
  epochs: undefined,
  limit: undefined,
  maxTokens: undefined,
  temperature: undefined,
  concurrency: undefined,
  timeout: undefined,
  maxRequests: undefined,
  budgetTokens: undefined,
  maxTime: undefined,
  noCache: false,
  cacheRemote: false,
  yes: false
}
