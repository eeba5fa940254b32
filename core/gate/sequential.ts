import { eProcessFail, eProcessPass, holm } from "../stats/index.ts"
import { earned } from "./arm.ts"
import { endedCounts } from "./certainty.ts"
import { cutOf } from "./cut.ts"
import type { EarlyStop } from "./early-stop.ts"
import { assessMacro } from "./macro.ts"
import { verdictOf } from "./verdict.ts"
import { concerns } from "./waiver.ts"
import type { Entry, Watched, WatchInput } from "./watched.ts"

/** Suites that are stopped together because some verdict rests on all of them. */
interface Group {
  readonly suites: ReadonlyArray<number>
  readonly entries: ReadonlyArray<Entry>
  readonly macros: Watched["macros"]
  state: "open" | "waiting" | "spared"
  inFlight: number
  nextLook: number
}

/** A verdict that holds whatever the others become, and the p-value behind it. */
interface Settled {
  readonly verdict: "pass" | "fail"
  readonly p: number
}

/** How far a suite may be asked ahead of what has ended in it: what is in flight at the stop was asked in vain. */
const mostAhead = (ended: number): number => 8 + ended * 1.5

/** Room for the last digits of an e-process that is computed in another order. */
const rounding = 1e-9

/** Fewer pairs than this can neither pass nor fail at any error rate that is in use. */
const fewest = 5

const groupsOf = ({ entries, macros }: Watched, suites: number): ReadonlyArray<Group> => {
  const pooled = entries.filter(({ sort }) => sort === "pool").map(({ members }) => members)
  const alone = Array.from({ length: suites }, (_, suite) => suite).filter((suite) =>
    !pooled.some((members) => members.includes(suite))
  )
  return [...alone.map((suite) => [suite]), ...pooled].map((members) => ({
    suites: members,
    entries: entries.filter((entry) => entry.members.some((suite) => members.includes(suite))),
    macros: macros.filter((macro) => macro.members.some(({ suite }) => members.includes(suite))),
    state: "open",
    inFlight: 0,
    nextLook: fewest
  }))
}

/**
 * Stopping by evidence: the rest of a suite is left out once its e-process has passed or failed it.
 *
 * Answers that come fast need not be like those that come late, so a suite is never stopped on what happens to be there:
 * when the evidence looks sufficient, what is in flight is waited for, and the verdict is taken on an unbroken
 * beginning of the suite's random order. A suite that has passed goes on while a gated macro over the suites needs it.
 * Suites with clusters are asked in full: a cluster of which a part was asked has no valid evidence. Suites that are
 * only tracked end with the last one that decides.
 */
export const looking = (watched: Watched, { policy, suites }: WatchInput): EarlyStop => {
  const { entries, levels, macros, seen } = watched
  const alpha = levels.drift
  const groups = groupsOf(watched, suites.length)
  const groupOf = (suite: number): Group => groups.find((group) => group.suites.includes(suite))!
  const deciding = groups.filter((group) => group.entries.length > 0)
  const family = entries.length + macros.length
  const fixed = new Map<Entry, Settled>()
  let patient = true

  const endedIn = (group: Group): number => group.suites.reduce((sum, suite) => sum + seen.ended(suite), 0)
  const unbroken = (group: Group): boolean => group.suites.every((suite) => seen.ended(suite) === seen.reach(suite))

  /** Whether a look could settle an entry, from its counts alone: a whole look is dear. */
  const isPromising = ({ marginObserved, table }: Entry): boolean => {
    const counts = endedCounts(table())
    if (counts === undefined) return true
    if (!(counts.worst.n > 0)) return false
    const passes = marginObserved > 0 && marginObserved < 1
      && eProcessPass(counts.worst, marginObserved) * alpha >= 1 - rounding
    return passes || eProcessFail(counts.best) * alpha >= 1 - rounding
  }

  /** The verdict of an entry at this look if it stays what it is whatever the others become; else undefined. */
  const verdictAt = (entry: Entry): Settled | undefined => {
    if (!entry.single) return undefined
    const { assessment, evidence } = entry.assessed(earned)
    const { belowMargin, covered, lopsided, measured, regressed, underCeiling } = assessment
    const p = measured.pValue ?? 1
    const others = [...fixed].filter(([other]) => other !== entry).map(([, settled]) => settled.p)
    const open = Array.from({ length: family - 1 - others.length }, () => 1)
    const adjusted = holm([p, ...others, ...open])[0]!
    const verdict = verdictOf({
      invalid: false,
      rejected: regressed && adjusted <= alpha,
      belowMargin,
      underCeiling,
      covered,
      balanced: lopsided.length === 0,
      whole: cutOf(evidence, policy.minCoverage).length === 0
    })
    return verdict === "pass" || verdict === "fail" ? { verdict, p } : undefined
  }

  const macroPasses = ({ item, members }: Watched["macros"][number]): boolean => {
    const single = members.filter(({ single }) => single).map(({ assessed, suite }) => ({
      suite: suites[suite]!.id,
      ...assessed(earned)
    }))
    return assessMacro(item, single, { policy, levels }).belowMargin
  }

  /** A fail that no waiver concerns: then nothing hangs on the macros any more. */
  const blocks = ([{ name }, { verdict }]: readonly [Entry, Settled]): boolean =>
    verdict === "fail" && !policy.waivers.some((waiver) => concerns(waiver, name))

  const look = (group: Group): ReadonlyMap<Entry, Settled> | undefined => {
    const found = new Map<Entry, Settled>()
    for (const entry of group.entries) {
      const settled = verdictAt(entry)
      if (settled === undefined) return undefined
      found.set(entry, settled)
    }
    return [...fixed, ...found].some(blocks) || group.macros.every(macroPasses) ? found : undefined
  }

  const schedule = (group: Group): void => {
    const ended = endedIn(group)
    group.nextLook = ended + 1 + (ended >> 5)
  }

  const decide = (group: Group): void => {
    const found = look(group)
    group.state = found === undefined ? "open" : "spared"
    schedule(group)
    if (found === undefined) return
    found.forEach((settled, entry) => fixed.set(entry, settled))
    if (!deciding.every(({ state }) => state === "spared")) return
    for (const other of groups) other.state = "spared"
  }

  const mayBeStopped = (group: Group): boolean =>
    patient && group.entries.length > 0 && group.entries.every(({ single }) => single)

  return {
    ended: (arm, suite, rank, outcome) => {
      if (outcome.status === "not-needed") return
      seen.record(suite, arm, rank, outcome)
      const group = groupOf(suite)
      if (group.state !== "open" || !mayBeStopped(group) || endedIn(group) < group.nextLook) return
      if (!group.entries.every(isPromising)) {
        group.nextLook = endedIn(group) + 1 + (endedIn(group) >> 9)
        return
      }
      schedule(group)
      if (look(group) !== undefined) group.state = "waiting"
    },
    begin: () => {
      // One that was stopped for failing makes the test of the next one easier.
      for (let before = -1; before < fixed.size;) {
        before = fixed.size
        for (const group of groups) {
          if (group.state !== "spared" && mayBeStopped(group) && endedIn(group) > 0 && unbroken(group)) decide(group)
        }
      }
    },
    need: (suite, rank) => {
      const group = groupOf(suite)
      if (group.state === "waiting") {
        if (group.inFlight > 0) return rank < seen.reach(suite) ? "ask" : "wait"
        if (unbroken(group)) decide(group)
      }
      if (group.state === "spared") return { spared: earned }
      const ahead = group.inFlight > 0 && mayBeStopped(group) && rank >= mostAhead(seen.ended(suite))
      return ahead ? "wait" : "ask"
    },
    launched: (suite) => {
      groupOf(suite).inFlight++
    },
    settled: (suite) => {
      groupOf(suite).inFlight--
    },
    hurry: () => {
      patient = false
      for (const group of groups) if (group.state === "waiting") group.state = "open"
    }
  }
}
