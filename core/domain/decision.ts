import * as Schema from "effect/Schema"
import { CascadeUse, PanelUse } from "./judging.ts"
import { Ledger } from "./ledger.ts"
import { Measure } from "./measures.ts"
import { outcomeStatuses } from "./outcome.ts"
import { Identity, SuiteKind, SuiteRole } from "./plan.ts"
import { Policy, Waiver } from "./policy.ts"

export const decisionSchema = "driftgate.decision/1"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Rate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Drift = Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 }))

/** What the gate says; only `pass` is a pass. */
export const Verdict = Schema.Literals(["pass", "fail", "inconclusive", "incomplete", "invalid"])
export type Verdict = typeof Verdict.Type

/** Words beside a verdict that change how it is to be read. */
export const Annotation = Schema.Literals([
  "regressed-within-margin",
  "smoke",
  "uncalibrated",
  "weak-judge",
  "stopped-early",
  "noise-floor",
  "identical",
  "not-probed",
  "reused-by-name",
  "served-alike",
  "same-answers",
  "overridden",
  "weakened",
  "no-harm-suite",
  "no-over-refusal-control",
  "waived"
])
export type Annotation = typeof Annotation.Type

/** How the interval of a drift was made. */
export const Method = Schema.Literals(["tango", "betting", "e-process", "mover", "none"])
export type Method = typeof Method.Type

/** One arm's own scored answers; `count` is null where it is not a whole number of independent answers. */
export const ArmRate = Schema.Struct({
  count: Schema.NullOr(Count),
  n: Count.annotate({ description: "Answers with a value of the measure" }),
  rate: Schema.NullOr(Rate),
  lower: Schema.NullOr(Rate),
  upper: Schema.NullOr(Rate)
}).annotate({ identifier: "ArmRate" })
export type ArmRate = typeof ArmRate.Type

const Limits = Schema.Struct({ lower: Drift, upper: Drift })

/** A drift with its one-sided limits; the counts are null for graded, repeated or clustered scores. */
export const DriftLimits = Schema.Struct({
  difference: Drift,
  lower: Drift,
  upper: Drift,
  n: Count.annotate({ description: "Pairs behind it" }),
  becameBad: Schema.NullOr(Count),
  becameGood: Schema.NullOr(Count)
}).annotate({ identifier: "DriftLimits" })
export type DriftLimits = typeof DriftLimits.Type

const bounds = <S extends Schema.Constraint>(limits: S) =>
  Schema.Struct({
    complete: Schema.NullOr(limits).annotate({ description: "Pairs scored in both arms" }),
    worst: Schema.NullOr(limits).annotate({ description: "Missing: bad in the tuned arm, good in the base arm" }),
    best: Schema.NullOr(limits).annotate({ description: "Missing: good in the tuned arm, bad in the base arm" })
  })

const perArm = <S extends Schema.Constraint>(value: S) => Schema.Struct({ base: value, tuned: value })

const Outcomes = Schema.Record(Schema.Literals(outcomeStatuses), Count)

const JudgeRate = Schema.Struct({ x: Count, n: Count, lower: Rate })

/** What is known of a scorer's error, and the lower limit of J = Se + Sp - 1 that the margin is multiplied by. */
export const CalibrationUse = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("exact") }),
  Schema.Struct({
    kind: Schema.Literal("measured"),
    sensitivity: JudgeRate,
    specificity: JudgeRate,
    jLower: Drift,
    source: Schema.optionalKey(Schema.String)
  })
]).annotate({ identifier: "CalibrationUse" })
export type CalibrationUse = typeof CalibrationUse.Type

const Coverage = Schema.NullOr(Rate).annotate({ description: "Scored share of what was asked; null: nothing was" })

const EProcess = Schema.Struct({
  pass: Schema.Finite,
  fail: Schema.Finite,
  list: Schema.optionalKey(Schema.Finite.annotate({
    description: "For a pass of exactly the planned prompts, without replacement: a weaker claim, which never decides"
  })),
  threshold: Schema.Finite.annotate({ description: "1 / alpha; capped at 1e300 like the values" })
})

/** Pairs that were not asked because nothing they could have been would change the verdict. */
const Unasked = Schema.Struct({
  pairs: Count,
  mayBecomeBad: Count.annotate({ description: "Those that could still have become bad" }),
  mayBecomeGood: Count.annotate({ description: "Those that could still have become good" })
})

/** What is said alike of suites and pools. */
const assessed = {
  method: Method,
  n: Count.annotate({ description: "Pairs scored in both arms" }),
  planned: Count.annotate({ description: "Planned units" }),
  clusters: Count,
  base: ArmRate,
  tuned: ArmRate,
  becameBad: Schema.NullOr(Count),
  becameGood: Schema.NullOr(Count),
  difference: Schema.NullOr(Drift),
  bounds: bounds(DriftLimits),
  studentT: Schema.optionalKey(Limits.annotate({ description: "Shown beside betting limits, never decides" })),
  eProcess: Schema.optionalKey(EProcess),
  unasked: Schema.optionalKey(Unasked),
  limit: Schema.NullOr(Drift).annotate({
    description: "The upper limit that decides: pass needs it below marginObserved"
  }),
  margin: Schema.NullOr(Rate),
  marginObserved: Schema.NullOr(Drift).annotate({ description: "margin * J_L" }),
  verdict: Schema.NullOr(Verdict).annotate({ description: "null for what is only tracked" }),
  annotations: Schema.Array(Annotation),
  waived: Schema.Boolean.annotate({ description: "Whether a waiver keeps this verdict from blocking" }),
  coverage: perArm(Coverage),
  incompleteAnswers: perArm(Count.annotate({ description: "Scored answers cut by the token limit" })),
  outcomes: perArm(Outcomes),
  calibration: Schema.NullOr(CalibrationUse),
  pValue: Schema.NullOr(Rate).annotate({ description: "One-sided, of a regression, in the best case" }),
  holmAdjusted: Schema.NullOr(Rate),
  itemsThatWouldDecide: Schema.optionalKey(Count.annotate({ description: "With probability 0.8 at these rates" }))
}

/** One measure of one suite. */
export const SuiteDecision = Schema.Struct({
  suite: Schema.String,
  measure: Measure,
  kind: SuiteKind,
  role: SuiteRole,
  pool: Schema.optionalKey(Schema.String.annotate({ description: "The pool that decides on this suite" })),
  scorer: Schema.Struct({ id: Schema.String, behaviour: Schema.String }),
  cascade: Schema.optionalKey(CascadeUse),
  panel: Schema.optionalKey(PanelUse),
  ceiling: Schema.optionalKey(Schema.Struct({
    highest: Rate.annotate({ description: "Of the policy" }),
    upper: Schema.NullOr(Rate).annotate({ description: "Upper limit of the tuned rate, missing answers as bad" })
  })),
  ...assessed
}).annotate({ identifier: "SuiteDecision" })
export type SuiteDecision = typeof SuiteDecision.Type

/** Pairs of several suites joined, without repeated goals. */
export const PoolDecision = Schema.Struct({
  name: Schema.String,
  measure: Measure,
  role: SuiteRole,
  members: Schema.Array(Schema.String),
  duplicates: Count.annotate({
    description: "Units left out because an earlier member asks the same goal in the same words"
  }),
  lower: Schema.NullOr(Drift),
  upper: Schema.NullOr(Drift),
  ...assessed
}).annotate({ identifier: "PoolDecision" })
export type PoolDecision = typeof PoolDecision.Type

const MacroLimits = Schema.Struct({ difference: Drift, lower: Drift, upper: Drift })

/** The mean drift over suites with equal weights. */
export const MacroDecision = Schema.Struct({
  name: Schema.String,
  measure: Measure,
  role: SuiteRole,
  members: Schema.Array(Schema.Struct({ suite: Schema.String, jLower: Drift })),
  method: Method,
  difference: Schema.NullOr(Drift),
  lower: Schema.NullOr(Drift),
  upper: Schema.NullOr(Drift),
  bounds: bounds(MacroLimits),
  limit: Schema.NullOr(Drift).annotate({
    description: "The upper limit that decides, each member's harmful part divided by its J_L"
  }),
  margin: Rate,
  marginObserved: Schema.NullOr(Drift),
  verdict: Schema.NullOr(Verdict),
  annotations: Schema.Array(Annotation),
  waived: Schema.Boolean,
  coverage: perArm(Coverage),
  pValue: Schema.NullOr(Rate),
  holmAdjusted: Schema.NullOr(Rate)
}).annotate({ identifier: "MacroDecision" })
export type MacroDecision = typeof MacroDecision.Type

/** Something that had to be equal, or different, in both runs. */
export const Guard = Schema.Struct({
  name: Schema.String,
  ok: Schema.Boolean,
  base: Schema.String,
  tuned: Schema.String,
  detail: Schema.optionalKey(Schema.String),
  overridden: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "Guard" })
export type Guard = typeof Guard.Type

const Arm = Schema.Struct({ run: Schema.String, spec: Schema.String, identity: Identity, units: Count })

/** How often the base model differs from itself under another seed, beside the drift that is judged. */
export const NoiseFloor = Schema.Struct({
  decision: Schema.String.annotate({
    description: "Folder under gates/ that holds the comparison of base with itself"
  }),
  verdict: Verdict,
  entries: Schema.Array(Schema.Struct({
    name: Schema.String.annotate({ description: "Suite or pool" }),
    measure: Measure,
    n: Count,
    difference: Schema.NullOr(Drift),
    discordance: Schema.NullOr(Rate).annotate({
      description: "Share of pairs that differ; null where pairs are no counts"
    })
  }))
}).annotate({ identifier: "NoiseFloor" })
export type NoiseFloor = typeof NoiseFloor.Type

/** Answers of an earlier time that an arm rests on. */
export const Reused = Schema.Struct({
  arm: Schema.Literals(["base", "tuned"]),
  answers: Count,
  of: Schema.optionalKey(Count.annotate({ description: "All answers of the arm; absent: there are no others" })),
  cached: Schema.optionalKey(
    Count.annotate({
      description: "Those that the response cache gave, at these times; when they were drawn is not known"
    })
  ),
  from: Schema.Int.annotate({ description: "Unix time of the first answer, in milliseconds" }),
  to: Schema.Int
}).annotate({ identifier: "Reused" })
export type Reused = typeof Reused.Type

const exitCode = Schema.Literals([0, 10, 11, 12, 13])

/** `decision.json`: the verdict with everything that it rests on. Names are stable; members are added, not renamed. */
export const Decision = Schema.Struct({
  schema: Schema.Literal(decisionSchema),
  verdict: Verdict,
  exitCode,
  reasons: Schema.Array(Schema.String),
  annotations: Schema.Array(Annotation),
  policy: Policy,
  arms: perArm(Arm),
  suites: Schema.Array(SuiteDecision),
  pools: Schema.Array(PoolDecision),
  macros: Schema.Array(MacroDecision),
  reasoning: Schema.optionalKey(
    Schema.Array(SuiteDecision).annotate({
      description: "`unsafe` of reasoning texts, tracked, of suites whose reasoning is judged apart"
    })
  ),
  guards: Schema.Array(Guard),
  waivers: Schema.Array(Schema.Struct({
    ...Waiver.fields,
    state: Schema.Literals(["applied", "unused", "expired"])
  })),
  notAsked: Schema.Array(Schema.Struct({
    suite: Schema.String,
    status: Schema.Literals(["not-needed", "skipped"]),
    reason: Schema.String,
    base: Count,
    tuned: Count
  })),
  errors: Schema.optionalKey(
    perArm(Schema.Record(Schema.String, Count)).annotate({ description: "Units that ended in an error, by reason" })
  ),
  reused: Schema.optionalKey(
    Schema.Array(Reused).annotate({
      description: "Arms known by name only that rest on answers of an earlier time, in whole or in part"
    })
  ),
  noiseFloor: Schema.optionalKey(NoiseFloor),
  sequential: Schema.optionalKey(Schema.Boolean.annotate({
    description: "The gate looked while the answers came in: only evidence that holds at every look decided"
  })),
  ledger: Schema.optionalKey(Ledger),
  alpha: Schema.Struct({
    drift: Schema.Finite,
    judge: Schema.Finite,
    look: Schema.optionalKey(Count)
  }).annotate({ description: "One-sided error rates of the drift's interval and of the judge's two limits together" }),
  environment: Schema.Json
}).annotate({ identifier: "Decision" })
export type Decision = typeof Decision.Type

export const flipDirections = ["became-bad", "became-good"] as const

/** One line of `flips.jsonl`: a unit whose measure crossed one half between the arms. */
export const Flip = Schema.Struct({
  suite: Schema.String,
  sample: Schema.String,
  epoch: Count,
  measure: Measure,
  direction: Schema.Literals(flipDirections),
  base: Rate,
  tuned: Rate,
  category: Schema.optionalKey(Schema.String),
  cluster: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Flip" })
export type Flip = typeof Flip.Type
