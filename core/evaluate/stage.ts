import * as Clock from "effect/Clock"
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { CalibrationRecord } from "../domain/calibration.ts"
import type { Plan } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import type { Comparison, Model } from "../domain/trajectory.ts"
import { alphaOf, driftsOf, risesOf, stageOf } from "../gate/trajectory.ts"
import type { StoredRun } from "../run/stored-run.ts"
import type { RunSummary } from "../run/summary.ts"
import { reusedIn } from "./answers.ts"
import { calibrationsOf } from "./calibrations.ts"
import { clustersOf } from "./clusters.ts"
import { decideRuns, type DecisionInput, gateFolder, type StoredDecision } from "./decision.ts"
import type { PreparedEvaluation } from "./evaluate.ts"
import type { Listener } from "./execute.ts"
import { requirePassable } from "./gate.ts"
import type { LedgerChoice } from "./ledger-choice.ts"
import { scoreAnswers } from "./ledger.ts"
import type { Part } from "./part.ts"
import type { ProbeResult } from "./probe.ts"
import type { Settings } from "./settings.ts"

/** What deciding on a stage needs of its command. */
export interface Judging {
  readonly settings: Settings
  readonly records: ReadonlyArray<CalibrationRecord>
  readonly listener: Listener
  readonly drain: Deferred.Deferred<string>
  /** When the command began, in Unix milliseconds: later answers are its own. */
  readonly began: number
  /** A part of the samples was asked as far as it will be. */
  readonly asked: (summary: RunSummary) => Effect.Effect<void>
}

/** One of the up to four decisions of a look. */
export interface StageDecision {
  readonly stage: "selection" | "confirmation"
  readonly since: "base" | "accepted"
  readonly stored: StoredDecision
}

export const modelOf = ({ target }: Plan): Model => ({ spec: target.spec, behaviour: target.identity.behaviour })

/** Fails when no answers to a part could pass, so that no look is spent on it. */
export const requirePassablePart = Effect.fnUntraced(function*(
  policy: Policy,
  { suites }: Part,
  records: ReadonlyArray<CalibrationRecord>,
  look?: number
) {
  const planned = suites.map(({ toPlan }) => ({ ...toPlan, id: toPlan.population.suite }))
  const where = look === undefined
    ? "confirmation"
    : `look ${look} at one-sided alpha ${alphaOf(policy, look).toPrecision(3)}`
  yield* requirePassable(`policy ${policy.name}, ${where}`, policy, {
    suites: planned.map(({ population, ...suite }) => ({
      ...suite,
      samples: population.samples.length,
      clusters: clustersOf(population.samples)
    })),
    calibrations: calibrationsOf({ suites: planned }, records),
    now: yield* Clock.currentTimeMillis,
    ...(look === undefined ? {} : { look })
  })
})

/** What the comparison with the base knows beside both runs. */
export interface SinceBase {
  /** Suites whose answers are scored under both models; undefined: none. */
  readonly choice: LedgerChoice | undefined
  /** undefined when none was due. */
  readonly probed: ProbeResult | undefined
  readonly allowIdentical: boolean
}

/** Asks what is open of a part, scores it under both models and decides on it; undefined when a signal stopped it. */
export const decideStage = Effect.fnUntraced(function*(
  prepared: PreparedEvaluation,
  { accepted, alpha, look, name, policy, since: { allowIdentical, choice, probed } }: {
    readonly name: StageDecision["stage"]
    readonly accepted: StoredRun | undefined
    readonly alpha: number
    readonly look?: number
    readonly policy: Policy
    readonly since: SinceBase
  },
  { asked, began, drain, listener, records, settings: { concurrency, deadlineMillis, out } }: Judging
) {
  const path = yield* Path.Path
  const summary = yield* prepared.run(listener, drain)
  yield* asked(summary)
  if (summary.stopped?.kind === "drained") return undefined
  const [base, tuned] = prepared.arms.map(({ run }) => run)
  const [baseModel, tunedModel] = prepared.targets
  const beside = (reference: StoredRun): DecisionInput => ({
    out,
    base: reference,
    tuned: tuned!,
    policy,
    records,
    ...(look === undefined ? {} : { look })
  })
  const withBase = { ...beside(base!), ...probed, ...(allowIdentical ? { allowIdentical } : {}) }
  const ledger = choice === undefined ? undefined : yield* scoreAnswers({
    folder: yield* gateFolder(withBase, true),
    base: { run: base!, target: baseModel!.target },
    tuned: { run: tuned!, target: tunedModel!.target },
    choice,
    probe: probed?.probe,
    concurrency,
    deadlineMillis,
    drain
  })
  if (choice !== undefined && ledger === undefined) return undefined
  const compare = Effect.fnUntraced(function*(input: DecisionInput) {
    const stored = yield* decideRuns({ ...input, reused: yield* reusedIn(summary, input, began) })
    const { plan } = input.base
    const rises = risesOf(stored.decision)
    const comparison: Comparison = {
      reference: modelOf(plan),
      verdict: stored.decision.verdict,
      decision: path.relative(out, stored.folder),
      runs: { reference: plan.run, candidate: tuned!.plan.run },
      drifts: driftsOf(stored.decision),
      ...(rises === undefined ? {} : { rises })
    }
    return { stored, comparison }
  })
  const sinceBase = yield* compare({ ...withBase, ledger })
  const sinceAccepted = accepted === undefined ? undefined : yield* compare(beside(accepted))
  const decisions: ReadonlyArray<StageDecision> = [
    { stage: name, since: "base", stored: sinceBase.stored },
    ...(sinceAccepted === undefined
      ? []
      : [{ stage: name, since: "accepted", stored: sinceAccepted.stored } as const])
  ]
  return { stage: stageOf(alpha, sinceBase.comparison, sinceAccepted?.comparison), decisions }
})
