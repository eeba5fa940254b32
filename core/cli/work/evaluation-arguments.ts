import type { Flags } from "../../evaluate/settings.ts"

const one = (flag: string, value: string | number | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [`--${flag}`, String(value)]
const many = (flag: string, values: ReadonlyArray<string>): ReadonlyArray<string> =>
  values.flatMap((value) => [`--${flag}`, value])
const set = (flag: string, value: boolean): ReadonlyArray<string> => value ? [`--${flag}`] : []

/** Flags that decide, as the command line has them, without the preset. */
export const decidingArguments = (flags: Flags): ReadonlyArray<string> => [
  ...one("policy", flags.policyFile),
  ...many("calibration", flags.calibrations),
  ...many("ledger", flags.ledger ?? []),
  ...set("no-ledger", flags.noLedger ?? false)
]

/** Flags that ask, as the command line has them, without models, output folder and profile. */
export const askingArguments = (flags: Flags): ReadonlyArray<string> => [
  ...one("config", flags.config),
  ...many("suite", flags.suites),
  ...many("scorer", flags.scorers),
  ...many("role", flags.roles),
  ...many("plugin", flags.plugins),
  ...one("seed", flags.seed),
  ...one("epochs", flags.epochs),
  ...one("limit", flags.limit),
  ...one("max-tokens", flags.maxTokens),
  ...one("temperature", flags.temperature),
  ...one("concurrency", flags.concurrency),
  ...one("timeout", flags.timeout),
  ...one("max-requests", flags.maxRequests),
  ...one("budget-tokens", flags.budgetTokens),
  ...one("max-time", flags.maxTime),
  ...set("no-cache", flags.noCache),
  ...set("cache-remote", flags.cacheRemote),
  ...set("yes", flags.yes)
]
