import type { Verdict } from "../domain/decision.ts"
import type { Policy } from "../domain/policy.ts"
import { holm, moverInterval, regressionP, tangoInterval } from "../stats/index.ts"
import { certain } from "./arm.ts"
import {
  covers,
  type Extremes,
  extremesOf,
  type Outlook,
  type Range,
  regresses,
  regressionRange,
  staysBelow,
  staysUnder
} from "./certainty.ts"
import { cutOf, tellingArms } from "./cut.ts"
import type { EarlyStop } from "./early-stop.ts"
import { corrected } from "./macro.ts"
import { verdictOf } from "./verdict.ts"
import type { Entry, Watched, WatchedMacro } from "./watched.ts"

const anything: Range = [0, 1]

const kindsOfLoss = ["blocked", "unanswered"] as const

/**
 * Exact curtailment: the rest of a suite is left out once no way in which it could end would change a verdict.
 *
 * Open answers may turn out good, bad or lost. A suite is spared only when the verdict of each thing that it alone
 * decides is fixed, whether the family of tests rejects it is fixed (so that the others keep their verdicts), and every
 * gated macro that it belongs to is a certain fail. It costs no error rate. Scores are taken to be 0 or 1 until one is
 * graded; suites with clusters or graded scores are asked in full.
 */
export const curtailing = (watched: Watched, policy: Policy): EarlyStop => {
  const { entries, levels, macros, seen } = watched
  const alpha = levels.drift
  const { failMargin, minCoverage } = policy
  const family: ReadonlyArray<Entry | WatchedMacro> = [...entries, ...macros]
  const ranges: Array<Range> = family.map(() => anything)
  const sure = new Set<Entry | WatchedMacro>()
  const spared = new Set<number>()

  /** Whether Holm's procedure rejects one of the family; each adjusted p-value rises with every p-value. */
  const rejection = (index: number): Outlook => {
    const adjusted = (end: 0 | 1): number => holm(ranges.map((range) => range[end]))[index]!
    return adjusted(1) <= alpha ? "certain" : adjusted(0) <= alpha ? "possible" : "impossible"
  }

  /** Lost answers stay as frequent in both arms, whatever becomes of the open ones. */
  const staysBalanced = (entry: Entry, { open, pairs }: Extremes): boolean => {
    const { tally: { base, tuned } } = entry.assessed(certain).evidence
    const differences = [
      ...kindsOfLoss.map((kind) => Math.abs(tuned.asked[kind] - base.asked[kind])),
      Math.abs(tuned.incomplete - base.incomplete)
    ]
    return differences.every((difference) => (difference + open) / pairs <= entry.margin)
  }

  /** Few enough answers were cut, even if every open one will be. */
  const staysWhole = (entry: Entry, { open }: Extremes): boolean => {
    const { measure, tally } = entry.assessed(certain).evidence
    return tellingArms(measure).every((arm) => {
      const { asked: { scored }, incomplete } = tally[arm]
      return (scored - incomplete) / (scored + open) >= minCoverage
    })
  }

  const passes = (entry: Entry, extremes: Extremes): boolean =>
    staysBelow(extremes, { alpha, margin: entry.marginObserved }) === "certain"
    && covers(extremes, minCoverage) === "certain"
    && (entry.ceiling === undefined || staysUnder(extremes, entry.ceiling, alpha))
    && staysBalanced(entry, extremes)
    && staysWhole(entry, extremes)

  const fixedVerdict = (entry: Entry, extremes: Extremes, rejected: Outlook): Verdict | undefined => {
    // Alone in its family, a suite that passes does so whether or not it is rejected.
    if (rejected === "possible" && family.length > 1) return undefined
    if (passes(entry, extremes)) return "pass"
    if (rejected === "possible") return undefined
    const never = staysBelow(extremes, { alpha, margin: entry.marginObserved }) === "impossible"
    if (rejected === "certain") {
      return never && regresses(extremes, failMargin, alpha) === "certain" ? "fail" : undefined
    }
    const covered = covers(extremes, minCoverage)
    return covered === "impossible" ? "incomplete" : covered === "certain" && never ? "inconclusive" : undefined
  }

  /** The verdict that a decision would give an entry now, were everything left out that has not ended. */
  const verdictNow = (entry: Entry, rejected: Outlook): Verdict => {
    const { assessment, evidence } = entry.assessed(certain)
    const { belowMargin, covered, lopsided, regressed, underCeiling } = assessment
    return verdictOf({
      invalid: false,
      rejected: rejected === "certain" && regressed,
      belowMargin,
      underCeiling,
      covered,
      balanced: lopsided.length === 0,
      whole: cutOf(evidence, minCoverage).length === 0
    })
  }

  const examine = (entry: Entry, index: number): void => {
    if (sure.has(entry) || !entry.single) return
    const extremes = extremesOf(entry.table())
    ranges[index] = extremes === undefined ? anything : regressionRange(extremes, failMargin)
    if (extremes === undefined) return
    const rejected = rejection(index)
    const verdict = fixedVerdict(entry, extremes, rejected)
    if (verdict !== undefined && verdict === verdictNow(entry, rejected)) sure.add(entry)
  }

  const limitsOf = (counts: Extremes["best"]["least"], level: number) => ({
    difference: (counts.b - counts.c) / counts.n,
    ...tangoInterval(counts, level)
  })

  let nextMacros = 0
  /** A macro is settled early only as a certain fail; each bisection over its limits is dear, so it is not always tried. */
  const examineMacro = (macro: WatchedMacro, index: number): void => {
    if (sure.has(macro)) return
    const parts = macro.members.map(({ j, single, table }) => ({
      extremes: single ? extremesOf(table()) : undefined,
      j
    }))
    const known = parts.flatMap(({ extremes, j }) => extremes === undefined ? [] : [{ extremes, j }])
    if (known.length < parts.length || known.some(({ extremes }) => !(extremes.complete.n > 0))) return
    const lowerAt = (end: "least" | "most") => (level: number) =>
      moverInterval(known.map(({ extremes }) => limitsOf(extremes.best[end], level))).lower
    ranges[index] = [regressionP(lowerAt("most"), failMargin), regressionP(lowerAt("least"), failMargin)]
    if (rejection(index) !== "certain" || !(lowerAt("least")(alpha) > failMargin)) return
    const lowest = known.every(({ j }) => j > 0)
      ? moverInterval(known.map(({ extremes, j }) => {
        const { difference, lower, upper } = limitsOf(extremes.worst.least, alpha)
        return { difference: corrected(difference, j), lower: corrected(lower, j), upper: corrected(upper, j) }
      })).upper
      : 1
    if (lowest >= macro.item.margin) sure.add(macro)
  }

  const ownEntries = (suite: number): ReadonlyArray<Entry> => entries.filter(({ members }) => members.includes(suite))

  const spare = (): void => {
    const ready = [...new Set(entries.flatMap(({ members }) => members))].filter((suite) =>
      !spared.has(suite) && ownEntries(suite).every((entry) => sure.has(entry))
    )
    if (ready.length === 0) return
    const held = macros.filter(({ members }) => members.some(({ suite }) => ready.includes(suite)))
    const ended = held.length === 0 ? 0 : entries.reduce((sum, { members }) => sum + seen.ended(members[0]!), 0)
    if (held.length > 0 && ended >= nextMacros) {
      nextMacros = ended + 1 + (ended >> 7)
      macros.forEach((macro, i) => examineMacro(macro, entries.length + i))
    }
    for (const suite of ready) {
      const free = macros.every((macro) => sure.has(macro) || macro.members.every((member) => member.suite !== suite))
      if (free) spared.add(suite)
    }
  }

  /** Answers until a suite is examined again: every one of a few hundred pairs, one in 512 of a long suite. */
  const rest = new Map<number, number>()
  const isDue = (suite: number): boolean => {
    const left = rest.get(suite) ?? 0
    rest.set(suite, left > 0 ? left - 1 : seen.ended(suite) >> 9)
    return left === 0
  }

  let begun = false
  return {
    ended: (arm, suite, rank, outcome) => {
      if (outcome.status === "not-needed") return
      seen.record(suite, arm, rank, outcome)
      if (!begun || !isDue(suite)) return
      entries.forEach((entry, index) => {
        if (entry.members.includes(suite)) examine(entry, index)
      })
      spare()
    },
    begin: () => {
      begun = true
      // What is known of one entry narrows what the family of tests can do to the others.
      for (let before = -1; before < sure.size;) {
        before = sure.size
        entries.forEach(examine)
      }
      spare()
    },
    need: (suite) => spared.has(suite) ? { spared: certain } : "ask",
    launched: () => {},
    settled: () => {},
    hurry: () => {}
  }
}
