import type { Measure } from "../domain/measures.ts"
import type { PlannedSuite } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import {
  bettingUpper,
  clusterFloor,
  eProcessInterval,
  moverInterval,
  smallestEProcessN,
  smallestPassableN,
  tangoInterval
} from "../stats/index.ts"
import { type Calibration, calibrationOf, isReadable, jOf, type Levels, levelsOf, useOf } from "./calibration.ts"
import { unnamed } from "./named.ts"
import { boundPoints, marginPoints } from "./points.ts"
import { uncontrolled } from "./policy-notes.ts"
import { type JointItem, type Scope, type ScopedSuite, scopeOf } from "./scope.ts"
import { isInForce } from "./waiver.ts"

/** Something that no answer could mend: a gate that can't pass is not started. */
export interface PreflightProblem {
  /** The suite, pool, macro or part of the policy that it is about. */
  readonly suite: string
  readonly message: string
  readonly reason:
    | "no-gated-suite"
    | "empty-suite"
    | "unreachable-margin"
    | "uncalibrated"
    | "weak-judge"
    | "calibration"
    | "no-complied-measure"
    | "no-harm-suite"
    | "no-over-refusal-control"
    | "unknown-name"
    | "waiver-expired"
}

/** How much stands behind a suite or pool: `groups` independent pairs or clusters; `single`: one binary pair each. */
export interface Size {
  readonly groups: number
  readonly single: boolean
}

export type PreflightSuite = ScopedSuite & Pick<PlannedSuite, "clustered" | "epochs" | "samples"> & {
  /** Groups of samples that share a goal. @default the number of samples */
  readonly clusters?: number
  /** Measures whose scores are graded and not 0 or 1. @default none */
  readonly graded?: ReadonlyArray<Measure>
}

/** What is known before anything is asked. `now` is Unix time in milliseconds. */
export interface PreflightInput {
  readonly suites: ReadonlyArray<PreflightSuite>
  readonly calibrations?: ReadonlyArray<Calibration>
  /** 1-based, when the policy spends alpha over looks. @default 1 */
  readonly look?: number
  readonly now: number
  /** The gate will look while the answers come in, which takes more pairs to pass. @default false */
  readonly sequential?: boolean
  /** Sizes as they turned out, by suite or pool; undefined: as planned. */
  readonly sizeOf?: (sort: "suite" | "pool", name: string, measure: Measure) => Size | undefined
}

const toAdd = {
  harm: "no gated harmful suite measures `unsafe`: add one (such as --suite harmbench)",
  "over-refusal": "no gated benign suite measures `refused`, so that refusing everything would pass: add one "
    + "(such as --suite xstest-safe)"
} as const

/** Shipped scorers whose records suffice for the preset release, with the flags that choose them. */
const judgesThatDo = (suite: string, measure: Measure): string => {
  switch (measure) {
    case "unsafe":
      return `--scorer ${suite}=harmbench-cls --role harmbench-cls=openai:cais/HarmBench-Llama-2-13b-cls@URL, or `
        + `--scorer ${suite}=harmbench-mistral-val `
        + "--role harmbench-mistral-val=openai:cais/HarmBench-Mistral-7b-val-cls@URL"
    case "refused":
      return `--scorer ${suite}=embedded-refusal`
    default:
      return `none of ours for \`${measure}\`; \`driftgate calibrate\` makes a record of one of yours`
  }
}

/** Suites and measures that some verdict rests on. */
export const decidingOf = (scope: Scope): ReadonlyArray<{ readonly suite: string; readonly measure: Measure }> => {
  const joint = [...scope.pools, ...scope.macros].filter(({ role }) => role === "gated")
  const all = [
    ...scope.suites.filter(({ role }) => role === "gated").map(({ measure, suite }) => ({ suite, measure })),
    ...joint.flatMap(({ measure, members }) => members.map((suite) => ({ suite, measure })))
  ]
  return [...new Map(all.map((item) => [`${item.suite}\u0000${item.measure}`, item])).values()]
}

/** The levels of a decision: a measured record that decides takes its share of alpha. */
export const levelsFor = (
  policy: Policy,
  scope: Scope,
  calibrations: ReadonlyArray<Calibration>,
  look: number | undefined
): Levels =>
  levelsOf(policy, {
    judged: decidingOf(scope).some(({ measure, suite }) =>
      calibrationOf(calibrations, suite, measure)?.kind === "measured"
    ),
    ...(look === undefined ? {} : { look })
  })

/** The upper limit when nothing at all differs: what the size alone can certify. */
const floorOf = ({ groups, single }: Size, alpha: number, sequential: boolean): number =>
  single && sequential
    ? eProcessInterval(Array.from({ length: groups }, () => 0), alpha).upper
    : single
    ? tangoInterval({ b: 0, c: 0, n: groups }, alpha).upper
    : 2 * bettingUpper(Array.from({ length: groups }, () => 0.5), alpha) - 1

const unit = ({ single }: Size): string => (single ? "pairs" : "independent clusters")

/** Ids without options of the scorers that judge a suite in the end. */
const judgesOf = (scorer: PreflightSuite["scorer"]): ReadonlyArray<string> =>
  scorer === undefined ? [] : [...new Set((scorer.asks ?? [scorer.id]).map((id) => id.split("?", 1)[0] ?? id))]

/** Everything that keeps a policy from ever passing these suites; empty when the gate may start. */
export const preflight = (policy: Policy, input: PreflightInput): ReadonlyArray<PreflightProblem> => {
  const { calibrations = [], now, sequential = false, suites } = input
  const scope = scopeOf(policy, suites)
  const levels = levelsFor(policy, scope, calibrations, input.look)
  const problems: Array<PreflightProblem> = []
  const found = (reason: PreflightProblem["reason"], suite: string, message: string) =>
    problems.push({ suite, message: `${suite}: ${message}`, reason })

  for (const waiver of policy.waivers) {
    if (isInForce(waiver, now)) continue
    const text =
      `the waiver by ${waiver.owner} ("${waiver.reason}") ran out after ${waiver.expires}: renew or remove it`
    found("waiver-expired", waiver.suite, text)
  }
  for (const { id, samples } of suites) if (!(samples > 0)) found("empty-suite", id, "it has no samples")
  const gated = [...scope.suites, ...scope.pools].filter(({ role }) => role === "gated")
  if (gated.length === 0) found("no-gated-suite", "policy", "no suite is gated, so there is nothing to pass")

  const kinds = new Map(suites.map(({ id, kind }) => [id, kind]))
  for (const { what, word } of uncontrolled(scope, (suite) => kinds.get(suite))) {
    if (policy.requireGated?.includes(what) !== true) continue
    const left = policy.requireGated.filter((one) => one !== what)
    const text = `${policy.name} demands ${what}, and ${toAdd[what]}, `
      + `or let the policy say requireGated: [${left.join(", ")}], which the verdict then tells`
    found(word, "policy", text)
  }
  for (const { message } of unnamed(policy, scope)) found("unknown-name", "policy", message)

  if (policy.requireComplied && suites.some(({ kind, role }) => kind === "harmful" && role === "gated")) {
    if (!scope.macros.some(({ measure }) => measure === "complied")) {
      const present = suites.filter(({ kind, role }) => kind === "harmful" && role === "gated").map(({ id, scorer }) =>
        scorer === undefined ? id : `${id} by ${scorer.id}`
      )
      const text = `${policy.name} gates compliance, but no gated harmful suite measures \`complied\` `
        + `(${present.join(", ")}): choose a scorer that gives it beside \`unsafe\`, such as --scorer SUITE=wildguard `
        + "--role wildguard=TARGET or strongreject-rubric, whose error `driftgate calibrate` has to measure first, "
        + "or let a file for --policy say requireComplied: false, which the verdict then tells"
      found("no-complied-measure", "policy", text)
    }
  }

  const scorers = new Map(suites.map(({ id, scorer }) => [id, scorer]))
  for (const { measure, suite } of decidingOf(scope)) {
    const judging = judgesOf(scorers.get(suite))
    if (judging.length === 0 || !judging.every((id) => policy.judge.notAlone?.includes(id) === true)) continue
    const text = `\`${measure}\` rests on ${judging.join(" and ")} alone, which ${policy.name} does not allow: `
      + "choose a judge, or a cascade that asks one"
    found("weak-judge", suite, text)
  }

  const jOfSuite = (suite: string, measure: Measure) => jOf(useOf(calibrationOf(calibrations, suite, measure), levels))
  for (const record of calibrations.filter((record) => !isReadable(record))) {
    found(
      "calibration",
      record.suite,
      `the calibration record of \`${record.measure}\` holds no counts of labelled answers`
    )
  }
  for (const { measure, suite } of decidingOf(scope)) {
    const record = calibrationOf(calibrations, suite, measure)
    if (record === undefined && policy.judge.required.includes(measure)) {
      const text = `the scorer of \`${measure}\` has no calibration record, which ${policy.name} demands: `
        + `run \`driftgate calibrate\`, use a policy that does not demand it, or a scorer with a record: ${
          judgesThatDo(suite, measure)
        }`
      found("uncalibrated", suite, text)
    }
    const j = jOfSuite(suite, measure)
    const judging = judgesOf(scorers.get(suite))
    if (policy.judge.weak === "refuse" && !(j > policy.judge.minimumJ)) {
      const text = `the scorer of \`${measure}\` is too weak: lower limit of Se + Sp - 1 is ${j.toFixed(3)}, `
        + `${policy.name} needs more than ${policy.judge.minimumJ}${
          judging.length === 0 ? "" : `, by ${judging.join(" and ")}`
        }. Shipped ones that suffice for release: ${judgesThatDo(suite, measure)}`
      found("weak-judge", suite, text)
    }
  }

  const byId = new Map(suites.map((suite) => [suite.id, suite]))
  const plannedSize = (id: string, measure: Measure): Size => {
    const suite = byId.get(id)
    if (suite === undefined) return { groups: 0, single: true }
    const repeated = suite.clustered || suite.epochs > 1
    return {
      groups: repeated ? suite.clusters ?? suite.samples : suite.samples,
      single: !repeated && !(suite.graded ?? []).includes(measure)
    }
  }
  const sizeOf = (id: string, measure: Measure): Size =>
    input.sizeOf?.("suite", id, measure) ?? plannedSize(id, measure)

  const reach = (name: string, size: Size, margin: number, j: number) => {
    const observed = margin * j
    // An empty suite has its own problem.
    if (!(size.groups > 0)) return
    if (observed > 0 && floorOf(size, levels.drift, sequential) < observed) return
    const smallest = !(observed > 0)
      ? undefined
      : size.single
      ? sequential ? smallestEProcessN(observed, levels.drift) : smallestPassableN(observed, levels.drift)
      : clusterFloor(observed, levels.drift)
    const scale = j === 1 ? "" : ` (${marginPoints(observed)} on the judge's scale)`
    const needed = smallest === undefined ? "no number of them can" : `at least ${smallest} are needed`
    const text = `${size.groups} ${unit(size)} can't certify a margin of ${marginPoints(margin)} points${scale}, `
      + `even if nothing differs: ${needed}`
    found("unreachable-margin", name, text)
  }
  for (const { margin, measure, role, suite } of scope.suites) {
    if (role === "gated" && margin !== null) reach(suite, sizeOf(suite, measure), margin, jOfSuite(suite, measure))
  }
  for (const { margin, measure, members, name } of scope.pools) {
    const sizes = members.map((member) => sizeOf(member, measure))
    const joined: Size = {
      groups: sizes.reduce((sum, { groups }) => sum + groups, 0),
      single: sizes.every(({ single }) => single)
    }
    const j = Math.min(...members.map((member) => jOfSuite(member, measure)))
    reach(name, input.sizeOf?.("pool", name, measure) ?? joined, margin, j)
  }
  const reachMacro = ({ margin, measure, members, name }: JointItem) => {
    const sizes = members.map((member) => ({ size: sizeOf(member, measure), j: jOfSuite(member, measure) }))
    if (sizes.some(({ size }) => !(size.groups > 0))) return
    const parts = sizes.map(({ j, size }) => {
      const upper = j > 0 ? Math.min(1, floorOf(size, levels.drift, sequential) / j) : 1
      return { difference: 0, lower: -upper, upper }
    })
    const { upper } = moverInterval(parts)
    if (upper < margin) return
    const text = `${members.length} suites of these sizes can't certify a mean drift below ${marginPoints(margin)} `
      + `points: even if nothing differs, the limit is ${boundPoints(upper, margin)}`
    found("unreachable-margin", name, text)
  }
  scope.macros.filter(({ role }) => role === "gated").forEach(reachMacro)
  return problems
}
