/** Two runs made from a few counts: what the tests of this folder and of its readers decide on. */
import type { Measure, Measures } from "../domain/measures.ts"
import type { Outcome, Pending } from "../domain/outcome.ts"
import { type Plan, type PlannedSuite, type PlannedUnit, planSchema } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import type { Arm, ArmUnit } from "./arm.ts"
import type { Calibration } from "./calibration.ts"
import { decide, type Decided, type DecideInput } from "./decide.ts"

/** A value of the suite's gated measure, all measures, or how the answer was lost. */
export type Cell = number | Measures | Exclude<Outcome["status"], "scored"> | "pending" | "cut"

export interface SuiteScenario {
  readonly id: string
  /** @default harmful */
  readonly kind?: PlannedSuite["kind"]
  /** @default gated */
  readonly role?: PlannedSuite["role"]
  /** @default unsafe, refused or wrong, by kind */
  readonly gates?: ReadonlyArray<Measure>
  readonly tracks?: ReadonlyArray<Measure>
  /** [base, tuned] for each unit, in the declared order. */
  readonly cells: ReadonlyArray<readonly [Cell, Cell]>
  /** Units that follow each other and share a cluster. @default 1 */
  readonly clusterSize?: number
  /** Units that follow each other and are epochs of one sample. @default 1 */
  readonly epochs?: number
  /** Goal of the i-th unit. @default unique */
  readonly goal?: (i: number) => string
  /** Reason of not-needed and skipped units. @default stopped */
  readonly reason?: string
}

const repeat = (count: number, cell: readonly [Cell, Cell]): ReadonlyArray<readonly [Cell, Cell]> =>
  Array.from({ length: count }, () => cell)

/** n binary pairs: b worse and c better in the tuned arm, the rest 0 in both. */
export const counted = (b: number, c: number, n: number): SuiteScenario["cells"] => [
  ...repeat(b, [0, 1]),
  ...repeat(c, [1, 0]),
  ...repeat(n - b - c, [0, 0])
]

const gatedBy = { harmful: "unsafe", benign: "refused", task: "wrong" } as const

const decoding = { temperature: 0, topP: 1, topK: 0, maxTokens: 512 }

const plannedSuite = (suite: SuiteScenario): PlannedSuite => {
  const { cells, clusterSize = 1, epochs = 1, id, kind = "harmful", role = "gated" } = suite
  const plugin = { id, version: "1-A", digest: "d".repeat(64) }
  return {
    id,
    selection: id,
    plugin,
    kind,
    role,
    gates: suite.gates ?? [gatedBy[kind]],
    tracks: suite.tracks ?? [],
    clustered: clusterSize > 1,
    decoding,
    epochs,
    scorer: { id: "judge", plugin, behaviour: "b".repeat(64), roles: {}, assets: [] },
    samples: cells.length / epochs,
    excluded: {},
    items: `items of ${id}`,
    shown: `shown of ${id}`,
    assets: []
  }
}

const outcomeOf = (cell: Cell, measure: Measure, reason: string): Outcome | Pending => {
  if (typeof cell === "number") return { status: "scored", measures: { [measure]: cell }, complete: true }
  if (typeof cell === "object") return { status: "scored", measures: cell, complete: true }
  switch (cell) {
    case "cut":
      return { status: "scored", measures: { [measure]: 0 }, complete: false }
    case "pending":
      return { status: "pending" }
    case "unscored":
      return { status: "unscored", reason: "unparseable" }
    case "blocked":
      return { status: "blocked", stage: "output" }
    case "unanswered":
      return { status: "unanswered", why: "empty" }
    case "errored":
      return { status: "errored", stage: "generation", reason: "deadline" }
    case "skipped":
    case "not-needed":
      return { status: cell, reason }
  }
}

const unitsOf = (suite: SuiteScenario, side: 0 | 1): ReadonlyArray<ArmUnit> => {
  const { cells, clusterSize = 1, epochs = 1, goal, id, kind = "harmful", reason = "stopped" } = suite
  const measure = suite.gates?.[0] ?? gatedBy[kind]
  return cells.map((pair, i) => {
    const sample = Math.floor(i / epochs)
    const unit: PlannedUnit = {
      suite: id,
      sample: `s${sample}`,
      epoch: i % epochs,
      prompt: `prompt ${goal?.(i) ?? `${id} ${sample}`}`,
      goal: goal?.(i) ?? `goal ${id} ${sample}`,
      seed: i,
      ...(clusterSize > 1 ? { cluster: `c${Math.floor(sample / clusterSize)}` } : {}),
      category: `k${sample % 3}`
    }
    return { unit, outcome: outcomeOf(pair[side], measure, reason) }
  })
}

/** One arm of a scenario; `behaviour` says which model it is. */
export const armOf = (suites: ReadonlyArray<SuiteScenario>, side: 0 | 1, behaviour: string): Arm => {
  const units = suites.flatMap((suite) => unitsOf(suite, side))
  const plan: Plan = {
    schema: planSchema,
    run: side === 0 ? "run-base" : "run-tuned",
    target: {
      spec: `replay:${behaviour}.jsonl`,
      identity: { behaviour, full: `${behaviour} full`, verifiable: true, parts: {} }
    },
    seed: 7,
    suites: suites.map(plannedSuite),
    units: { count: units.length, sha256: "0".repeat(64) }
  }
  return { plan, units }
}

/** A policy without a demand for calibration, with margins of five points; `changes` on top. */
export const plainPolicy = (changes: Partial<Policy> = {}): Policy => ({
  schema: "driftgate.policy/1",
  name: "plain",
  alpha: 0.05,
  spending: "none",
  exact: false,
  failMargin: 0,
  minCoverage: 0.9,
  margins: { suite: 0.05, macro: 0.05, overRefusal: 0.05, capability: 0.05, suites: {} },
  ceilings: {},
  judge: { required: [], minimumJ: 0.5, weak: "annotate" },
  requireComplied: false,
  profileMargins: true,
  waivers: [],
  annotations: [],
  ...changes
})

/** 2026-06-15T12:00:00Z */
export const noon = 1_781_524_800_000

/** A record of a judge that never erred on n labelled answers of each kind. */
export const flawless = (suite: string, measure: Measure, n: number): Calibration => ({
  suite,
  measure,
  kind: "measured",
  sensitivity: { x: n, n },
  specificity: { x: n, n }
})

/** Decides on a scenario under the plain policy. */
export const decideOn = (
  suites: ReadonlyArray<SuiteScenario>,
  changes: Partial<Policy> = {},
  rest: Partial<DecideInput> = {}
): Decided =>
  decide({
    base: armOf(suites, 0, "base"),
    tuned: armOf(suites, 1, "tuned"),
    policy: plainPolicy(changes),
    now: noon,
    environment: {},
    ...rest
  })
