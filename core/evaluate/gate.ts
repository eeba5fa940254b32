import * as Clock from "effect/Clock"
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import type { Policy } from "../domain/policy.ts"
import { UsageProblem } from "../domain/problem.ts"
import { samenessOf } from "../gate/identity.ts"
import { noiseFloorOf } from "../gate/noise-floor.ts"
import { preflight, type PreflightInput } from "../gate/preflight.ts"
import type { RunSummary } from "../run/summary.ts"
import { requireAlike } from "./alike.ts"
import { reusedIn } from "./answers.ts"
import { calibrationsOf, requireUse } from "./calibrations.ts"
import { decideRuns, type DecisionInput, gateFolder, type StoredDecision } from "./decision.ts"
import { steeringOf } from "./early-stop.ts"
import { type EvaluatedArm, prepareEvaluation, requireSpec } from "./evaluate.ts"
import type { Listener } from "./execute.ts"
import { ledgerFor, sparing } from "./ledger-choice.ts"
import { scoreAnswers } from "./ledger.ts"
import { basisOf, readPolicy, readPreset } from "./policy.ts"
import { probeOf, type ProbeResult } from "./probe.ts"
import type { Settings } from "./settings.ts"
import { knownCalibrations } from "./shipped-calibrations.ts"

/** What `driftgate gate` ends with. */
export interface GateResult {
  readonly arms: ReadonlyArray<EvaluatedArm>
  /** undefined when nothing had to be asked to know the verdict. */
  readonly summary: RunSummary | undefined
  /** undefined when the run was stopped before every unit was taken up. */
  readonly decided: StoredDecision | undefined
  /** The base against itself, when that was asked for beside a tuned model. */
  readonly floor?: StoredDecision
}

const usageReasons = {
  "unreachable-margin": "unreachable-margin",
  "empty-suite": "empty-suite"
} as const

/** Fails with `UsageProblem` when no answers to these suites could pass the policy; `where` names the rules. */
export const requirePassable = Effect.fnUntraced(function*(where: string, policy: Policy, input: PreflightInput) {
  const problems = preflight(policy, input)
  const [first] = problems
  if (first === undefined) return
  return yield* new UsageProblem({
    reason: usageReasons[first.reason as keyof typeof usageReasons] ?? "policy",
    where,
    what: problems.map(({ message }) => message).join("\n  "),
    fix: `${
      policy.name === "smoke"
        ? "Ask more samples (a larger --limit), or widen the margins with --policy FILE."
        : "Change the suites, the margins or the preset (--preset smoke for a quick look)."
    } Nothing was asked.`
  })
})

/** Fails with `UsageProblem` when the model that `flag` names is the base under its own name: there is one run only. */
export const requireOwnRun = Effect.fnUntraced(function*(flag: string, base: EvaluatedArm, tuned: EvaluatedArm) {
  if (base.run.directory.path !== tuned.run.directory.path) return
  return yield* new UsageProblem({
    reason: "flag",
    where: `${flag} ${tuned.spec}`,
    what: "this names the base model itself, so that there is one run only",
    fix:
      "--allow-identical is for a checkpoint in a folder of its own; `driftgate gate --noise-floor` compares a model "
      + "with itself."
  })
})

/** The models and the preset of a gate; fails with one `UsageProblem` that tells all of them that are wrong. */
const requireGate = Effect.fnUntraced(function*(settings: Settings, noiseFloor: boolean) {
  const named = {
    base: requireSpec(settings, "base"),
    tuned: noiseFloor && settings.tuned === undefined ? Effect.undefined : requireSpec(settings, "tuned")
  }
  const preset = settings.preset === undefined ? Effect.void : Effect.asVoid(readPreset(settings.preset))
  const problems = (yield* Effect.forEach([named.base, named.tuned, preset], (one) => Effect.result(one)))
    .flatMap((result) => Result.isFailure(result) ? [result.failure] : [])
  const [first, ...others] = problems
  if (first === undefined) return yield* Effect.all(named)
  return yield* new UsageProblem({
    reason: first.reason,
    ...(first.where === undefined ? {} : { where: first.where }),
    what: first.what,
    fix: [first.fix, ...others.map(({ message }) => message)].join("\n")
  })
})

/** How a gate goes about its work. */
export interface GateWays {
  /** Leave out what can't change a verdict any more. @default true */
  readonly earlyStop?: boolean
  /** Also leave out the rest of a suite whose evidence is sufficient at any look; changes how suites are decided. */
  readonly sequential?: boolean
  /** Compare the base with itself too, under another seed; then nothing is left out. */
  readonly noiseFloor?: boolean
  /** Go on when the tuned model can't be told from the base, as at step 0 of a training. @default false */
  readonly allowIdentical?: boolean
}

/** Name of the arm that is the base model once more. */
const again = "base again"

/** The base against itself: opt-in, so that the drift of nothing can stand beside the drift. */
const decideFloor = Effect.fnUntraced(function*(
  runs: Omit<Parameters<typeof decideRuns>[0], "tuned">,
  arms: ReadonlyArray<EvaluatedArm>,
  summary: RunSummary
) {
  const arm = arms.find(({ name }) => name === again)
  if (arm === undefined) return undefined
  const both = { ...runs, tuned: arm.run }
  return yield* decideRuns({ ...both, noiseFloor: true, reused: yield* reusedIn(summary, both) })
})

/**
 * Evaluates base and tuned side by side and decides. Scoped: engines and plugins live as long as the scope.
 *
 * Two models of equal behaviour or equal weights are `invalid` at once; two that were computed in different ways, and a
 * policy that these suites can't pass, fail with `UsageProblem`, all before anything is asked; two that a probe can't
 * tell apart are `invalid` before the suites are asked. A noise floor without a tuned model is decided alone.
 */
export const gateTargets = Effect.fn("Gate.targets")(function*(
  settings: Settings,
  listener: Listener,
  drain: Deferred.Deferred<string>,
  { allowIdentical = false, earlyStop = true, noiseFloor = false, sequential = false }: GateWays = {}
) {
  if (sequential && (noiseFloor || !earlyStop)) {
    return yield* new UsageProblem({
      reason: "flag",
      where: "--sequential",
      what: `it stops early, and ${noiseFloor ? "--noise-floor asks everything" : "--no-early-stop forbids that"}`,
      fix: "Leave one of the two out."
    })
  }
  const { base, tuned } = yield* requireGate(settings, noiseFloor)
  const targets = [{ name: "base", spec: base }, ...(tuned === undefined ? [] : [{ name: "tuned", spec: tuned }])]
  const prepared = yield* prepareEvaluation(
    settings,
    targets,
    noiseFloor ? { name: again, of: "base", answerSeed: settings.seed + 1 } : undefined
  )
  const policy = yield* readPolicy(settings, basisOf(prepared.selected))
  const [baseArm, otherArm] = prepared.arms
  const { plan } = otherArm!.run
  const { all: records, asked } = yield* knownCalibrations(settings.calibrations, policy)
  yield* requireUse(plan, asked)
  const choice = tuned === undefined ? undefined : yield* ledgerFor(prepared, plan, settings.ledger)
  const [baseModel, tunedModel] = prepared.targets
  const basePlan = baseArm!.run.plan
  const sameness = tuned === undefined ? undefined : samenessOf(basePlan.target.identity, plan.target.identity)
  const runs = { out: settings.out, base: baseArm!.run, policy, records, ...(allowIdentical ? { allowIdentical } : {}) }
  const decideUnasked = Effect.fnUntraced(function*(probed?: ProbeResult) {
    const decided = yield* decideRuns({ ...runs, tuned: otherArm!.run, ...probed })
    return { arms: prepared.arms, summary: undefined, decided } satisfies GateResult as GateResult
  })
  if (sameness !== undefined && !allowIdentical) return yield* decideUnasked()
  if (sameness === "behaviour") yield* requireOwnRun("--tuned", baseArm!, otherArm!)
  if (tuned !== undefined) yield* requireAlike(listener, basePlan, plan)
  const calibrations = calibrationsOf(plan, records)
  yield* requirePassable(`policy ${policy.name}`, policy, {
    suites: plan.suites.map((suite, index) => ({ ...suite, clusters: prepared.clusters[index]! })),
    calibrations,
    sequential,
    now: yield* Clock.currentTimeMillis
  })
  const probed = tuned === undefined || sameness === "behaviour"
    ? undefined
    : yield* probeOf(prepared, settings.deadlineMillis)
  if (probed?.probe?.identical === true && !allowIdentical) return yield* decideUnasked(probed)
  const stopping = earlyStop && !noiseFloor
    ? steeringOf({ plan, populations: prepared.populations, policy, calibrations, sequential })
    : undefined
  const steering = stopping === undefined || sequential || choice === undefined
    ? stopping
    : sparing(stopping, plan, choice.suites)
  const summary = yield* prepared.run(listener, drain, steering)
  if (summary.stopped?.kind === "drained") {
    return { arms: prepared.arms, summary, decided: undefined } satisfies GateResult as GateResult
  }
  const floor = yield* decideFloor(runs, prepared.arms, summary)
  if (tuned === undefined) return { arms: prepared.arms, summary, decided: floor } satisfies GateResult as GateResult
  const path = yield* Path.Path
  const deciding: DecisionInput = {
    ...runs,
    tuned: otherArm!.run,
    sequential,
    reused: yield* reusedIn(summary, { base: baseArm!.run, tuned: otherArm!.run }),
    ...probed,
    ...(floor === undefined ? {} : { floor: noiseFloorOf(floor.decision, path.basename(floor.folder)) })
  }
  const scored = choice === undefined ? undefined : yield* scoreAnswers({
    folder: yield* gateFolder(deciding, true),
    base: { run: baseArm!.run, target: baseModel!.target },
    tuned: { run: otherArm!.run, target: tunedModel!.target },
    choice,
    probe: probed?.probe,
    concurrency: settings.concurrency,
    deadlineMillis: settings.deadlineMillis,
    drain
  })
  if (choice !== undefined && scored === undefined) {
    return { arms: prepared.arms, summary, decided: undefined } satisfies GateResult as GateResult
  }
  const decided = yield* decideRuns({ ...deciding, ledger: scored })
  return {
    arms: prepared.arms,
    summary,
    decided,
    ...(floor === undefined ? {} : { floor })
  } satisfies GateResult as GateResult
})
