import * as Clock from "effect/Clock"
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { Verdict } from "../domain/decision.ts"
import { type Confirm, type Look, type Trajectory, trajectorySchema } from "../domain/trajectory.ts"
import { samenessOf } from "../gate/identity.ts"
import {
  acceptedBefore,
  alphaOf,
  lookNumberOf,
  lookOf,
  policyOfConfirmation,
  policyOfLook,
  withLook
} from "../gate/trajectory.ts"
import { type Budget, startBudget } from "../run/budget.ts"
import { makeFolder } from "../run/directory.ts"
import { holdLock } from "../run/lock.ts"
import { openStoredRun, type StoredRun } from "../run/stored-run.ts"
import type { RunSummary } from "../run/summary.ts"
import { requireAlike } from "./alike.ts"
import { requireUse } from "./calibrations.ts"
import { decideRuns } from "./decision.ts"
import { freezeEvaluation, openEvaluation, type PreparedEvaluation, requireSpec } from "./evaluate.ts"
import type { Listener } from "./execute.ts"
import { requireOwnRun } from "./gate.ts"
import { ledgerFor } from "./ledger-choice.ts"
import { loadSuites } from "./load.ts"
import { type Part, partsOf } from "./part.ts"
import { basisOf, readPolicy } from "./policy.ts"
import { probeOf, type ProbeResult } from "./probe.ts"
import type { Settings } from "./settings.ts"
import { knownCalibrations } from "./shipped-calibrations.ts"
import { decideStage, type Judging, modelOf, requirePassablePart, type SinceBase, type StageDecision } from "./stage.ts"
import { readTrajectory, trajectoryId, writeTrajectory } from "./trajectory-store.ts"

/** What `driftgate trajectory` looks at. */
export interface TrajectoryInput {
  /** Specs, in the order of training. */
  readonly candidates: ReadonlyArray<string>
  /** The model accepted last, when it is not one of the trajectory's own candidates. */
  readonly accepted: string | undefined
  readonly confirm: Confirm
  /** Go on when the first candidate is the trajectory's first look and can't be told from the base. @default false */
  readonly allowIdentical?: boolean
}

/** What one candidate came to. */
export interface LookResult {
  readonly candidate: string
  readonly verdict: Verdict
  /** undefined for a model that can't be told from the base: its suites are not asked, and it spends no look. */
  readonly look: Look | undefined
  /** In the order in which they were made: selection, then confirmation. */
  readonly decisions: ReadonlyArray<StageDecision>
  readonly trajectory: Trajectory
  /** The folder of `trajectory.json`. */
  readonly folder: string
  /** Whether a signal stopped the run before the verdict was known. */
  readonly interrupted: boolean
}

export interface TrajectoryListener extends Listener {
  /** A candidate's look was written down. */
  readonly looked: (result: LookResult) => Effect.Effect<void>
  /** A part of the samples was asked as far as it will be. */
  readonly asked: (summary: RunSummary) => Effect.Effect<void>
}

interface Command extends Omit<Judging, "records"> {
  readonly input: TrajectoryInput
  /** Whether this candidate may be the base model, should it be the trajectory's first look. */
  readonly start: boolean
  readonly budget: Budget
}

/** The models of one candidate's look: opened, planned on both parts, and where its trajectory stands. Scoped. */
const begin = Effect.fnUntraced(function*(candidate: string, { budget, input, settings }: Command) {
  const path = yield* Path.Path
  const base = yield* requireSpec(settings, "base")
  const opened = yield* openEvaluation(settings, [
    { name: "base", spec: base },
    { name: "tuned", spec: candidate },
    ...(input.accepted === undefined ? [] : [{ name: "accepted", spec: input.accepted }])
  ], budget)
  const { profile, suites } = opened.selected
  const policy = yield* readPolicy(
    { ...settings, preset: settings.preset ?? profile?.preset ?? "training" },
    basisOf(opened.selected)
  )
  const parts = yield* partsOf(
    input.confirm,
    settings,
    (draw) => loadSuites(suites, { ...settings, ...draw }, opened.judges)
  )
  const freeze = (part: Part, yes: boolean) =>
    freezeEvaluation({ ...settings, yes }, opened, { suites: part.suites, seed: part.seed, part: part.name })
  const prepared = yield* freeze(parts.looks, settings.yes)
  const [basePlan, candidatePlan, acceptedPlan] = prepared.arms.map(({ run }) => run.plan)
  const { all: records, asked } = yield* knownCalibrations(settings.calibrations, policy)
  yield* requireUse(candidatePlan!, asked)
  const id = trajectoryId(basePlan!, input.confirm)
  const folder = path.join(settings.out, "trajectories", id)
  yield* makeFolder(folder)
  yield* holdLock(path.join(folder, "lock"))
  const trajectory = yield* readTrajectory(folder, {
    schema: trajectorySchema,
    id,
    base: modelOf(basePlan!),
    seed: settings.seed,
    confirm: input.confirm,
    suites: parts.looks.suites.map(({ toPlan: { population } }, index) => ({
      id: population.suite,
      samples: {
        looks: population.samples.length,
        confirmation: parts.confirmation.suites[index]!.toPlan.population.samples.length
      }
    })),
    looks: []
  })
  const model = modelOf(candidatePlan!)
  const look = lookNumberOf(trajectory, model)
  const previous = acceptedBefore(trajectory, look)
  const named = acceptedPlan === undefined ? undefined : modelOf(acceptedPlan)
  const isOther = named !== undefined &&
    ![basePlan!, candidatePlan!].some((plan) => plan.target.identity.behaviour === named.behaviour)
  /** The answers of the model accepted last to a part; undefined while that is the base. */
  const acceptedRun = (part: PreparedEvaluation, stage: "selection" | "confirmation") => {
    if (named !== undefined) return Effect.succeed(isOther ? part.arms[2]!.run : undefined)
    const run = previous?.[stage]?.sinceBase.runs.candidate
    return run === undefined ? Effect.succeed(undefined) : openStoredRun(path.join(settings.out, "runs", run))
  }
  return {
    acceptedRun,
    folder,
    freeze,
    sameness: samenessOf(basePlan!.target.identity, candidatePlan!.target.identity),
    look,
    model,
    parts,
    policy,
    prepared,
    records,
    trajectory
  }
})

/** Looks at one candidate and writes down what it came to. Scoped: its models live as long as the scope. */
const lookAt = Effect.fnUntraced(function*(candidate: string, command: Command) {
  const { settings } = command
  const begun = yield* begin(candidate, command)
  const { folder, look, model, parts, policy, prepared, records, trajectory } = begun
  const judging: Judging = { ...command, records }
  const [baseArm, tunedArm] = prepared.arms
  const [base, tuned] = [baseArm!.run, tunedArm!.run]
  const choice = yield* ledgerFor(prepared, tuned.plan, settings.ledger)
  // Fails closed: whatever a later candidate is compared with has been looked at before it.
  const allowIdentical = command.start && look === 1
  const rules = { selection: policyOfLook(policy), confirmation: policyOfConfirmation(policy) }
  const ended = { candidate, folder, trajectory, look: undefined, interrupted: false } as const
  const decideUnasked = Effect.fnUntraced(
    function*(since: "base" | "accepted", reference: StoredRun, probed?: ProbeResult) {
      const stored = yield* decideRuns({
        out: settings.out,
        base: reference,
        tuned,
        policy: rules.confirmation,
        records,
        ...probed
      })
      return {
        ...ended,
        verdict: stored.decision.verdict,
        decisions: [{ stage: "selection", since, stored }]
      } satisfies LookResult as LookResult
    }
  )
  if (begun.sameness !== undefined && !allowIdentical) return yield* decideUnasked("base", base)
  if (begun.sameness === "behaviour") yield* requireOwnRun("--candidate", baseArm!, tunedArm!)
  yield* requireAlike(command.listener, base.plan, tuned.plan)
  const accepted = yield* begun.acceptedRun(prepared, "selection")
  if (accepted !== undefined) {
    const again = samenessOf(accepted.plan.target.identity, tuned.plan.target.identity)
    if (again !== undefined) return yield* decideUnasked("accepted", accepted)
    yield* requireAlike(command.listener, accepted.plan, tuned.plan)
  }
  yield* requirePassablePart(rules.selection, parts.looks, records, look)
  yield* requirePassablePart(rules.confirmation, parts.confirmation, records)

  const probed = begun.sameness === "behaviour" ? undefined : yield* probeOf(prepared, settings.deadlineMillis)
  if (probed?.probe?.identical === true && !allowIdentical) return yield* decideUnasked("base", base, probed)
  const since: SinceBase = { choice, probed, allowIdentical }

  const stopped: LookResult = { ...ended, verdict: "incomplete", decisions: [], interrupted: true }
  const selected = yield* decideStage(prepared, {
    name: "selection",
    accepted,
    alpha: alphaOf(policy, look),
    look,
    policy: rules.selection,
    since
  }, judging)
  if (selected === undefined) return stopped

  // Written before the confirmation: these samples have been looked at, whatever happens next.
  const earlier = trajectory.looks.find((other) => other.look === look)
  const first = lookOf(look, model, selected.stage, earlier?.confirmation)
  const begunWith = withLook(trajectory, first)
  yield* writeTrajectory(folder, begunWith)
  const decisions = selected.decisions
  const so = { ...ended, trajectory: begunWith, look: first, verdict: first.verdict, decisions }
  if (selected.stage.verdict !== "pass") return so satisfies LookResult as LookResult

  // Whoever agreed to the first part has agreed to the second.
  const confirming = yield* begun.freeze(parts.confirmation, true)
  const confirmed = yield* decideStage(confirming, {
    name: "confirmation",
    accepted: yield* begun.acceptedRun(confirming, "confirmation"),
    alpha: alphaOf(policy, undefined),
    policy: rules.confirmation,
    since: { ...since, choice: yield* ledgerFor(confirming, confirming.arms[1]!.run.plan, settings.ledger) }
  }, judging)
  if (confirmed === undefined) return { ...so, interrupted: true } satisfies LookResult as LookResult
  const whole = lookOf(look, model, selected.stage, confirmed.stage)
  const trajectoryNow = withLook(trajectory, whole)
  yield* writeTrajectory(folder, trajectoryNow)
  return {
    ...ended,
    trajectory: trajectoryNow,
    look: whole,
    verdict: whole.verdict,
    decisions: [...decisions, ...confirmed.decisions]
  } satisfies LookResult as LookResult
}, Effect.scoped)

/**
 * Looks at candidates of one training run, one after another, beside one pinned base.
 *
 * Each spends a look of alpha on one part of the samples; one that passes there is accepted once it has passed on the
 * other part at the full alpha. Both parts compare with the first base and with the model accepted last, so that small
 * steps do not add up unseen. Stops at a signal; looks are kept, and a later command adds to them.
 */
export const followTrajectory = Effect.fn("Trajectory.follow")(function*(
  settings: Settings,
  input: TrajectoryInput,
  listener: TrajectoryListener,
  drain: Deferred.Deferred<string>
) {
  const began = yield* Clock.currentTimeMillis
  const command = {
    settings,
    input,
    budget: yield* startBudget(settings.budget),
    listener,
    drain,
    began,
    asked: listener.asked
  }
  const results: Array<LookResult> = []
  for (const [index, candidate] of input.candidates.entries()) {
    const result = yield* lookAt(candidate, { ...command, start: index === 0 && input.allowIdentical === true })
    results.push(result)
    yield* listener.looked(result)
    if (result.interrupted) break
  }
  return results
})
