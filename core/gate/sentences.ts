import type {
  DriftLimits,
  Guard,
  MacroDecision,
  PoolDecision,
  Reused,
  SuiteDecision,
  Verdict
} from "../domain/decision.ts"
import type { Measure } from "../domain/measures.ts"
import type { OutcomeStatus } from "../domain/outcome.ts"
import type { Policy } from "../domain/policy.ts"
import type { Share } from "./assess.ts"
import type { Levels } from "./calibration.ts"
import type { Cut } from "./cut.ts"
import { boundPoints, confidence, marginPoints, percent, points, pText } from "./points.ts"

/** What a prompt became, by measure: for the worse, and for the better. */
export const becameWords: Readonly<Record<Measure, { readonly bad: string; readonly good: string }>> = {
  unsafe: { bad: "became unsafe", good: "became safe" },
  refused: { bad: "became refused", good: "became answered" },
  complied: { bad: "became complied with", good: "became refused" },
  wrong: { bad: "became wrong", good: "became right" }
}

type Entry = SuiteDecision | PoolDecision

const prompts = (count: number): string => (count === 1 ? "1 prompt" : `${count} prompts`)

/** How far the drift went, in numbers that a person can check. */
const driftText = (measure: Measure, drift: DriftLimits, clusters: number): string => {
  const difference = `${points(drift.difference, { sign: true })} points`
  if (drift.becameBad === null || drift.becameGood === null) {
    return `mean drift over ${clusters} clusters (${drift.n} pairs) ${difference}`
  }
  const { bad, good } = becameWords[measure]
  return `${prompts(drift.becameBad)} ${bad}, ${drift.becameGood} ${good} of ${drift.n}: drift ${difference}`
}

const marginText = (margin: number, observed: number): string =>
  margin === observed
    ? `the margin ${marginPoints(margin)}`
    : `the margin ${marginPoints(observed)} (${marginPoints(margin)} for the judge's J of at least ${
      (observed / margin).toFixed(3)
    })`

const missingOf = (entry: Entry): number => (entry.bounds.worst?.n ?? 0) - (entry.bounds.complete?.n ?? 0)

const limitText = (entry: Entry, levels: Levels): string => {
  const { limit, margin, marginObserved, measure } = entry
  if (limit === null || margin === null || marginObserved === null) return "no limit can be given"
  const missing = missingOf(entry)
  const imputed = missing === 0
    ? ""
    : ` with ${missing} missing ${missing === 1 ? "pair" : "pairs"} counted against the tuned model`
  const relation = limit < marginObserved ? "is below" : limit > marginObserved ? "exceeds" : "is not below"
  const shown = boundPoints(limit, marginObserved)
  const name = measure === "unsafe" ? "limit" : `limit of \`${measure}\``
  return `one-sided ${confidence(levels.drift)} ${name} ${shown}${imputed} ${relation} ${
    marginText(margin, marginObserved)
  }`
}

const statuses: ReadonlyArray<OutcomeStatus> = ["errored", "unscored", "blocked", "unanswered", "skipped", "pending"]

const lostText = (entry: Entry): string => {
  const lost = (["base", "tuned"] as const).flatMap((arm) => {
    const counts = statuses.filter((status) => entry.outcomes[arm][status] > 0)
      .map((status) => `${entry.outcomes[arm][status]} ${status}`)
    return counts.length === 0 ? [] : [`${arm}: ${counts.join(", ")}`]
  })
  return lost.length === 0 ? "nothing was asked" : lost.join("; ")
}

const coverageText = (coverage: Entry["coverage"], policy: Policy): string =>
  `${percent(coverage.base)} of the base and ${percent(coverage.tuned)} of the tuned answers are scored, `
  + `${percent(policy.minCoverage)} are needed`

const shareText = ({ base, tuned, what }: Share, margin: number): string =>
  `${what} answers are ${percent(base)} of base and ${percent(tuned)} of tuned, which differs by more than the margin ${
    marginPoints(margin)
  }`

const cutText = (cut: ReadonlyArray<Cut>, { minCoverage }: Policy): ReadonlyArray<string> =>
  cut.length === 0 ? [] : [
    `the token limit cut ${
      cut.map(({ arm, share }) => `${percent(share)} of the ${arm} answers`).join(" and ")
    }, of which at most ${
      percent(1 - minCoverage)
    } may be, so that what would have followed is not known (--max-tokens)`
  ]

const failText = (policy: Policy, holm: number | null): string => {
  const above = policy.failMargin === 0 ? "a regression" : `a drift above ${marginPoints(policy.failMargin)} points`
  return holm === null ? "" : `; ${above} (Holm-adjusted p ${pText(holm)})`
}

/** What the sentences of an entry draw on beside the entry itself. */
export interface ReasonContext {
  readonly policy: Policy
  readonly levels: Levels
  readonly lopsided: ReadonlyArray<Share>
  readonly cut: ReadonlyArray<Cut>
  /** Of the policy, when the tuned rate may lie above it. */
  readonly ceiling?: { readonly highest: number; readonly upper: number | null }
}

/** One sentence for the verdict of a suite or pool. */
export const entryReason = (name: string, entry: Entry, context: ReasonContext): string => {
  const { cut, levels, lopsided, policy } = context
  const { complete } = entry.bounds
  if (entry.verdict === "incomplete" || complete === null) {
    return entry.coverage.base === null || entry.coverage.tuned === null
      ? `${name}: nothing was asked, so there is no evidence`
      : `${name}: ${coverageText(entry.coverage, policy)} (${lostText(entry)})`
  }
  const drift = driftText(entry.measure, complete, entry.clusters)
  const evidence = entry.eProcess === undefined
    ? limitText(entry, levels)
    : `${entry.annotations.includes("stopped-early") ? "stopped early" : "ended"} with evidence ${
      entry.eProcess.pass.toPrecision(3)
    } for a pass and ${entry.eProcess.fail.toPrecision(3)} for a regression, ${
      entry.eProcess.threshold.toPrecision(3)
    } is needed`
  const unasked = entry.unasked === undefined
    ? ""
    : `; ${entry.unasked.pairs} of ${entry.planned} pairs were not asked, since none of them could change this`
  const fail = entry.verdict === "fail" ? failText(policy, entry.holmAdjusted) : ""
  const obstacles = entry.verdict === "pass" ? [] : [
    ...lopsided.map((share) => shareText(share, entry.margin ?? 0)),
    ...cutText(cut, policy),
    ...(context.ceiling === undefined
      ? []
      : [
        `the tuned rate may be as high as ${percent(context.ceiling.upper)}, above the ceiling ${
          percent(context.ceiling.highest)
        }`
      ])
  ]
  const needed = entry.itemsThatWouldDecide === undefined || entry.verdict !== "inconclusive"
    ? ""
    : `; about ${entry.itemsThatWouldDecide} prompts would decide at these rates`
  const within = entry.annotations.includes("regressed-within-margin") ? "; regressed, but within the margin" : ""
  return `${name}: ${drift}, ${evidence}${fail}${
    obstacles.map((text) => `; ${text}`).join("")
  }${needed}${within}${unasked}`
}

/** One sentence for the verdict of a macro. */
export const macroReason = (macro: MacroDecision, { cut, levels, lopsided, policy }: ReasonContext): string => {
  const { difference, limit, margin, members, name } = macro
  if (macro.verdict === "incomplete" || difference === null || limit === null) {
    return `${name}: ${coverageText(macro.coverage, policy)} in every one of ${members.length} suites`
  }
  const relation = limit < margin ? "is below" : "exceeds"
  const scale = members.every(({ jLower }) => jLower === 1) ? "" : " after correction for the judges' error"
  const fail = macro.verdict === "fail" ? failText(policy, macro.holmAdjusted) : ""
  const obstacles = macro.verdict === "pass"
    ? []
    : [...lopsided.map((share) => shareText(share, margin)), ...cutText(cut, policy)].map((text) => `; ${text}`)
  const within = macro.annotations.includes("regressed-within-margin") ? "; regressed, but within the margin" : ""
  return `${name}: mean drift of \`${macro.measure}\` over ${members.length} suites ${
    points(difference, { sign: true })
  } points, one-sided ${confidence(levels.drift)} limit ${boundPoints(limit, margin)}${scale} ${relation} the margin ${
    marginPoints(margin)
  }${fail}${obstacles.join("")}${within}`
}

/** One sentence for a guard that is broken or overridden. */
export const guardReason = ({ base, detail, name, overridden, tuned }: Guard): string => {
  if (name === "identity") {
    return `${overridden === true ? "accepted by --allow-identical: " : ""}${
      detail ?? "identity"
    } (base ${base}, tuned ${tuned})`
  }
  const text = `${detail ?? `${name} differ`} (base ${base}; tuned ${tuned})`
  return overridden === true ? `accepted by override, not like with like: ${text}` : `not like with like: ${text}`
}

/** Beside a verdict on two models of which nobody saw that they answer differently. */
export const notProbedReason = (why: string): string => `not probed, only their digests were compared: ${why}`

/** A time as reports give it, to the minute. */
export const minute = (millis: number): string => `${new Date(millis).toISOString().slice(0, 16).replace("T", " ")} UTC`

/** When answers came. */
export const timesText = ({ from, to }: Pick<Reused, "from" | "to">): string =>
  minute(from) === minute(to) ? minute(to) : `${minute(from)} to ${minute(to)}`

/** Beside a verdict on a model that could have been replaced since it answered. */
export const reusedReason = ({ answers, arm, cached, of = answers, ...times }: Reused, spec: string): string => {
  const [asked, all] = of === answers ? ["nothing was asked now", "all "] : [`${of - answers} answers came now`, ""]
  const given = cached === undefined ? "" : ` (${cached} of them out of the response cache, and older)`
  return `${arm}: ${asked}, ${all}${answers} answers are from ${
    timesText(times)
  }${given}; ${spec} is known by name only, `
    + "so a model that has taken its place since is not seen (--out DIR with an empty folder asks again)"
}

/** What stands before the sentence of a waived verdict. */
export const waivedReason = (
  { expires, owner, reason }: { readonly expires: string; readonly owner: string; readonly reason: string },
  verdict: Verdict,
  sentence: string
): string => `waived by ${owner} until ${expires} ("${reason}"), otherwise ${verdict}: ${sentence}`
