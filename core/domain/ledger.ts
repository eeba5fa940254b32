import * as Schema from "effect/Schema"
import { Measure } from "./measures.ts"
import { Unit } from "./unit.ts"

export const ledgerJournalSchema = "driftgate.ledger-journal/1"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Rate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Drift = Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 }))
const Nats = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const Limits = Schema.Struct({ lower: Drift, upper: Drift })

/** A process began to score; the two models by `identity.behaviour`. */
const LedgerSession = Schema.Struct({
  type: Schema.Literal("session"),
  schema: Schema.Literal(ledgerJournalSchema),
  base: Schema.String,
  tuned: Schema.String,
  version: Schema.String,
  at: Schema.Int.annotate({ description: "Unix time in milliseconds" })
})

/** One answer of the tuned model under both models: natural-log probabilities of its tokens, as they were drawn. */
export const ScoredTokens = Schema.Struct({
  type: Schema.Literal("scored"),
  unit: Unit,
  answer: Schema.String.annotate({ description: "First 16 hex digits of the sha256 of the answer's token ids" }),
  base: Schema.Array(Schema.Finite),
  tuned: Schema.Array(Schema.Finite),
  kl: Schema.optionalKey(
    Schema.Array(Nats).annotate({
      description: "KL of the next-token distributions before each token, tuned from base, in nats"
    })
  )
})
export type ScoredTokens = typeof ScoredTokens.Type

/** An answer that could not be scored; another process tries again. */
const UnscoredTokens = Schema.Struct({
  type: Schema.Literal("unscored"),
  unit: Unit,
  answer: Schema.String,
  reason: Schema.String
})

/** One line of a gate's `logprobs.ndjson`. */
export const LedgerRecord = Schema.Union([LedgerSession, ScoredTokens, UnscoredTokens]).annotate({
  identifier: "LedgerRecord"
})
export type LedgerRecord = typeof LedgerRecord.Type

const Differences = Schema.Struct({
  mean: Nats.annotate({ description: "Mean absolute difference over all tokens, nats a token" }),
  largest: Nats.annotate({ description: "The largest of the prompts' own means, nats a token" })
})

/** Both models on a few prompts before anything is asked, and each model beside itself. */
export const Probe = Schema.Struct({
  prompts: Count,
  tokens: Count,
  ratio: Differences.annotate({ description: "|ln tuned - ln base| of the same tokens" }),
  scoredTwice: Differences.annotate({ description: "The same text scored twice by one model, the worse of both" }),
  drawnAndScored: Schema.NullOr(Differences).annotate({
    description: "Tokens as they were drawn and as they are scored; null where the engine does not tell"
  }),
  floor: Nats.annotate({ description: "What the engine differs from itself by, nats a token" }),
  identical: Schema.Boolean.annotate({ description: "Whether the mean ratio lies within the floor" })
}).annotate({ identifier: "Probe" })
export type Probe = typeof Probe.Type

const Contribution = Schema.Struct({
  name: Schema.String,
  prompts: Count,
  contribution: Schema.Finite.annotate({ description: "Part of the signed estimate; parts add up to it" })
})

/** How far one measure can have risen, from the tuned model's answers alone. */
export const RiseEntry = Schema.Struct({
  measure: Measure,
  role: Schema.Literals(["gated", "tracked"]),
  observed: Schema.NullOr(Schema.Struct({ difference: Drift, ...Limits.fields })).annotate({
    description: "Paired drift of the gate, with its own limits"
  }),
  signed: Schema.NullOr(Schema.Struct({
    estimate: Drift,
    limits: Schema.NullOr(Limits).annotate({ description: "Asymptotic; null where the prompts do not differ at all" })
  })).annotate({ description: "E_tuned[u (1 - e^-l)] over answers that are scored" }),
  certificate: Schema.Struct({
    estimate: Rate.annotate({ description: "c = E_tuned[u (1 - e^-l)+]" }),
    upper: Rate.annotate({ description: "Betting limit of c under the declared shuffle: the number to show" }),
    hoeffding: Rate.annotate({ description: "Limit for exactly this list of prompts" }),
    vacuous: Schema.Boolean,
    imputed: Count.annotate({ description: "Answers without evidence, counted as the largest possible rise" })
  }),
  ceiling: Schema.NullOr(Schema.Struct({
    estimate: Rate.annotate({ description: "Highest tuned rate that the base's rate and the KL allow, at estimates" }),
    vacuous: Schema.Boolean
  })),
  contradicts: Schema.Boolean.annotate({
    description: "Whether the observed drift's lower limit exceeds the certificate: a fault, not a discovery"
  }),
  attribution: Schema.Array(Contribution).annotate({ description: "By category, largest first" }),
  attacks: Schema.optionalKey(
    Schema.Array(Contribution).annotate({ description: "By attack, largest first, where samples name theirs" })
  ),
  leading: Schema.Array(Schema.Struct({
    sample: Schema.String,
    contribution: Schema.Finite
  })).annotate({ description: "Prompts that contribute most, at most five" }),
  statement: Schema.String
}).annotate({ identifier: "RiseEntry" })
export type RiseEntry = typeof RiseEntry.Type

/** What moved in one suite. */
export const LedgerSuite = Schema.Struct({
  suite: Schema.String,
  prompts: Count.annotate({ description: "Prompts, or goals where several prompts share one" }),
  answers: Schema.Struct({ planned: Count, scored: Count }),
  temperature: Schema.Finite,
  kl: Schema.Struct({
    method: Schema.Literals(["exact", "trend", "none"]).annotate({
      description: "exact: from full distributions; trend: sum of e^-l - 1 + l over tokens, which carries no limit"
    }),
    first: Schema.NullOr(Nats).annotate({ description: "Over the first token, nats" }),
    firstFour: Schema.NullOr(Nats),
    sequence: Schema.NullOr(Nats),
    standardError: Schema.NullOr(Nats).annotate({ description: "Over prompts; only where exact" })
  }),
  variation: Schema.NullOr(Schema.Struct({
    first: Rate,
    firstFour: Rate,
    sequence: Rate,
    upper: Rate.annotate({ description: "Betting limit over whole answers" })
  })).annotate({ description: "Total variation; counts harmless changes of wording too" }),
  measures: Schema.Array(RiseEntry)
}).annotate({ identifier: "LedgerSuite" })
export type LedgerSuite = typeof LedgerSuite.Type

/** How far the policy moved, beside the verdict; it decides nothing. */
export const Ledger = Schema.Struct({
  alpha: Schema.Finite,
  seed: Count.annotate({ description: "Of the shuffle of prompts: the plan's, declared before anything was asked" }),
  probe: Schema.NullOr(Probe),
  suites: Schema.Array(LedgerSuite),
  left: Schema.Array(Schema.Struct({ suite: Schema.String, reason: Schema.String })).annotate({
    description: "Suites without a ledger, and why"
  })
}).annotate({ identifier: "Ledger" })
export type Ledger = typeof Ledger.Type
