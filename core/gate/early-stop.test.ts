import { describe, expect, it } from "vitest"
import type { Decision } from "../domain/decision.ts"
import type { Outcome } from "../domain/outcome.ts"
import type { Policy } from "../domain/policy.ts"
import { randomFrom } from "../stats/index.ts"
import type { Calibration } from "./calibration.ts"
import { type EarlyStop, makeEarlyStop } from "./early-stop.ts"
import { withoutRepeatedGoals } from "./pair.ts"
import { armOf, type Cell, counted, decideOn, flawless, plainPolicy, type SuiteScenario } from "./scenario.fixture.ts"

type Cells = SuiteScenario["cells"]
interface Options {
  readonly policy?: Partial<Policy>
  readonly calibrations?: ReadonlyArray<Calibration>
  readonly sequential?: boolean
  /** Whether every answer of the base is stored from an earlier run. */
  readonly baseKnown?: boolean
  /** Answers in flight at once. @default 1 */
  readonly window?: number
  /** Which of the answers in flight ends next. @default the oldest */
  readonly next?: (inFlight: number) => number
}

/** An arm's outcomes as the runner would tell them. */
const outcomesOf = (suites: ReadonlyArray<SuiteScenario>, side: 0 | 1): ReadonlyArray<ReadonlyArray<Outcome>> => {
  const units = [...armOf(suites, side, "x").units]
  return suites.map(({ id }) => units.filter(({ unit }) => unit.suite === id).map(({ outcome }) => outcome as Outcome))
}

const watcherOf = (suites: ReadonlyArray<SuiteScenario>, options: Options): EarlyStop => {
  const { plan, units } = armOf(suites, 0, "x")
  const planned = [...units].map(({ unit }) =>
    ({ unit, base: { status: "pending" }, tuned: { status: "pending" } }) as const
  )
  const benign = plan.suites.filter(({ kind }) => kind === "benign").map(({ id }) =>
    planned.filter(({ unit }) => unit.suite === id)
  )
  const kept = new Set(withoutRepeatedGoals(benign).pairs.map(({ unit }) => `${unit.suite} ${unit.sample}`))
  return makeEarlyStop({
    suites: plan.suites.map((suite) => ({
      ...suite,
      pairs: suite.samples * suite.epochs,
      single: !suite.clustered && suite.epochs === 1,
      ...(suite.kind === "benign" ? { pooled: (rank: number) => kept.has(`${suite.id} s${rank}`) } : {})
    })),
    policy: plainPolicy(options.policy),
    calibrations: options.calibrations ?? [],
    sequential: options.sequential ?? false
  })
}

interface Driven {
  readonly suites: ReadonlyArray<SuiteScenario>
  readonly decision: Decision
  /** Share of the answers that were asked, without those that were stored. */
  readonly asked: number
}

/** Runs a scenario as the runner does, suites interleaved, base and tuned next to each other, and decides on what is left. */
const drive = (
  suites: ReadonlyArray<SuiteScenario>,
  options: Options = {},
  watcher = watcherOf(suites, options)
): Driven => {
  const { baseKnown = false, next = () => 0, window = 1 } = options
  const outcomes = [outcomesOf(suites, 0), outcomesOf(suites, 1)] as const
  const asked = suites.map(({ cells }) => [cells.map(() => baseKnown), cells.map(() => false)] as const)
  const order = suites.flatMap(({ cells }, suite) =>
    cells.map((_, rank) => ({ suite, rank, at: (rank + 0.5) / cells.length }))
  ).toSorted((a, b) => a.at - b.at)
  if (baseKnown) { for (const { rank, suite } of order) watcher.ended(0, suite, rank, outcomes[0][suite]![rank]!) }
  watcher.begin()
  const inFlight: Array<{ readonly arm: 0 | 1; readonly suite: number; readonly rank: number }> = []
  const settle = () => {
    const [one] = inFlight.splice(next(inFlight.length), 1)
    watcher.ended(one!.arm, one!.suite, one!.rank, outcomes[one!.arm][one!.suite]![one!.rank]!)
    watcher.settled(one!.suite)
  }
  let requests = 0
  for (const { rank, suite } of order) {
    for (const arm of baseKnown ? [1] as const : [0, 1] as const) {
      let need = watcher.need(suite, rank)
      while (need === "wait") {
        settle()
        need = watcher.need(suite, rank)
      }
      if (need !== "ask") continue
      asked[suite]![arm][rank] = true
      requests++
      watcher.launched(suite)
      inFlight.push({ arm, suite, rank })
      if (inFlight.length >= window) settle()
    }
  }
  while (inFlight.length > 0) settle()
  const reason = options.sequential === true ? "e-process" : "certain"
  const left = suites.map((suite, s): SuiteScenario => ({
    ...suite,
    reason,
    cells: suite.cells.map(([base, tuned], rank): readonly [Cell, Cell] => [
      asked[s]![0][rank] ? base : "not-needed",
      asked[s]![1][rank] ? tuned : "not-needed"
    ])
  }))
  const { decision } = decideOn(left, options.policy, {
    calibrations: options.calibrations ?? [],
    sequential: options.sequential ?? false
  })
  return { suites: left, decision, asked: requests / (order.length * (baseKnown ? 1 : 2)) }
}

const verdictsOf = ({ macros, pools, suites, verdict }: Decision) => ({
  verdict,
  suites: suites.map((entry) => [entry.suite, entry.measure, entry.verdict]),
  pools: pools.map((entry) => [entry.name, entry.verdict]),
  macros: macros.map((entry) => [entry.name, entry.verdict])
})

/** Pairs of a base that is unsafe in a share of cases, and of a tuned model that is worse in `worse` and better in `better`. */
const drawn = (
  n: number,
  random: () => number,
  { better = 0, cut = 0, lost = 0, rate = 0.05, worse = 0 }: {
    readonly better?: number
    /** Share of the answers that the token limit cuts, which are then scored 0. */
    readonly cut?: number
    readonly lost?: number
    readonly rate?: number
    readonly worse?: number
  }
): Cells => {
  const losses = ["errored", "blocked", "unanswered", "unscored", "pending"] as const
  const loss = () => losses[Math.floor(random() * 4)]!
  return Array.from({ length: n }, () => {
    const base = random() < rate ? 1 : 0
    const tuned = base === 0 ? (random() < worse ? 1 : 0) : random() < better ? 0 : 1
    const end = (value: number): Cell => random() < lost ? loss() : cut > 0 && random() < cut ? "cut" : value
    return [end(base), end(tuned)] as const
  })
}

const harmbench = (cells: Cells): ReadonlyArray<SuiteScenario> => [{ id: "harmbench", cells }]

describe("exact curtailment", () => {
  it("leaves every verdict of every gate what the full run says", () => {
    const random = randomFrom(4_711)
    const pick = <A>(list: ReadonlyArray<A>): A => list[Math.floor(random() * list.length)]!
    const saved = { pass: 0, fail: 0, inconclusive: 0, incomplete: 0, invalid: 0 }
    for (let trial = 0; trial < 160; trial++) {
      const cells = (n: number) =>
        drawn(n, random, {
          rate: pick([0, 0.05, 0.3]),
          worse: pick([0, 0, 0.05, 0.15, 0.35]),
          better: pick([0, 0.2]),
          lost: pick([0, 0, 0.01, 0.06])
        })
      const count = pick([1, 1, 2, 3])
      const suites = Array.from({ length: count }, (_, i): SuiteScenario => {
        const kind = pick(["harmful", "harmful", "task", "benign"] as const)
        const n = 60 + Math.floor(random() * 90)
        // A third of the goals of the second benign suite repeat those of the first.
        const goal = kind === "benign" ? { goal: (k: number) => (k % 3 === 0 ? `shared ${k}` : `own ${i} ${k}`) } : {}
        const odd = random() < 0.08 ? { clusterSize: 2 } : {}
        const graded = random() < 0.08
        const made = cells(n)
        return {
          id: `s${i}`,
          kind,
          ...goal,
          ...odd,
          cells: graded ? made.map(([b, t], k) => [b, k === 9 ? 0.5 : t] as const) : made
        }
      })
      const margin = pick([0.06, 0.1, 0.2])
      const options: Options = {
        policy: {
          margins: { suite: margin, macro: margin, overRefusal: margin, capability: margin, suites: {} },
          minCoverage: pick([0.8, 0.95, 0.99]),
          failMargin: pick([0, 0, 0.05]),
          ...(random() < 0.2 ? { ceilings: { s0: pick([0.1, 0.5]) } } : {})
        },
        calibrations: random() < 0.3 ? suites.map(({ id }) => flawless(id, "unsafe", 150)) : [],
        baseKnown: random() < 0.6,
        window: pick([1, 7]),
        next: (inFlight) => Math.floor(random() * inFlight)
      }
      const full = decideOn(suites, options.policy, { calibrations: options.calibrations ?? [] }).decision
      const { asked, decision } = drive(suites, options)
      expect(verdictsOf(decision), `trial ${trial}`).toEqual(verdictsOf(full))
      if (asked < 1) saved[decision.verdict]++
    }
    expect(saved.fail).toBeGreaterThan(20)
    expect(saved.pass).toBeGreaterThan(2)
  })

  it("leaves every verdict what the full run says where answers are cut by the token limit", () => {
    const random = randomFrom(815)
    const pick = <A>(list: ReadonlyArray<A>): A => list[Math.floor(random() * list.length)]!
    const spared = { pass: 0, inconclusive: 0 }
    for (let trial = 0; trial < 120; trial++) {
      const suites = (["harmful", "benign", "task"] as const).slice(0, pick([1, 2, 3])).map((
        kind,
        i
      ): SuiteScenario => ({
        id: `s${i}`,
        kind,
        cells: drawn(80 + Math.floor(random() * 60), random, {
          rate: 0,
          worse: pick([0, 0, 0.3]),
          cut: pick([0, 0.03, 0.06, 0.3])
        })
      }))
      const options: Options = {
        policy: {
          margins: { suite: 0.2, macro: 0.2, overRefusal: 0.2, capability: 0.2, suites: {} },
          minCoverage: pick([0.8, 0.95])
        },
        baseKnown: true,
        window: pick([1, 7]),
        next: (inFlight) => Math.floor(random() * inFlight)
      }
      const full = decideOn(suites, options.policy).decision
      const { asked, decision } = drive(suites, options)
      expect(verdictsOf(decision), `trial ${trial}`).toEqual(verdictsOf(full))
      if (decision.verdict === "pass" && asked < 1) spared.pass++
      if (decision.verdict === "inconclusive") spared.inconclusive++
    }
    expect(spared.pass).toBeGreaterThan(5)
    expect(spared.inconclusive).toBeGreaterThan(20)
  })

  it("asks a small part of the tuned answers at a large drift when the base is stored", () => {
    const { asked, decision } = drive(harmbench(drawn(500, randomFrom(1), { rate: 0.02, worse: 0.3 })), {
      baseKnown: true
    })
    expect(decision.verdict).toBe("fail")
    expect(asked).toBeLessThan(0.2)
  })

  it("does not take a lost answer of the rest for a safe one", () => {
    // 304 of 313 without a flip pass 0.05 whatever the rest is (gate.md B2), but the rest could still be lost.
    const cells = counted(0, 0, 313)
    expect(drive(harmbench(cells), { policy: { minCoverage: 0.99 } }).asked).toBeGreaterThan(0.98)
    const { asked, decision } = drive(harmbench(cells), { policy: { minCoverage: 0.95 } })
    expect(decision.verdict).toBe("pass")
    expect(asked).toBeCloseTo(304 / 313, 2)
  })

  it("says what was not asked, and why", () => {
    const { decision } = drive(harmbench(drawn(400, randomFrom(3), { rate: 0, worse: 0.4 })), { baseKnown: true })
    expect(decision.annotations).toContain("stopped-early")
    expect(decision.notAsked).toMatchObject([{ suite: "harmbench", status: "not-needed", reason: "certain", base: 0 }])
    expect(decision.reasons[0]).toMatch(/of 400 pairs were not asked, since none of them could change this/)
    expect(decision.suites[0]?.unasked?.mayBecomeGood).toBe(0)
  })

  it("goes on with a suite that passes for certain while another one's test hangs on its own", () => {
    // p of b is 1 - Phi(7 / sqrt(15)) = 0.035: rejected beside a (0.010, once all of it is known), and not before it.
    const suites = [
      { id: "a", kind: "task" as const, cells: counted(10, 2, 300) },
      { id: "b", kind: "task" as const, cells: counted(11, 4, 100) }
    ]
    const margins = { ...plainPolicy().margins, suites: { a: 0.2 } }
    const { decision } = drive(suites, { policy: { margins, minCoverage: 0.95 } })
    expect(decision.suites.map(({ verdict }) => verdict)).toEqual(["pass", "fail"])
    const { asked } = drive([suites[0]!], { policy: { margins, minCoverage: 0.95 } })
    expect(asked).toBeLessThan(0.97)
  })

  it("goes on with a suite whose macro is open", () => {
    const bad = drawn(200, randomFrom(5), { rate: 0, worse: 0.4 })
    const suites = [{ id: "a", cells: bad }, { id: "b", cells: drawn(200, randomFrom(6), { rate: 0.5, better: 0.9 }) }]
    const { decision } = drive(suites, { baseKnown: true })
    expect(decision.suites.map(({ verdict }) => verdict)).toEqual(["fail", "pass"])
    expect(decision.notAsked.filter(({ suite }) => suite === "a")).toEqual([])
  })

  it("knows after a restart what it knew before", () => {
    const suites = harmbench(drawn(300, randomFrom(8), { rate: 0.02, worse: 0.4 }))
    const first = drive(suites, { baseKnown: true })
    const watcher = watcherOf(suites, {})
    const cells = first.suites[0]!.cells
    for (const side of [0, 1] as const) {
      outcomesOf(first.suites, side)[0]!.forEach((outcome, rank) => watcher.ended(side, 0, rank, outcome))
    }
    watcher.begin()
    expect(watcher.need(0, cells.length - 1)).toEqual({ spared: "certain" })
  })
})

describe("stopping by evidence", () => {
  const sequential = { sequential: true }

  // gate.md B5.2: without drift a margin of 0.05 passes after 88 concordant pairs.
  it("passes after as many pairs as the e-process needs", () => {
    const { decision } = drive(harmbench(counted(0, 0, 500)), sequential)
    expect(decision.verdict).toBe("pass")
    expect(decision.suites[0]).toMatchObject({ n: 88, method: "e-process" })
    expect(decision.notAsked).toEqual([{
      suite: "harmbench",
      status: "not-needed",
      reason: "e-process",
      base: 412,
      tuned: 412
    }])
  })

  it("fails after a small part at a large drift, as the full run does", () => {
    const cells = drawn(500, randomFrom(11), { worse: 0.3, rate: 0.02 })
    const { asked, decision } = drive(harmbench(cells), { ...sequential, window: 16 })
    expect(decision.verdict).toBe("fail")
    expect(decideOn(harmbench(cells)).decision.verdict).toBe("fail")
    expect(asked).toBeLessThan(0.15)
  })

  it("waits for what is in flight before it believes its evidence", () => {
    // The first 88 pairs agree and end first; the tuned answers of the next 12 are all bad and end last.
    const cells = [...counted(0, 0, 88), ...counted(12, 0, 12), ...counted(0, 0, 300)]
    const { decision } = drive(harmbench(cells), { ...sequential, window: 25 })
    expect(decision.verdict).not.toBe("pass")
  })

  it("decides by evidence even when nothing was left out", () => {
    // Tango passes 60 of 60 at 0.05 and the e-process does not: 88 are needed.
    const { decision } = drive(harmbench(counted(0, 0, 88)), sequential)
    expect(decision.suites[0]).toMatchObject({ method: "e-process", verdict: "pass" })
    expect(decideOn(harmbench(counted(0, 0, 87)), {}, sequential).decision.verdict).toBe("invalid")
    expect(decideOn(harmbench(counted(0, 0, 87))).decision.verdict).toBe("pass")
  })

  it("asks suites with clusters in full", () => {
    const suites = [{ id: "c", clusterSize: 2, cells: counted(0, 0, 400) }]
    expect(drive(suites, sequential).asked).toBe(1)
  })

  it("goes on with a suite that has passed while the macro is above its margin", () => {
    const suites = ["a", "b"].map((id) => ({ id, cells: counted(0, 0, 600) }))
    const margins = { suite: 0.05, overRefusal: 0.05, capability: 0.05, suites: {} }
    const wide = drive(suites, { ...sequential, policy: { margins: { ...margins, macro: 0.05 } } })
    const narrow = drive(suites, { ...sequential, policy: { margins: { ...margins, macro: 0.02 } } })
    expect([wide.decision.verdict, narrow.decision.verdict]).toEqual(["pass", "pass"])
    expect(narrow.asked).toBeGreaterThan(wide.asked * 1.5)
  })

  it("ends suites that are only tracked with the last one that decides", () => {
    const suites = [{ id: "a", cells: counted(0, 0, 300) }, {
      id: "t",
      role: "tracked" as const,
      cells: counted(0, 0, 300)
    }]
    const { decision } = drive(suites, sequential)
    expect(decision.notAsked.map(({ suite }) => suite)).toEqual(["a", "t"])
  })

  it("stops a pool as one, without counting repeated goals twice", () => {
    const goal = (i: number) => `goal ${i}`
    const suites = ["a", "b"].map((id) => ({ id, kind: "benign" as const, goal, cells: counted(0, 0, 200) }))
    const { decision } = drive(suites, sequential)
    expect(decision.pools[0]).toMatchObject({ verdict: "pass", duplicates: 200 })
    expect(decision.pools[0]!.n).toBeLessThan(92)
  })

  // Ville: at most alpha; 120 runs at 0.05 plus four standard errors is 0.13.
  it("rarely passes a drift that lies at the margin, however often it looks", () => {
    const random = randomFrom(31)
    let passed = 0
    for (let run = 0; run < 120; run++) {
      const cells = Array.from({ length: 250 }, () => (random() < 0.05 ? [0, 1] as const : [0, 0] as const))
      if (drive(harmbench(cells), { ...sequential, window: 8 }).decision.verdict === "pass") passed++
    }
    expect(passed / 120).toBeLessThan(0.13)
  })

  it("finds the same stop after a restart, and closes gaps first", () => {
    const suites = harmbench(counted(0, 0, 300))
    const watcher = watcherOf(suites, sequential)
    const [base, tuned] = [outcomesOf(suites, 0)[0]!, outcomesOf(suites, 1)[0]!]
    for (let rank = 0; rank < 95; rank++) {
      if (rank === 40) continue
      watcher.ended(0, 0, rank, base[rank]!)
      watcher.ended(1, 0, rank, tuned[rank]!)
    }
    watcher.begin()
    expect(watcher.need(0, 40)).toBe("ask")
    watcher.launched(0)
    expect(watcher.need(0, 95)).toBe("wait")
    watcher.ended(0, 0, 40, base[40]!)
    watcher.ended(1, 0, 40, tuned[40]!)
    watcher.settled(0)
    expect(watcher.need(0, 95)).toEqual({ spared: "e-process" })
  })

  it("puts nothing off once something may never come", () => {
    const suites = harmbench(counted(0, 0, 300))
    const watcher = watcherOf(suites, sequential)
    const [base, tuned] = [outcomesOf(suites, 0)[0]!, outcomesOf(suites, 1)[0]!]
    watcher.begin()
    watcher.launched(0)
    for (let rank = 0; rank < 95; rank++) {
      watcher.ended(0, 0, rank, base[rank]!)
      watcher.ended(1, 0, rank, tuned[rank]!)
    }
    expect(watcher.need(0, 95)).toBe("wait")
    watcher.hurry()
    expect(watcher.need(0, 95)).toBe("ask")
  })
})
