import type { Flags } from "../../evaluate/settings.ts"

/** Whether a flag says how is asked, how is decided, or is written by whoever starts the command. */
type Part = "asks" | "decides" | "own"

// Every flag has a row: one that is forgotten here would be dropped without a word.
const table: Readonly<Record<keyof Flags, readonly [part: Part, flag: string]>> = {
  policyFile: ["decides", "policy"],
  calibrations: ["decides", "calibration"],
  ledger: ["decides", "ledger"],
  noLedger: ["decides", "no-ledger"],
  config: ["asks", "config"],
  suites: ["asks", "suite"],
  scorers: ["asks", "scorer"],
  roles: ["asks", "role"],
  plugins: ["asks", "plugin"],
  seed: ["asks", "seed"],
  epochs: ["asks", "epochs"],
  limit: ["asks", "limit"],
  maxTokens: ["asks", "max-tokens"],
  temperature: ["asks", "temperature"],
  reasoning: ["asks", "reasoning"],
  concurrency: ["asks", "concurrency"],
  timeout: ["asks", "timeout"],
  maxRequests: ["asks", "max-requests"],
  budgetTokens: ["asks", "budget-tokens"],
  maxTime: ["asks", "max-time"],
  noCache: ["asks", "no-cache"],
  cacheRemote: ["asks", "cache-remote"],
  yes: ["asks", "yes"],
  out: ["own", "out"],
  target: ["own", "target"],
  base: ["own", "base"],
  tuned: ["own", "tuned"],
  profile: ["own", "profile"],
  preset: ["own", "preset"]
}
const rows = Object.entries(table) as ReadonlyArray<[keyof Flags, readonly [Part, string]]>

const written = (flag: string, value: Flags[keyof Flags]): ReadonlyArray<string> => {
  if (value === undefined || value === false) return []
  if (value === true) return [`--${flag}`]
  return (typeof value === "object" ? value : [value]).flatMap((one) => [`--${flag}`, String(one)])
}

const argumentsOf = (wanted: Part) => (flags: Flags): ReadonlyArray<string> =>
  rows.flatMap(([key, [part, flag]]) => part === wanted ? written(flag, flags[key]) : [])

/** Flags that decide, as the command line has them, without the preset. */
export const decidingArguments = argumentsOf("decides")

/** Flags that ask, as the command line has them, without models, output folder and profile. */
export const askingArguments = argumentsOf("asks")
