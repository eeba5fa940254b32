import { stirlingError } from "./gamma.ts"
import { RangeProblem, requireBetween, requireWithin } from "./range-problem.ts"

/** A probability together with its complement, each with full relative precision. */
interface Tails {
  readonly lower: number
  readonly upper: number
}

/**
 * a ln(a / m) + m - a without cancellation near a = m.
 * Source: Loader 2000, "Fast and accurate computation of binomial probabilities".
 */
const deviance = (a: number, m: number): number => {
  if (Math.abs(a - m) >= 0.1 * (a + m)) return a * Math.log(a / m) + m - a
  const v = (a - m) / (a + m)
  let term = 2 * a * v
  let sum = (a - m) * v
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= v * v
    sum += term / k
  }
  return sum
}

/** ln of x^a y^b / B(a, b) with y = 1 - x, in Loader's saddle-point form, which keeps precision for large a and b. */
const logKernel = (x: number, y: number, a: number, b: number): number => {
  const total = a + b
  return stirlingError(total) - stirlingError(a) - stirlingError(b) - deviance(a, total * x) -
    deviance(b, total * y) + Math.log(a / (2 * Math.PI) * (b / total)) / 2
}

/** Continued fraction of the incomplete beta function (DLMF 8.17.22) by the modified Lentz method. */
const continuedFraction = (x: number, a: number, b: number): number => {
  const tiny = 1e-300
  const guarded = (value: number): number => Math.abs(value) < tiny ? tiny : value
  let c = 1
  let d = 1 / guarded(1 - (a + b) * x / (a + 1))
  let fraction = d
  for (let m = 1; m <= 100_000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guarded(1 + even * d)
    c = guarded(1 + even / c)
    fraction *= d * c
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guarded(1 + odd * d)
    c = guarded(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 2e-16) break
  }
  return fraction
}

/** Where the continued fraction in x converges faster than the one in y. */
const nearZero = (x: number, a: number, b: number): boolean => x <= (a + 1) / (a + b + 2)

/** I_x(a, b) and its complement, from x and y = 1 - x given apart so that neither end loses digits. */
const betaTails = (x: number, y: number, a: number, b: number): Tails => {
  if (x <= 0) return { lower: 0, upper: 1 }
  if (y <= 0) return { lower: 1, upper: 0 }
  const kernel = Math.exp(logKernel(x, y, a, b))
  if (nearZero(x, a, b)) {
    const lower = Math.min(1, kernel * continuedFraction(x, a, b) / a)
    return { lower, upper: 1 - lower }
  }
  const upper = Math.min(1, kernel * continuedFraction(y, b, a) / b)
  return { lower: 1 - upper, upper }
}

/** ln I_x(a, b) and its slope over the logit of x; in logs, because Newton may visit places where I underflows. */
const logLower = (logit: number, a: number, b: number): { readonly value: number; readonly slope: number } => {
  const x = 1 / (1 + Math.exp(-logit))
  const y = 1 / (1 + Math.exp(logit))
  const log = logKernel(x, y, a, b)
  if (nearZero(x, a, b)) {
    const ratio = continuedFraction(x, a, b) / a
    return { value: log + Math.log(ratio), slope: 1 / ratio }
  }
  const upper = Math.exp(log) * continuedFraction(y, b, a) / b
  return { value: Math.log1p(-upper), slope: Math.exp(log) / (1 - upper) }
}

/**
 * ln(x / (1 - x)) at which the Beta(a, b) distribution has the given tails (lower + upper = 1, both above 0).
 * Newton on the logarithm of the smaller tail over the logit of x: that function is concave, so after the first step
 * every one comes from the same side and none overshoots. Kept within +-700, where x is still a normal double.
 */
export const betaLogit = (tails: Tails, a: number, b: number): number => {
  if (tails.lower > tails.upper) return -betaLogit({ lower: tails.upper, upper: tails.lower }, b, a)
  const target = Math.log(tails.lower)
  let logit = Math.log(a / b)
  for (let step = 0; step < 100; step++) {
    const { value, slope } = logLower(logit, a, b)
    const next = Math.min(700, Math.max(-700, logit + (target - value) / slope))
    const change = Math.abs(next - logit)
    logit = next
    if (change <= 1e-15 * Math.max(1, Math.abs(logit))) break
  }
  return logit
}

const requireShapes = (where: string, a: number, b: number): void => {
  for (const [name, value] of [["a", a], ["b", b]] as const) {
    if (!(Number.isFinite(value) && value > 0)) throw new RangeProblem(where, name, value, "a finite number above 0")
  }
}

/**
 * Regularised incomplete beta function I_x(a, b), the distribution function of Beta(a, b).
 * x in [0, 1]; a, b above 0. Relative error about 1e-13 for a + b below 10,000.
 * Source: DLMF 8.17.22 with Loader's kernel.
 */
export const incompleteBeta = (x: number, a: number, b: number): number => {
  requireWithin("incompleteBeta", "x", x, 0, 1)
  requireShapes("incompleteBeta", a, b)
  return betaTails(x, 1 - x, a, b).lower
}

/**
 * Quantile of Beta(a, b): the x with I_x(a, b) = p.
 * p in [0, 1]; a, b above 0. Result in [0, 1].
 */
export const betaQuantile = (p: number, a: number, b: number): number => {
  requireWithin("betaQuantile", "p", p, 0, 1)
  requireShapes("betaQuantile", a, b)
  if (p === 0 || p === 1) return p
  return 1 / (1 + Math.exp(-betaLogit({ lower: p, upper: 1 - p }, a, b)))
}

/**
 * Probability of k successes in n trials of probability p.
 * k, n whole with 0 <= k <= n; p in [0, 1]. Internal: callers have checked their arguments.
 * Source: Loader 2000.
 */
export const binomialPmf = (k: number, n: number, p: number): number => {
  if (p === 0 || n === 0) return k === 0 ? 1 : 0
  if (p === 1) return k === n ? 1 : 0
  if (k === 0) return Math.exp(n * Math.log1p(-p))
  if (k === n) return Math.exp(n * Math.log(p))
  return Math.exp(logKernel(p, 1 - p, k, n - k)) * n / (k * (n - k))
}

/** Probability of at most k successes in n trials of probability p; k may lie outside 0..n. Internal. */
export const binomialCdf = (k: number, n: number, p: number): number => {
  if (k < 0) return 0
  if (k >= n) return 1
  return betaTails(1 - p, p, n - k, k + 1).lower
}

/**
 * Quantile of Student's t distribution.
 * p in (0, 1); degreesOfFreedom above 0. Source: inverse incomplete beta with t^2 = v (1 - x) / x (DLMF 8.17).
 */
export const studentQuantile = (p: number, degreesOfFreedom: number): number => {
  requireBetween("studentQuantile", "p", p, 0, 1)
  requireShapes("studentQuantile", degreesOfFreedom, 1)
  if (p === 0.5) return 0
  const tail = Math.min(p, 1 - p)
  const logit = betaLogit({ lower: 2 * tail, upper: Math.abs(1 - 2 * p) }, degreesOfFreedom / 2, 0.5)
  const t = Math.sqrt(degreesOfFreedom) * Math.exp(-logit / 2)
  return p < 0.5 ? -t : t
}

/**
 * Distribution function of Student's t.
 * t finite; degreesOfFreedom above 0. Source: incomplete beta (DLMF 8.17).
 */
export const studentCdf = (t: number, degreesOfFreedom: number): number => {
  requireWithin("studentCdf", "t", t, -Number.MAX_VALUE, Number.MAX_VALUE)
  requireShapes("studentCdf", degreesOfFreedom, 1)
  const ratio = t / Math.sqrt(degreesOfFreedom)
  const x = 1 / (1 + ratio * ratio)
  const y = Math.abs(ratio) > 1e8 ? 1 : ratio * ratio * x
  const half = betaTails(x, y, degreesOfFreedom / 2, 0.5).lower / 2
  return t < 0 ? half : 1 - half
}
