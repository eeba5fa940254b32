import { styleText } from "node:util"
import type { Annotation, Decision, MacroDecision, PoolDecision, SuiteDecision, Verdict } from "../domain/decision.ts"
import type { OutcomeStatus } from "../domain/outcome.ts"
import { judgingLines } from "./judging-lines.ts"
import { ledgerTable } from "./ledger-table.ts"
import { fit, plain, wrap } from "./lines.ts"
import { boundPoints, confidence, marginPoints, percent, points } from "./points.ts"
import { changeText } from "./policy-changes.ts"

const glyphs: Readonly<Record<Verdict, string>> = {
  pass: "✓",
  fail: "✗",
  inconclusive: "?",
  incomplete: "…",
  invalid: "!"
}
const colours: Readonly<Record<Verdict, "green" | "red" | "yellow" | "magenta">> = {
  pass: "green",
  fail: "red",
  inconclusive: "yellow",
  incomplete: "yellow",
  invalid: "magenta"
}

/** Widths of the columns; with a space between them a line has at most 110 characters. */
const columns = [
  { title: "suite", width: 24, left: true },
  { title: "n", width: 5 },
  { title: "base", width: 6 },
  { title: "tuned", width: 6 },
  { title: "bad", width: 5 },
  { title: "good", width: 5 },
  { title: "drift", width: 6 },
  { title: "interval", width: 16, left: true },
  { title: "margin", width: 6 },
  { title: "cover", width: 5 },
  { title: "verdict", width: 16, left: true }
] as const

const row = (cells: ReadonlyArray<string>): string =>
  columns.map((column, i) => fit(cells[i] ?? "", column.width, "left" in column)).join(" ").trimEnd()

const interval = (lower: number | null, upper: number | null, margin: number | null): string =>
  lower === null || upper === null
    ? ""
    : `[${boundPoints(lower)}, ${margin === null ? boundPoints(upper) : boundPoints(upper, margin)}]`

const count = (value: number | null): string => (value === null ? "-" : `${value}`)

type Row = { readonly cells: ReadonlyArray<string>; readonly verdict: Verdict | null }

const coverText = ({ base, tuned }: SuiteDecision["coverage"]): string =>
  percent(base === null || tuned === null ? null : Math.min(base, tuned))

const verdictText = (verdict: Verdict | null, annotations: ReadonlyArray<Annotation>, waived: boolean): string =>
  verdict === null ? "tracked" : `${glyphs[verdict]} ${verdict}${waived ? "*" : annotations.length > 0 ? " +" : ""}`

const driftOf = (difference: number | null): string => (difference === null ? "-" : points(difference, { sign: true }))

const entryRow = (name: string, entry: SuiteDecision | PoolDecision): Row => ({
  verdict: entry.verdict,
  cells: [
    name,
    `${entry.n}`,
    percent(entry.base.rate),
    percent(entry.tuned.rate),
    count(entry.becameBad),
    count(entry.becameGood),
    driftOf(entry.difference),
    interval(entry.bounds.complete?.lower ?? null, entry.limit, entry.marginObserved),
    entry.marginObserved === null ? "" : marginPoints(entry.marginObserved),
    coverText(entry.coverage),
    verdictText(entry.verdict, shown(entry.annotations), entry.waived)
  ]
})

const macroRow = (macro: MacroDecision): Row => ({
  verdict: macro.verdict,
  cells: [
    macro.name,
    "",
    "",
    "",
    "",
    "",
    driftOf(macro.difference),
    interval(macro.lower, macro.limit, macro.marginObserved),
    marginPoints(macro.margin),
    coverText(macro.coverage),
    verdictText(macro.verdict, shown(macro.annotations), macro.waived)
  ]
})

/** Words that are said once for the whole decision are not repeated on every line. */
const shown = (annotations: ReadonlyArray<Annotation>): ReadonlyArray<Annotation> =>
  annotations.filter((word) => word === "regressed-within-margin" || word === "stopped-early")

/** How many units of a pool's members are not counted in it. */
const duplicateLines = (pools: ReadonlyArray<PoolDecision>): ReadonlyArray<string> =>
  pools.filter(({ duplicates }) => duplicates > 0).flatMap(({ duplicates, name, planned }) =>
    wrap(
      `${plain(name)}: ${duplicates} of ${planned + duplicates} units left out, which an earlier suite of it asks in `
        + "the same words",
      " "
    )
  )

const lost: ReadonlyArray<OutcomeStatus> = ["blocked", "unanswered", "unscored", "errored", "skipped", "pending"]

const lostLines = (suites: ReadonlyArray<SuiteDecision>): ReadonlyArray<string> => {
  // A suite with several measures stands for its units once, by its first entry.
  const first = [...new Map(suites.toReversed().map((entry) => [entry.suite, entry])).values()].toReversed()
  return first.flatMap(({ incompleteAnswers, outcomes, suite }) =>
    (["base", "tuned"] as const).flatMap((arm) => {
      const counts = lost.filter((status) => outcomes[arm][status] > 0).map((status) =>
        `${outcomes[arm][status]} ${status}`
      )
      const cut = incompleteAnswers[arm] > 0 ? [`${incompleteAnswers[arm]} cut by the token limit`] : []
      const all = [...counts, ...cut]
      return all.length === 0 ? [] : [` ${plain(suite)}, ${arm}: ${all.join(", ")}`]
    })
  )
}

/** What was not asked because it was not needed; what a budget left out is missing and stands with the lost answers. */
const notAskedLines = ({ notAsked, suites }: Decision): ReadonlyArray<string> =>
  notAsked.filter(({ status }) => status === "not-needed").map(({ base, reason, suite, tuned }) => {
    const planned = suites.find((entry) => entry.suite === suite)?.planned ?? 0
    return ` ${plain(suite)}: base ${base}, tuned ${tuned} of ${planned} (${plain(reason)})`
  })

/** What is known of the error of each scorer that decides, once each. */
const judgeLines = ({ suites }: Decision): ReadonlyArray<string> => [
  ...new Set(
    suites.filter(({ verdict }) => verdict !== null).flatMap(({ calibration, measure, scorer }) =>
      calibration?.kind !== "measured" || calibration.source === undefined
        ? []
        : [
          `${plain(scorer.id)} on ${measure}: J at least ${calibration.jLower.toFixed(3)}, by ${
            plain(calibration.source)
          }`
        ]
    )
  )
]

/** The rules that decided: the preset that they began with, the profile behind their margins, and what differs. */
const rulesLines = ({ policy: { name, origin } }: Decision): ReadonlyArray<string> => {
  if (origin === undefined) return []
  const from = name === origin.preset ? name : `${name}, from ${origin.preset}`
  const profile = origin.profile === undefined
    ? ""
    : `; profile ${origin.profile.id} (sha256 ${origin.profile.sha256.slice(0, 12)})`
  return [
    ...wrap(`policy ${from}${profile}`, ""),
    ...origin.changes.flatMap((change) =>
      wrap(`${changeText(change, origin.preset)}${change.looser ? ", looser" : ""}`, "  ")
    )
  ]
}

const floorLines = ({ noiseFloor }: Decision): ReadonlyArray<string> =>
  (noiseFloor?.entries ?? []).map(({ difference, discordance, measure, n, name }) =>
    ` ${plain(name)} ${measure}: ${
      discordance === null ? "no counts" : `${percent(discordance)} of ${n} pairs differ`
    }, drift ${driftOf(difference)}`
  )

/**
 * A decision as the lines of a terminal table, at most 110 columns wide: suites, pools, macros, the verdict, its
 * reasons, and how answers were lost.
 *
 * The interval runs from the lower limit of the pairs that are complete to the upper limit that decides.
 */
export const table = (
  decision: Decision,
  { color }: { readonly color: boolean } = { color: false }
): ReadonlyArray<string> => {
  const { alpha, annotations, macros, pools, reasons, suites, verdict } = decision
  const paint = (word: Verdict | null, text: string): string =>
    color && word !== null ? styleText(colours[word], text, { validateStream: false }) : text
  // A suite stands once, with the measure that it gates; its other measures follow, indented.
  const named = (entry: SuiteDecision, index: number): string =>
    suites[index - 1]?.suite === entry.suite
      ? `  ${entry.measure}`
      : entry.measure === "unsafe"
      ? entry.suite
      : `${entry.suite} ${entry.measure}`
  const rows = [
    ...suites.map((entry, index) => entryRow(named(entry, index), entry)),
    ...(decision.reasoning ?? []).map((entry) => entryRow(`${entry.suite} reasoning`, entry)),
    ...pools.map((entry) => entryRow(entry.name, entry)),
    ...macros.map(macroRow)
  ]
  const marks = [
    ...(rows.some(({ cells }) => cells.at(-1)?.endsWith(" +")) ? ["+ see below"] : []),
    ...(rows.some(({ cells }) => cells.at(-1)?.endsWith("*")) ? ["* waived"] : [])
  ]
  const notes = [
    ...suites.map((entry) => [`${entry.suite} ${entry.measure}`, entry] as const),
    ...[...pools, ...macros].map((entry) => [entry.name, entry] as const)
  ].flatMap(([name, entry]) =>
    entry.verdict === null ? [] : shown(entry.annotations).map((word) => ` + ${plain(name)}: ${word}`)
  )
  const repeated = duplicateLines(pools)
  const losses = lostLines(suites)
  const judging = judgingLines(decision)
  const spared = notAskedLines(decision)
  const floor = floorLines(decision)
  const judges = judgeLines(decision)
  return [
    row(columns.map(({ title }) => title)),
    ...rows.map(({ cells, verdict: word }) => paint(word, row(cells))),
    `drift in points, + is worse; one-sided ${confidence(alpha.drift)} limits${
      marks.length === 0 ? "" : `; ${marks.join("; ")}`
    }`,
    ...rulesLines(decision),
    "",
    paint(
      verdict,
      `${glyphs[verdict]} ${verdict.toUpperCase()}${annotations.length === 0 ? "" : ` (${annotations.join(", ")})`}`
    ),
    ...reasons.flatMap((reason) => wrap(reason, "  ")),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    ...(repeated.length === 0 ? [] : ["", ...repeated]),
    ...(judges.length === 0
      ? []
      : ["", "scorers held against people's labels:", ...judges.flatMap((line) => wrap(line, " "))]),
    ...(floor.length === 0
      ? []
      : ["", `noise floor, the base model twice (${decision.noiseFloor?.verdict}):`, ...floor]),
    ...(spared.length === 0 ? [] : ["", "not asked, since the verdict no longer depended on it:", ...spared]),
    ...(losses.length === 0 ? [] : ["", "answers lost or cut:", ...losses]),
    ...(judging.length === 0
      ? []
      : ["", "how it was judged:", ...judging.flatMap((line) => wrap(line, line.startsWith("  ") ? "   " : " "))]),
    ...(decision.ledger === undefined ? [] : ["", ...ledgerTable(decision.ledger)])
  ]
}
