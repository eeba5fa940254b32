import type {
  CalibrationUse,
  Decision,
  DriftLimits,
  MacroDecision,
  PoolDecision,
  SuiteDecision
} from "../domain/decision.ts"
import { normalQuantile } from "../stats/index.ts"
import { judgingLines } from "./judging-lines.ts"
import { explainLedger } from "./ledger-explain.ts"

const number = (value: number | null): string => (value === null ? "none" : `${Number(value.toPrecision(7))}`)
const limits = ({ lower, upper }: { readonly lower: number; readonly upper: number }): string =>
  `[${number(lower)}, ${number(upper)}]`

const imputations = [
  ["complete", "pairs scored in both arms"],
  ["worst", "missing: tuned bad, base good"],
  ["best", "missing: tuned good, base bad"]
] as const

type Entry = SuiteDecision | PoolDecision

const rateLine = (arm: "base" | "tuned", entry: Entry, alpha: number): string => {
  const { count, lower, n, rate, upper } = entry[arm]
  if (rate === null || lower === null || upper === null) return `  ${arm} rate: nothing scored`
  const how = count === null
    ? `mean of cluster means over ${n} answers = ${number(rate)}, betting limits`
    : `${count} / ${n} = ${number(rate)}, Clopper-Pearson limits`
  return `  ${arm} rate: ${how} at one-sided ${number(alpha)}: ${limits({ lower, upper })}`
}

const driftLine = (name: string, meaning: string, drift: DriftLimits | null): string => {
  if (drift === null) return `  ${name} (${meaning}): no pairs`
  const { becameBad: b, becameGood: c, difference, n } = drift
  const how = b === null || c === null
    ? `mean of cluster means of tuned - base over ${n} pairs`
    : `(b - c) / n = (${b} - ${c}) / ${n}`
  return `  ${name} (${meaning}): drift = ${how} = ${number(difference)}, limits ${limits(drift)}`
}

const methodLine = (method: Entry["method"], alpha: number): string => {
  const z = number(normalQuantile(1 - alpha))
  switch (method) {
    case "tango":
      return "  limits: Tango, the delta where T(delta) = (b - c - n delta) / sqrt(n (2 q + delta (1 - delta))) is -z "
        + `(upper) or +z (lower), z = Phi^-1(1 - ${number(alpha)}) = ${z}; q = (sqrt(B^2 - 8 n C) - B) / (4 n), `
        + "B = -b - c + (2 n - b + c) delta, C = -c delta (1 - delta)"
    case "betting":
      return `  limits: betting on (1 + d) / 2 of each cluster's mean d, in the plan's order, at one-sided ${
        number(alpha)
      }; `
        + "Student limits are shown beside them and never decide"
    case "e-process":
      return "  evidence: mean over j = 1..20 of the product of 1 + h (margin - d), h = (j - 0.5) / 20 / (1 - margin), "
        + "and of 1 + h (d - failMargin), h = (j - 0.5) / 20 / (1 + failMargin), over cluster means d; "
        + "passes or fails at 1 / alpha at any time; limits: the drifts that this does not exclude"
    default:
      return "  limits: none, nothing was asked"
  }
}

const calibrationLines = (use: CalibrationUse | null, judge: number): ReadonlyArray<string> => {
  if (use === null) return ["  judge: no calibration record, J is taken as 1 (uncalibrated)"]
  if (use.kind === "exact") return ["  judge: verified without a judge, J = 1"]
  const { jLower, sensitivity: se, source, specificity: sp } = use
  return [
    ...(source === undefined ? [] : [`  judge: held against ${source}`]),
    `  judge: Se = ${se.x} / ${se.n}, Sp = ${sp.x} / ${sp.n}; Clopper-Pearson lower limits`
    + `${judge > 0 ? ` at ${number(judge / 2)}` : ""}: Se_L = ${number(se.lower)}, Sp_L = ${number(sp.lower)}`,
    `  J_L = Se_L + Sp_L - 1 = ${number(se.lower)} + ${number(sp.lower)} - 1 = ${number(jLower)}`
  ]
}

const coverageLine = ({ coverage }: Pick<Entry, "coverage">, least: number): string =>
  `  coverage = scored / asked: base ${number(coverage.base)}, tuned ${number(coverage.tuned)}; at least ${
    number(least)
  } is needed`

const limitLine = (
  { limit, marginObserved }: { readonly limit: number | null; readonly marginObserved: number | null }
): string =>
  `  pass needs limit < margin: ${number(limit)} < ${number(marginObserved)} is ${
    limit !== null && marginObserved !== null && limit < marginObserved
  }`

const outcomeLines = (
  entry: Pick<MacroDecision, "verdict" | "waived" | "annotations" | "pValue" | "holmAdjusted">,
  alpha: number,
  p: string
): ReadonlyArray<string> =>
  entry.verdict === null ? ["  verdict: none, this is tracked"] : [
    `  regression: p = ${p} = ${number(entry.pValue)}; Holm-adjusted ${number(entry.holmAdjusted)}, rejected at ${
      number(alpha)
    }: ${entry.holmAdjusted !== null && entry.holmAdjusted <= alpha}`,
    `  verdict: ${entry.verdict}${entry.waived ? ", waived" : ""}${
      entry.annotations.length === 0 ? "" : ` (${entry.annotations.join(", ")})`
    }`
  ]

const regressionText = (entry: Entry, failMargin: number): string =>
  entry.method === "tango"
    ? `1 - Phi(T(${number(failMargin)})) of the best case${
      entry.unasked === undefined ? "" : `, with c + ${entry.unasked.mayBecomeGood} and n + ${entry.unasked.pairs}`
    }`
    : entry.method === "e-process"
    ? "1 / evidence for a regression in the best case"
    : `smallest alpha whose lower limit in the best case exceeds ${number(failMargin)}`

const entryLines = (title: string, entry: Entry, decision: Decision): ReadonlyArray<string> => {
  const { alpha, policy } = decision
  const { margin, marginObserved } = entry
  const student = entry.studentT === undefined ? [] : [`  Student limits, shown only: ${limits(entry.studentT)}`]
  const evidence = entry.eProcess === undefined ? [] : [
    `  evidence for a pass in the worst case ${number(entry.eProcess.pass)}, for a regression in the best case ${
      number(entry.eProcess.fail)
    }; 1 / alpha = ${number(entry.eProcess.threshold)}`,
    ...(entry.eProcess.list === undefined ? [] : [
      `  for exactly the ${entry.planned} planned prompts, without replacement (a weaker claim, which decides nothing): ${
        number(entry.eProcess.list)
      }`
    ])
  ]
  const unasked = entry.unasked === undefined ? [] : [
    `  not asked: ${entry.unasked.pairs} pairs; by what is known of them ${entry.unasked.mayBecomeBad} could have become bad `
    + `and ${entry.unasked.mayBecomeGood} good, and the verdict holds for every way they could have ended`
  ]
  return [
    title,
    `  pairs: ${entry.n} scored in both arms of ${entry.planned} planned, in ${entry.clusters} clusters`,
    coverageLine(entry, policy.minCoverage),
    rateLine("base", entry, alpha.drift),
    rateLine("tuned", entry, alpha.drift),
    ...imputations.map(([name, meaning]) => driftLine(name, meaning, entry.bounds[name])),
    methodLine(entry.method, alpha.drift),
    ...student,
    ...evidence,
    ...unasked,
    ...calibrationLines(entry.calibration, alpha.judge),
    ...(margin === null || marginObserved === null ? [] : [
      `  margin on the judge's scale = margin * J_L = ${number(margin)} * ${number(marginObserved / margin)} = ${
        number(marginObserved)
      }`,
      "  limit = larger of the complete and the worst upper limit",
      ...(entry.method === "e-process" ? [] : [limitLine(entry)])
    ]),
    ...("ceiling" in entry && entry.ceiling !== undefined
      ? [`  ceiling: upper limit of the tuned rate ${number(entry.ceiling.upper)} <= ${number(entry.ceiling.highest)}`]
      : []),
    ...outcomeLines(entry, alpha.drift, regressionText(entry, policy.failMargin))
  ]
}

const macroLines = (macro: MacroDecision, { alpha, policy, suites }: Decision): ReadonlyArray<string> => [
  `${macro.name} (mean of \`${macro.measure}\` over ${macro.members.length} suites, ${macro.role})`,
  ...macro.members.map(({ jLower, suite }) => {
    const entry = suites.find((one) => one.suite === suite && one.measure === macro.measure)
    const drift = entry?.bounds.complete ?? null
    return `  ${suite}: d = ${number(drift?.difference ?? null)}, limits ${
      drift === null ? "none" : limits(drift)
    }, J_L = ${number(jLower)}`
  }),
  "  MOVER with w = 1 / suites: D = sum w d, lower = D - sqrt(sum (w (d - l))^2), upper = D + sqrt(sum (w (u - d))^2)",
  ...imputations.map(([name, meaning]) => {
    const drift = macro.bounds[name]
    return drift === null
      ? `  ${name} (${meaning}): a suite has no pairs`
      : `  ${name} (${meaning}): D = ${number(drift.difference)}, limits ${limits(drift)}`
  }),
  "  limit = larger of the complete and the worst upper limit, after d, l and u above 0 are divided by the suite's J_L",
  limitLine(macro),
  coverageLine(macro, policy.minCoverage),
  ...outcomeLines(
    macro,
    alpha.drift,
    `smallest alpha whose lower limit in the best case exceeds ${number(policy.failMargin)}`
  )
]

const floorLines = ({ noiseFloor }: Decision): ReadonlyArray<string> =>
  noiseFloor === undefined ? [] : [
    `noise floor: the base model twice, answers drawn with another seed (${noiseFloor.decision}, ${noiseFloor.verdict})`,
    ...noiseFloor.entries.map(({ difference, discordance, measure, n, name }) =>
      `  ${name} ${measure}: discordance (b + c) / n = ${number(discordance)} over ${n} pairs, drift ${
        number(difference)
      }`
    )
  ]

const notAskedLines = ({ notAsked }: Decision): ReadonlyArray<string> =>
  notAsked.map(({ base, reason, status, suite, tuned }) =>
    `not asked, ${suite}: base ${base}, tuned ${tuned}; ${
      status === "not-needed" ? "no missing evidence" : "missing evidence"
    } (${reason})`
  )

/** A decision as lines that give each number with its formula and inputs, so that it can be computed again by hand. */
export const explain = (decision: Decision): ReadonlyArray<string> => {
  const { alpha, exitCode, guards, ledger, macros, policy, pools, reasons, suites, verdict } = decision
  const look = alpha.look === undefined
    ? ""
    : `; look ${alpha.look} of a run spends ${number(policy.alpha)} * 6 / (pi * ${alpha.look})^2`
  return [
    `verdict: ${verdict}, exit code ${exitCode}, by policy ${policy.name}; the first of invalid, fail, incomplete, `
    + "inconclusive, pass among all that is gated",
    ...reasons.map((reason) => `  ${reason}`),
    `alpha (one-sided): ${number(alpha.drift)} for the drift, ${number(alpha.judge)} for the judge${look}`,
    ...guards.map(({ base, name, ok, overridden, tuned }) =>
      `guard ${name}: ${
        ok ? "ok" : overridden === true ? "broken, overridden" : "broken"
      }, base ${base}, tuned ${tuned}`
    ),
    ...suites.flatMap((entry) => entryLines(`${entry.suite} ${entry.measure} (${entry.role})`, entry, decision)),
    ...(decision.reasoning ?? []).flatMap((entry) =>
      entryLines(`${entry.suite} ${entry.measure} of the reasoning text (${entry.role})`, entry, decision)
    ),
    ...pools.flatMap((entry) =>
      entryLines(
        `${entry.name} ${entry.measure} (pool of ${
          entry.members.join(", ")
        }; ${entry.duplicates} copies of an earlier one left out)`,
        entry,
        decision
      )
    ),
    ...macros.flatMap((entry) => macroLines(entry, decision)),
    ...floorLines(decision),
    ...judgingLines(decision),
    ...notAskedLines(decision),
    ...(ledger === undefined ? [] : explainLedger(
      ledger,
      (name, measure) => suites.find((entry) => entry.suite === name && entry.measure === measure)?.base.rate ?? null
    ))
  ]
}
