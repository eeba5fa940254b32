import * as Option from "effect/Option"
import type { Flags } from "../evaluate/settings.ts"

type Text = Option.Option<string>
type Count = Option.Option<number>

/** Parsed flags by the names in `flags.ts`; a command has those that it takes. */
interface ParsedFlags {
  readonly config?: Text
  readonly out?: Text
  readonly target?: Text
  readonly base?: Text
  readonly tuned?: Text
  readonly preset?: Text
  readonly policy?: Text
  readonly calibration?: ReadonlyArray<string>
  readonly profile?: Text
  readonly suite?: ReadonlyArray<string>
  readonly scorer?: ReadonlyArray<string>
  readonly role?: ReadonlyArray<string>
  readonly plugin?: ReadonlyArray<string>
  readonly seed?: Count
  readonly epochs?: Count
  readonly limit?: Count
  readonly maxTokens?: Count
  readonly temperature?: Count
  readonly reasoning?: Option.Option<NonNullable<Flags["reasoning"]>>
  readonly concurrency?: Count
  readonly timeout?: Text
  readonly maxRequests?: Count
  readonly budgetTokens?: Count
  readonly maxTime?: Text
  readonly noCache?: boolean
  readonly cacheRemote?: boolean
  readonly yes?: boolean
  readonly ledger?: ReadonlyArray<string>
  readonly noLedger?: boolean
}

const given = <A>(option: Option.Option<A> | undefined): A | undefined =>
  option === undefined ? undefined : Option.getOrUndefined(option)

/** The flags of a command as the use cases read them; those that it does not take are as if not given. */
export const flagsOf = (parsed: ParsedFlags): Flags => ({
  config: given(parsed.config),
  out: given(parsed.out),
  target: given(parsed.target),
  base: given(parsed.base),
  tuned: given(parsed.tuned),
  preset: given(parsed.preset),
  policyFile: given(parsed.policy),
  calibrations: parsed.calibration ?? [],
  profile: given(parsed.profile),
  suites: parsed.suite ?? [],
  scorers: parsed.scorer ?? [],
  roles: parsed.role ?? [],
  plugins: parsed.plugin ?? [],
  seed: given(parsed.seed),
  epochs: given(parsed.epochs),
  limit: given(parsed.limit),
  maxTokens: given(parsed.maxTokens),
  temperature: given(parsed.temperature),
  reasoning: given(parsed.reasoning),
  concurrency: given(parsed.concurrency),
  timeout: given(parsed.timeout),
  maxRequests: given(parsed.maxRequests),
  budgetTokens: given(parsed.budgetTokens),
  maxTime: given(parsed.maxTime),
  noCache: parsed.noCache ?? false,
  cacheRemote: parsed.cacheRemote ?? false,
  yes: parsed.yes ?? false,
  ledger: parsed.ledger ?? [],
  noLedger: parsed.noLedger ?? false
})
