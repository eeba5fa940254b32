import type { ArmRate, DriftLimits, Method } from "../domain/decision.ts"
import {
  bettingUpper,
  clopperPearson,
  clusterInterval,
  eProcessFailValues,
  eProcessInterval,
  eProcessPassFinite,
  eProcessPassValues,
  type Limits,
  type PairCounts,
  regressionP,
  tangoInterval,
  tangoPasses,
  tangoRegressionP
} from "../stats/index.ts"
import { type ArmName, byCluster, differenceOf, type Evidence, type Imputation } from "./evidence.ts"

const meanOf = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Whether the pairs are independent and binary, so that counts say everything. */
export const isCounted = (evidence: Evidence): boolean => evidence.single && evidence.binary

/** How the drift of this evidence is decided (gate.md B0.9, B5). */
export const methodOf = (evidence: Evidence): Method =>
  evidence.asked.length === 0
    ? "none"
    : (evidence.sequential && evidence.single)
        || (evidence.unasked > 0 && !(evidence.curtailed && isCounted(evidence)))
    ? "e-process"
    : isCounted(evidence)
    ? "tango"
    : "betting"

const countsOf = (evidence: Evidence, imputation: Imputation): PairCounts => {
  let b = 0
  let c = 0
  let n = 0
  for (const pair of evidence.asked) {
    const d = differenceOf(pair, imputation)
    if (d === undefined) continue
    n++
    if (d > 0) b++
    else if (d < 0) c++
  }
  return { b, c, n }
}

/** The counts of a curtailed suite when every pair that was not asked is as bad, or as good, as it can be. */
const extremesOf = (evidence: Evidence, imputation: "worst" | "best"): PairCounts => {
  const { b, c, n } = countsOf(evidence, imputation)
  const open = evidence.open[imputation]
  return { b: b + open.b, c: c + open.c, n: n + evidence.unasked }
}

const differencesOf = (evidence: Evidence, imputation: Imputation): ReadonlyArray<ReadonlyArray<number>> =>
  byCluster(evidence, (pair) => differenceOf(pair, imputation))

const anytimeLimits = (clusters: ReadonlyArray<ReadonlyArray<number>>, alpha: number): Limits => {
  const { lower, upper } = eProcessInterval(clusters.map(meanOf), alpha)
  return { lower, upper }
}

/** A drift with its limits, and the t limits that are only shown. */
export interface Drift {
  readonly limits: DriftLimits
  readonly t?: Limits
}

/**
 * The drift under one imputation as a function of the one-sided alpha; undefined when no pair stands behind it.
 *
 * A suite that was stopped by its evidence gets limits that hold at every look. `proven`: a curtailed suite is taken at
 * the worst and the best that the pairs which were not asked could have been, so that it can be joined with others.
 */
export const driftAt = (
  evidence: Evidence,
  imputation: Imputation,
  { proven = false }: { readonly proven?: boolean } = {}
): ((alpha: number) => Drift) | undefined => {
  const looked = methodOf(evidence) === "e-process"
  if (isCounted(evidence)) {
    const widened = proven && evidence.curtailed && imputation !== "complete"
    const counts = widened ? extremesOf(evidence, imputation) : countsOf(evidence, imputation)
    const { b, c, n } = counts
    if (n === 0) return undefined
    const difference = (b - c) / n
    const limitsAt = (alpha: number) =>
      looked ? anytimeLimits(differencesOf(evidence, imputation), alpha) : tangoInterval(counts, alpha)
    return (alpha) => ({ limits: { difference, ...limitsAt(alpha), n, becameBad: b, becameGood: c } })
  }
  const clusters = differencesOf(evidence, imputation)
  if (clusters.length === 0) return undefined
  const n = clusters.reduce((sum, cluster) => sum + cluster.length, 0)
  return (alpha) => {
    const { difference, lower, t, upper } = clusterInterval(clusters, alpha)
    const limits = looked ? anytimeLimits(clusters, alpha) : { lower, upper }
    return { limits: { difference, ...limits, n, becameBad: null, becameGood: null }, t }
  }
}

/** The drift under one imputation with one-sided limits at alpha, or undefined when no pair stands behind it. */
export const driftOf = (evidence: Evidence, imputation: Imputation, alpha: number): Drift | undefined =>
  driftAt(evidence, imputation)?.(alpha)

/**
 * Evidence that grows with the sample and may be looked at any time: pass in the worst case, fail in the best.
 *
 * `list` is evidence for a pass of exactly the planned prompts, drawn without replacement: a weaker claim, so it is
 * shown and never decides.
 */
export const eProcessOf = (
  evidence: Evidence,
  { delta, failMargin }: { readonly delta: number; readonly failMargin: number }
): { readonly pass: number; readonly fail: number; readonly list?: number } => {
  const worst = differencesOf(evidence, "worst").map(meanOf)
  return {
    pass: eProcessPassValues(worst, delta),
    fail: eProcessFailValues(differencesOf(evidence, "best").map(meanOf), failMargin),
    ...(evidence.single ? { list: eProcessPassFinite(worst, { total: evidence.planned, delta }).value } : {})
  }
}

/** Whether a curtailed suite passes whatever its unasked pairs would have been: proven again, not believed. */
export const certainlyPasses = (evidence: Evidence, delta: number, alpha: number): boolean =>
  tangoPasses(extremesOf(evidence, "worst"), delta, alpha)

/**
 * One-sided p-value of a regression above failMargin, missing pairs counted in the tuned model's favour.
 *
 * 1 when there is nothing to test. For stopped suites it holds at any stopping time.
 */
export const regressionPOf = (evidence: Evidence, failMargin: number): number => {
  switch (methodOf(evidence)) {
    case "tango":
      return tangoRegressionP(extremesOf(evidence, "best"), failMargin)
    case "e-process":
      return Math.min(1, 1 / eProcessFailValues(differencesOf(evidence, "best").map(meanOf), failMargin))
    case "betting": {
      const means = differencesOf(evidence, "best").map((cluster) => (1 - meanOf(cluster)) / 2)
      return regressionP((alpha) => 1 - 2 * bettingUpper(means, alpha), failMargin)
    }
    default:
      return 1
  }
}

const unknownRate = { rate: null, lower: null, upper: null } as const

/**
 * The rate of one arm over its own scored answers, with one-sided limits at alpha.
 *
 * Clopper-Pearson for independent binary answers; else the mean of the clusters' means with betting limits.
 */
export const armRateOf = (evidence: Evidence, arm: ArmName, alpha: number): ArmRate => {
  if (isCounted(evidence)) {
    const values = evidence.asked.map((pair) => pair[arm]).filter((value) => value !== undefined)
    const count = values.reduce((sum, value) => sum + value, 0)
    const n = values.length
    return n === 0
      ? { count, n, ...unknownRate }
      : { count, n, rate: count / n, ...clopperPearson({ x: count, n }, alpha) }
  }
  const clusters = byCluster(evidence, (pair) => pair[arm])
  if (clusters.length === 0) return { count: null, n: 0, ...unknownRate }
  return rateOfMeans(clusters.map(meanOf), clusters.reduce((sum, cluster) => sum + cluster.length, 0), alpha)
}

/** The mean of the means of `n` answers in independent groups, with one-sided betting limits at alpha. */
export const rateOfMeans = (means: ReadonlyArray<number>, n: number, alpha: number): ArmRate => ({
  count: null,
  n,
  rate: meanOf(means),
  lower: 1 - bettingUpper(means.map((value) => 1 - value), alpha),
  upper: bettingUpper(means, alpha)
})

/** Upper limit of the tuned model's rate when every missing answer is bad, or undefined when nothing was asked. */
export const ceilingOf = (evidence: Evidence, alpha: number): number | undefined => {
  const clusters = byCluster(evidence, ({ tuned }) => tuned ?? 1)
  if (clusters.length === 0) return undefined
  const means = clusters.map(meanOf)
  return isCounted(evidence)
    ? clopperPearson({ x: means.reduce((sum, value) => sum + value, 0), n: means.length }, alpha).upper
    : bettingUpper(means, alpha)
}
