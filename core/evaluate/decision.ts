import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { CalibrationRecord } from "../domain/calibration.ts"
import type { Decision, NoiseFloor, Reused } from "../domain/decision.ts"
import { digestOf } from "../domain/digest.ts"
import type { Probe } from "../domain/ledger.ts"
import type { Policy } from "../domain/policy.ts"
import { InternalProblem } from "../domain/problem.ts"
import { decide, type Decided } from "../gate/decide.ts"
import type { GuardName } from "../gate/guards.ts"
import { type LedgerInput, ledgerOf } from "../gate/ledger.ts"
import { makeFolder } from "../run/directory.ts"
import { readJudged } from "../run/judged.ts"
import { readResults, type StoredRun } from "../run/stored-run.ts"
import { readAnchors } from "./anchors.ts"
import { alikeIn, mixedIn, readAnswers, servedIn } from "./answers.ts"
import { calibrationsOf } from "./calibrations.ts"
import { environment } from "./environment.ts"

/** A decision, and where it lies. */
export interface StoredDecision {
  readonly decision: Decision
  readonly folder: string
}

const disk = (where: string) => (cause: { readonly message: string }) =>
  new InternalProblem({
    reason: "disk",
    what: `the decision can't be written: ${cause.message}`,
    where,
    fix: "Free space and run the same command again; no answer is lost.",
    cause
  })

const writeDecided = Effect.fnUntraced(function*(folder: string, { decision, flips }: Decided) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* makeFolder(folder)
  const write = (name: string, text: string) => {
    const file = path.join(folder, name)
    // A reader never sees half a decision.
    return fs.writeFileString(`${file}.tmp`, text, { mode: 0o600 }).pipe(
      Effect.andThen(fs.rename(`${file}.tmp`, file)),
      Effect.mapError(disk(file))
    )
  }
  let lines = ""
  for (const flip of flips) lines += JSON.stringify(flip) + "\n"
  yield* write("flips.jsonl", lines)
  yield* write("decision.json", JSON.stringify(decision, null, 2) + "\n")
  return folder
})

/** Two stored runs and everything that a decision on them rests on. */
export interface DecisionInput {
  readonly out: string
  readonly base: StoredRun
  readonly tuned: StoredRun
  readonly policy: Policy
  /** Records of scorers' errors; those of other behaviours are passed over. */
  readonly records: ReadonlyArray<CalibrationRecord>
  readonly overrides?: ReadonlyArray<GuardName>
  readonly noiseFloor?: boolean
  /** Whether the gate looked while the answers came in. */
  readonly sequential?: boolean
  /** The base against itself, to stand beside the drift. */
  readonly floor?: NoiseFloor
  /** 1-based, when the policy spends alpha over looks. */
  readonly look?: number
  /** Both models on a few prompts, where they could be scored. */
  readonly probe?: Probe | undefined
  /** Why they could not be, where that was due. */
  readonly notProbed?: string | undefined
  /** Earlier answers of arms known by name only. @default those before the last session that asked */
  readonly reused?: ReadonlyArray<Reused>
  /** Whether the tuned model may be the base model. */
  readonly allowIdentical?: boolean
  /** Answers under both models, to stand beside the verdict. */
  readonly ledger?: LedgerInput | undefined
}

/** Everything but the clock that can change what is decided and told names a gate: a decision never takes the place of another. */
const gateId = (
  { base, floor, look, noiseFloor, overrides = [], policy, records, ...input }: DecisionInput,
  ledger: boolean
): string => {
  const judged = calibrationsOf(input.tuned.plan, records).filter(({ kind }) => kind === "measured")
  const key = digestOf({
    base: base.plan.run,
    tuned: input.tuned.plan.run,
    policy,
    look,
    noiseFloor,
    sequential: input.sequential === true ? true : undefined,
    floor: floor?.decision,
    overrides: overrides.length === 0 ? undefined : overrides.toSorted(),
    calibrations: judged.length === 0 ? undefined : judged,
    allowIdentical: input.allowIdentical === true ? true : undefined,
    // Nothing in the verdict hangs on it, but it is written with the decision and can't be read off the runs again.
    ledger: ledger ? true : undefined,
    indistinguishable: input.probe?.identical === true ? true : undefined
  }).slice(0, 12)
  return `${input.tuned.plan.run.replace(/-[0-9a-f]{12}$/, "")}-${key}`
}

/** Where `decideRuns` writes what it decides of the same input; `ledger`: whether one will stand beside it. */
export const gateFolder = Effect.fnUntraced(function*(input: DecisionInput, ledger = input.ledger !== undefined) {
  return (yield* Path.Path).join(input.out, "gates", gateId(input, ledger))
})

/** Decides between two stored runs, and writes `decision.json` and `flips.jsonl`; the same input gives the same bytes. */
export const decideRuns = Effect.fn("Decision.decideRuns")(function*(input: DecisionInput) {
  const { base, policy, tuned } = input
  const results = { base: yield* readResults(base), tuned: yield* readResults(tuned) }
  const answers = { base: yield* readAnswers(base), tuned: yield* readAnswers(tuned) }
  const { reused = [] } = input
  const mixed = (["base", "tuned"] as const)
    .filter((arm) => !reused.some((one) => one.arm === arm))
    .flatMap((arm) => mixedIn(arm, input[arm], answers[arm]))
  const decided = decide({
    base: {
      plan: base.plan,
      units: results.base,
      judged: yield* readJudged(base),
      anchors: yield* readAnchors(base.directory),
      served: servedIn(answers.base)
    },
    tuned: {
      plan: tuned.plan,
      units: results.tuned,
      judged: yield* readJudged(tuned),
      anchors: yield* readAnchors(tuned.directory),
      served: servedIn(answers.tuned)
    },
    policy,
    calibrations: calibrationsOf(tuned.plan, input.records),
    now: yield* Clock.currentTimeMillis,
    ...(input.overrides === undefined ? {} : { overrides: input.overrides }),
    ...(input.noiseFloor === undefined ? {} : { noiseFloor: input.noiseFloor }),
    ...(input.look === undefined ? {} : { look: input.look }),
    ...(input.sequential === undefined ? {} : { sequential: input.sequential }),
    ...(input.floor === undefined ? {} : { floor: input.floor }),
    ...(input.allowIdentical === undefined ? {} : { allowIdentical: input.allowIdentical }),
    probe: input.probe,
    notProbed: input.notProbed,
    reused: [...reused, ...mixed],
    alike: alikeIn(results, answers.base, answers.tuned),
    environment: yield* environment()
  })
  const decision = input.ledger === undefined
    ? decided.decision
    : { ...decided.decision, ledger: ledgerOf(decided.decision, input.ledger) }
  const folder = yield* writeDecided(yield* gateFolder(input), { ...decided, decision })
  return { decision, folder } satisfies StoredDecision as StoredDecision
})
