// How often the gate's tests are wrong, by seeded simulation: `node scripts/simulate.ts [seed] [repetitions]`.
// Prints Markdown; docs/statistics.md holds the output for seed 1. Takes about two minutes.
import {
  bettingUpper,
  clusterFloor,
  curtail,
  powerRegression,
  randomFrom,
  sizeNonInferiority,
  smallestEProcessN,
  smallestPassableN,
  tangoPasses,
  tangoStatistic,
  youdenLowerLimit
} from "../core/stats/index.ts"
import { demoCertificates, simulatedCertificates } from "./simulate-certificate.ts"

const seed = Number(process.argv[2] ?? 1)
const repetitions = Number(process.argv[3] ?? 20_000)
const random = randomFrom(seed)
const z = 1.6448536269514722

/** One pair: 1 = worse in tuned only, -1 = worse in base only, 0 = the same. */
const pair = (discordance: number, drift: number): number => {
  const u = random()
  if (u >= discordance) return 0
  return u < (discordance + drift) / 2 ? 1 : -1
}

const pairs = (n: number, discordance: number, drift: number): Int8Array =>
  Int8Array.from({ length: n }, () => pair(discordance, drift))

/** Items in clusters of four: each copies its cluster's draw with probability 0.8, so their correlation is 0.64. */
const clusterSize = 4
const clustered = (groups: number, discordance: number, drift: number): number[][] =>
  Array.from({ length: groups }, () => {
    const shared = pair(discordance, drift)
    return Array.from({ length: clusterSize }, () => random() < 0.8 ? shared : pair(discordance, drift))
  })

const countsOf = (items: ArrayLike<number>): { b: number; c: number; n: number } => {
  let b = 0
  let c = 0
  for (let i = 0; i < items.length; i++) {
    if (items[i] === 1) b++
    else if (items[i] === -1) c++
  }
  return { b, c, n: items.length }
}

const share = (times: number, happens: () => boolean): number => {
  let count = 0
  for (let i = 0; i < times; i++) if (happens()) count++
  return count / times
}

const fractions = Array.from({ length: 20 }, (_, j) => (j + 0.5) / 20)

/** Number of items after which the mean of twenty products of factor(fraction, d) first reaches 20. */
const firstReach = (items: Int8Array, factor: (fraction: number, d: number) => number): number => {
  const better = fractions.map((fraction) => factor(fraction, -1))
  const same = fractions.map((fraction) => factor(fraction, 0))
  const worse = fractions.map((fraction) => factor(fraction, 1))
  const wealth = fractions.map(() => 1)
  for (let i = 0; i < items.length; i++) {
    const factors = items[i] === 0 ? same : items[i] === 1 ? worse : better
    let sum = 0
    for (let j = 0; j < 20; j++) sum += wealth[j]! *= factors[j]!
    if (sum >= 400) return i + 1
  }
  return Infinity
}
const firstPass = (items: Int8Array, delta: number): number =>
  firstReach(items, (fraction, d) => 1 + fraction / (1 - delta) * (delta - d))
const firstFail = (items: Int8Array): number => firstReach(items, (fraction, d) => 1 + fraction * d)

const rate = (value: number): string => value.toFixed(4)
/** Below its floor a test can't pass identical arms; only pairs that got better can still carry it over. */
const floorNote = (n: number, floor: number): string => n < floor ? ` (below its floor ${floor})` : ""
const line = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`)
const table = (title: string, ...columns: readonly string[]): void => {
  console.log(`\n${title}\n`)
  line(...columns)
  line(...columns.map(() => "---"))
}

const cells = [0.03, 0.05].flatMap((delta) =>
  [100, 200, 520].flatMap((n) => [0.02, 0.05, 0.1].map((discordance) => ({ delta, n, discordance })))
)
const impossible = ({ delta, n, discordance }: typeof cells[number]): string | undefined =>
  discordance < delta
    ? "discordance below the margin"
    : n < smallestPassableN(delta)
    ? `n below the floor ${smallestPassableN(delta)}`
    : undefined

console.log(`Seed ${seed}, ${repetitions} repetitions a cell (betting and judge: ${repetitions / 5}).`)

table(
  "False passes: true drift = margin",
  "margin",
  "n",
  "discordance",
  "Tango, enumerated",
  "Tango, simulated",
  "two standard errors",
  "e-process, every look",
  "betting, items as clusters"
)
for (const cell of cells) {
  const { delta, n, discordance } = cell
  const reason = impossible(cell)
  if (reason !== undefined) {
    line(delta, n, discordance, `impossible: ${reason}`, "", "", "", "")
    continue
  }
  const size = sizeNonInferiority({ n, discordance, delta })
  const tango = share(repetitions, () => tangoPasses(countsOf(pairs(n, discordance, delta)), delta))
  const error = 2 * Math.sqrt(size * (1 - size) / repetitions)
  const evidence = share(repetitions, () => firstPass(pairs(n, discordance, delta), delta) <= n)
  const betting = share(
    repetitions / 5,
    () => bettingUpper(Array.from(pairs(n, discordance, delta), (d) => (1 + d) / 2)) < (1 + delta) / 2
  )
  line(
    delta,
    n,
    discordance,
    rate(size),
    rate(tango),
    rate(error),
    rate(evidence) + floorNote(n, smallestEProcessN(delta)!),
    rate(betting) + floorNote(n, clusterFloor(delta)!)
  )
}

table(
  "False fails: no true drift",
  "n",
  "discordance",
  "Tango, enumerated",
  "Tango, simulated",
  "e-process, every look"
)
for (const n of [100, 200, 520]) {
  for (const discordance of [0.02, 0.05, 0.1]) {
    line(
      n,
      discordance,
      rate(powerRegression({ n, discordance, difference: 0 })),
      rate(share(repetitions, () => tangoStatistic(countsOf(pairs(n, discordance, 0)), 0) > z)),
      rate(share(repetitions, () => firstFail(pairs(n, discordance, 0)) <= n))
    )
  }
}

table(
  "False passes with clusters of four alike items: true drift = margin",
  "margin",
  "items",
  "clusters",
  "discordance",
  "Tango that ignores clusters",
  "betting over cluster means"
)
for (const { delta, n, discordance } of cells) {
  if (discordance < delta || n < smallestPassableN(delta)) continue
  const groups = n / clusterSize
  const naive = share(repetitions / 5, () => tangoPasses(countsOf(clustered(groups, discordance, delta).flat()), delta))
  const betting = share(repetitions / 5, () => {
    const means = clustered(groups, discordance, delta).map((items) =>
      items.reduce((sum, d) => sum + d, 0) / clusterSize
    )
    return bettingUpper(means.map((d) => (1 + d) / 2)) < (1 + delta) / 2
  })
  line(delta, n, groups, discordance, rate(naive), rate(betting) + floorNote(groups, clusterFloor(delta)!))
}

// A judge with independent errors, calibrated anew on 300 + 300 labels in every run.
const [sensitivity, specificity, labels] = [0.85, 0.97, 300]
const binomial = (n: number, p: number): number => {
  let x = 0
  for (let i = 0; i < n; i++) if (random() < p) x++
  return x
}
const judged = (unsafe: boolean): number => random() < (unsafe ? sensitivity : 1 - specificity) ? 1 : 0
/** 5 % of the pairs that agree are unsafe in both arms; the judge errs on each answer by itself. */
const judgedPairs = (n: number, discordance: number, drift: number): Int8Array =>
  Int8Array.from({ length: n }, () => {
    const d = pair(discordance, drift)
    const both = d === 0 && random() < 0.05
    return judged(d === 1 || both) - judged(d === -1 || both)
  })
table(
  "False passes with a judge of sensitivity 0.85, specificity 0.97: true drift = margin",
  "margin",
  "n",
  "discordance",
  "perfect judge",
  "judge's error ignored",
  "margin times J_L, 0.04 + 0.01",
  "runs below the floor of margin times J_L"
)
for (const { delta, n, discordance } of cells) {
  if (discordance < delta || n < smallestPassableN(delta)) continue
  let refused = 0
  const corrected = share(repetitions / 5, () => {
    const { youden } = youdenLowerLimit({
      sensitivity: { x: binomial(labels, sensitivity), n: labels },
      specificity: { x: binomial(labels, specificity), n: labels }
    })
    const observed = delta * youden
    if (n < smallestPassableN(observed, 0.04)) {
      refused++
      return false
    }
    return tangoPasses(countsOf(judgedPairs(n, discordance, delta)), observed, 0.04)
  })
  line(
    delta,
    n,
    discordance,
    rate(share(repetitions / 5, () => tangoPasses(countsOf(pairs(n, discordance, delta)), delta))),
    rate(share(repetitions / 5, () => tangoPasses(countsOf(judgedPairs(n, discordance, delta)), delta))),
    rate(corrected),
    rate(refused / (repetitions / 5))
  )
}

table(
  "Share of items asked until a verdict, margin 0.05",
  "n",
  "true drift",
  "discordance",
  "curtailment: until pass is decided",
  "until pass and fail are",
  "pass / fail / neither",
  "e-process",
  "pass / fail / neither"
)
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
for (const n of [200, 520]) {
  for (const drift of [0, 0.05, 0.1, 0.2, 0.3]) {
    const discordance = Math.max(0.1, drift)
    const runs = repetitions / 10
    const seen = { decided: 0, curtailed: 0, passed: 0, failed: 0, asked: 0, evidencePass: 0, evidenceFail: 0 }
    for (let run = 0; run < runs; run++) {
      const items = pairs(n, discordance, drift)
      const counts = { b: 0, c: 0, n: 0 }
      let decided = 0
      for (const d of items) {
        counts.n++
        if (d === 1) counts.b++
        if (d === -1) counts.c++
        const { pass, fail } = curtail(counts, { total: n, delta: 0.05 })
        if (pass !== "possible" && decided === 0) decided = counts.n
        if (pass === "certain") seen.passed++
        else if (pass === "impossible" && fail === "certain") seen.failed++
        else if (!(pass === "impossible" && fail === "impossible")) continue
        break
      }
      seen.decided += decided / n
      seen.curtailed += counts.n / n
      const pass = firstPass(items, 0.05)
      const fail = firstFail(items)
      seen.asked += Math.min(pass, fail, n) / n
      if (pass < fail) seen.evidencePass++
      else if (fail < pass) seen.evidenceFail++
    }
    const shares = (pass: number, fail: number): string =>
      [pass, fail, runs - pass - fail].map((count) => percent(count / runs)).join(" / ")
    line(
      n,
      drift,
      discordance,
      percent(seen.decided / runs),
      percent(seen.curtailed / runs),
      shares(seen.passed, seen.failed),
      percent(seen.asked / runs),
      shares(seen.evidencePass, seen.evidenceFail)
    )
  }
}

table(
  "The ledger's limit, one-sided alpha 0.05: policies that are known in full",
  "prompts",
  "true rise, points",
  "limit below it",
  "limit above it on average, points"
)
for (const cells of simulatedCertificates(seed, repetitions / 5)) line(...cells)

table(
  "The ledger's limit, one-sided alpha 0.05: the demo's checkpoints",
  "pair and suite",
  "prompts",
  "rise by sampled rates, points",
  "rise of the population, points",
  "limit below it",
  "limit above it on average, points"
)
for (const cells of await demoCertificates(seed, repetitions / 5)) line(...cells)
