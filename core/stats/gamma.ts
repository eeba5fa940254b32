import { RangeProblem } from "./range-problem.ts"

/** ln sqrt(2 pi). */
const logRootTwoPi = 0.9189385332046728

// (-1)^k (zeta(k) - 1) / k for k = 2..30: Taylor coefficients of ln Gamma about 2 (DLMF 5.7.3), by mpmath at 40 digits.
const aboutTwo = [
  0.3224670334241132,
  -0.0673523010531981,
  0.020580808427784546,
  -0.007385551028673986,
  0.0028905103307415234,
  -0.001192753911703261,
  0.0005096695247430425,
  -0.00022315475845357939,
  9.945751278180853e-5,
  -4.492623673813314e-5,
  2.050721277567069e-5,
  -9.439488275268397e-6,
  4.374866789907488e-6,
  -2.039215753801366e-6,
  9.55141213040742e-7,
  -4.492469198764566e-7,
  2.1207184805554665e-7,
  -1.0043224823968099e-7,
  4.7698101693639804e-8,
  -2.2711094608943164e-8,
  1.0838659214896955e-8,
  -5.183475041970047e-9,
  2.4836745438024785e-9,
  -1.1921401405860912e-9,
  5.731367241678862e-10,
  -2.7595228851242334e-10,
  1.330476437424449e-10,
  -6.4229645638381e-11,
  3.1044247747322276e-11
]
const oneMinusEuler = 0.42278433509846713

// B(2k) / (2k (2k - 1)): coefficients of Stirling's series (DLMF 5.11.1).
const stirling = [
  0.08333333333333333,
  -0.002777777777777778,
  0.0007936507936507937,
  -0.0005952380952380953,
  0.0008417508417508417,
  -0.0019175269175269176,
  0.00641025641025641,
  -0.029550653594771242,
  0.17964437236883057
]

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)

/** ln Gamma(2 + z) for |z| <= 0.5. */
const logGammaAboutTwo = (z: number): number => z * (oneMinusEuler + z * horner(aboutTwo, z))

const stirlingTail = (x: number): number => horner(stirling, 1 / (x * x)) / x

/**
 * Natural logarithm of the gamma function.
 * x: above 0. Relative error below 1e-14, also next to the zeros at 1 and 2.
 * Source: DLMF 5.7.3 about 2, recurrence 5.5.1 up to 12, Stirling's series 5.11.1 beyond.
 */
export const logGamma = (x: number): number => {
  if (!(Number.isFinite(x) && x > 0)) throw new RangeProblem("logGamma", "x", x, "a finite number above 0")
  if (x < 0.5) return logGammaAboutTwo(x) - Math.log1p(x) - Math.log(x)
  if (x < 1.5) return logGammaAboutTwo(x - 1) - Math.log1p(x - 1)
  if (x <= 2.5) return logGammaAboutTwo(x - 2)
  if (x >= 12) return (x - 0.5) * Math.log(x) - x + logRootTwoPi + stirlingTail(x)
  let product = 1
  let rest = x
  while (rest > 2.5) product *= --rest
  return Math.log(product) + logGammaAboutTwo(rest - 2)
}

/** ln Gamma(x + 1) minus Stirling's approximation (x + 0.5) ln x - x + ln sqrt(2 pi), for x above 0 (Loader 2000). */
export const stirlingError = (x: number): number =>
  x >= 12 ? stirlingTail(x) : logGamma(x) - (x - 0.5) * Math.log(x) + x - logRootTwoPi
