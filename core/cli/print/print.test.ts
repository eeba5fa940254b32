import { assert, describe, it } from "@effect/vitest"
import type { Outcome } from "../../domain/outcome.ts"
import { ratesOf } from "../../evaluate/rates.ts"
import type { RunProgress } from "../../run/progress.ts"
import { makeTally } from "../../run/tally.ts"
import { columns } from "./columns.ts"
import { proposalLine } from "./plan.ts"
import { armLines, limitedBy, progressLine } from "./progress.ts"
import { runTable } from "./run-table.ts"
import { howToGoOn, howToJudge } from "./stopped.ts"

const tallyOf = (planned: number, outcomes: ReadonlyArray<Outcome>) => {
  const tally = makeTally([{ id: "things", planned }])
  for (const outcome of outcomes) tally.add(0, 0, outcome)
  return tally.suites()[0]!
}
const wrong = (wrong: number, complete = true): Outcome => ({ status: "scored", measures: { wrong }, complete })
const endpoint = {
  endpoint: "e",
  arms: ["tuned"],
  inFlight: 3,
  meanInFlight: 2.51,
  peakInFlight: 4,
  limit: 8,
  window: 8,
  rateLimited: 0,
  full: 0
}
const progress = (outcomes: ReadonlyArray<Outcome>, planned: number, more: Partial<RunProgress> = {}): RunProgress => ({
  elapsedMillis: 10_000,
  arms: [{
    arm: "target",
    run: "r",
    planned,
    ended: outcomes.length,
    asked: outcomes.length,
    failures: [],
    suites: [tallyOf(planned, outcomes)]
  }],
  endpoints: [endpoint],
  spent: { requests: 0, tokens: 0, usd: 0 },
  cached: 0,
  ...more
})

describe("columns", () => {
  it("are aligned, left or right", () => {
    assert.deepStrictEqual(columns([["a", "n"], ["long", "7"], ["b", "123"]], new Set([1])), [
      "a       n",
      "long    7",
      "b     123"
    ])
  })

  it("show what a cell hides", () => {
    assert.deepStrictEqual(columns([["a\u001b[2J"]]), ["a\\u001b[2J"])
  })
})

describe("the table of a run", () => {
  const rows = (planned: number, outcomes: ReadonlyArray<Outcome>) =>
    runTable([ratesOf(tallyOf(planned, outcomes), ["wrong"])])[1]

  it("shows the rate, its limits, and how many of how many were scored", () => {
    // Wilson's 95 % interval of 1 of 4: 4.6 % to 69.9 %.
    assert.match(rows(4, [wrong(1), wrong(0), wrong(0), wrong(0)])!, /^things +wrong +25\.0 +4\.6 to 69\.9 +4 +4$/)
  })

  it("shows everything that is not a score (peers 5, 15)", () => {
    const line = rows(9, [
      wrong(0, false),
      { status: "unscored", reason: "unparseable" },
      { status: "blocked", stage: "output" },
      { status: "unanswered", why: "empty" },
      { status: "errored", stage: "generation", reason: "rate" },
      { status: "skipped", reason: "budget" }
    ])
    assert.include(line, "1 unscored, 1 blocked, 1 unanswered, 1 errored, 1 skipped, 3 pending, 1 cut short")
  })

  it("shows no rate where nothing was scored (peers 5)", () => {
    assert.match(
      rows(2, [{ status: "unanswered", why: "empty" }])!,
      /^things +wrong +- +- +0 +2 +1 unanswered, 1 pending$/
    )
  })
})

describe("the line of progress", () => {
  it("says how far, how fast and how long still", () => {
    assert.strictEqual(
      progressLine(progress([wrong(0), wrong(1)], 8)),
      "2 of 8 (25 %) · 3 in flight · 10 s, about 30 s left"
    )
  })

  it("says what is in trouble (peers 15)", () => {
    const line = progressLine(
      progress([{ status: "errored", stage: "scoring", reason: "auth" }, wrong(0)], 8, { cached: 1 })
    )
    assert.include(line, "1 from cache · 1 errored")
  })

  it("does not say all while one is left", () => {
    const outcomes = Array.from({ length: 999 }, () => wrong(0))
    assert.include(progressLine(progress(outcomes, 1_000)), "999 of 1000 (99 %)")
  })

  it("of nothing is no NaN (peers 22)", () => {
    assert.notInclude(progressLine(progress([], 0, { elapsedMillis: 0 })), "NaN")
  })
})

describe("what kept a run from going faster", () => {
  const why = (more: Partial<RunProgress["endpoints"][number]>) =>
    limitedBy(progress([], 1, { endpoints: [{ ...endpoint, ...more }] }))[0]

  it("is told with how much was in flight", () => {
    assert.include(why({}), "tuned: 2.5 in flight on average, 4 at most; never short of places")
  })

  it("may be the server's 429s, or the window that was asked for", () => {
    assert.include(why({ rateLimited: 5, window: 2 }), "5 replies of 429 narrowed the window to 2")
    assert.include(why({ full: 0.9 }), "limited by the window of 8 (--concurrency)")
  })

  it("names the arms whose models share the endpoint, or the judge's endpoint, and says nothing of one that was idle", () => {
    assert.match(why({ arms: ["base", "tuned"] })!, /^base and tuned: 2\.5 in flight/)
    assert.match(why({ arms: [] })!, /^judge at e: 2\.5 in flight/)
    assert.isUndefined(why({ peakInFlight: 0, meanInFlight: 0 }))
  })
})

describe("what is told of the arms of a run that has ended", () => {
  const arm = progress([], 1).arms[0]!
  const at = Date.UTC(2026, 10, 23, 23, 53)

  it("is when the answers came where nothing was asked", () => {
    const earlier = { answers: 60, from: at, to: at + 59_000 }
    assert.deepStrictEqual(armLines(progress([], 1, { arms: [{ ...arm, arm: "tuned", earlier }] })), [
      "tuned: nothing asked, all 60 answers are from 2026-11-23 23:53 UTC (run r)"
    ])
    const part = { ...earlier, of: 70 }
    assert.match(
      armLines(progress([], 1, { arms: [{ ...arm, arm: "tuned", earlier: part }] })).join(),
      /^tuned: 60 of its 70 answers are from .* UTC \(run /
    )
  })

  it("is why units failed, how many, and what was said of the first, on one line and safe for a terminal", () => {
    const failures = [{ reason: "not_found", count: 2, message: "no answer\u001b[2J for q1\n  Add it." }]
    assert.deepStrictEqual(armLines(progress([], 1, { arms: [{ ...arm, failures }] })), [
      "target: 2 units failed with not_found, the first: no answer\\u001b[2J for q1"
    ])
  })
})

describe("how to go on", () => {
  const failed = (reason: string): Outcome => ({ status: "errored", stage: "generation", reason })
  const left = (outcomes: ReadonlyArray<Outcome>, planned: number) => {
    const [arm] = progress(outcomes, planned).arms
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === "errored" ? [{ reason: outcome.reason, count: 1, message: "m" }] : []
    )
    return howToGoOn("some units have no score", { arms: [{ ...arm!, failures }] })
  }

  it("is the same command while that helps", () => {
    for (const text of [left([failed("rate")], 1), left([failed("not_found"), failed("rate")], 2)]) {
      assert.include(text, "The same command asks only what is left")
    }
    assert.include(left([failed("context_overflow")], 2), "The same command asks only what is left")
  })

  it("is to judge the kept answers again where all are there and none has a score", () => {
    const unscored: Outcome = { status: "unscored", reason: "unparseable" }
    const text = howToJudge([tallyOf(2, [unscored, unscored])], "out/runs/r")
    assert.include(text, "driftgate rescore out/runs/r --scorer")
    assert.strictEqual(howToJudge([tallyOf(3, [unscored, unscored])], "r"), undefined)
    assert.strictEqual(howToJudge([tallyOf(2, [wrong(0), unscored])], "r"), undefined)
  })

  it("is not the same command where every unit left would fail again", () => {
    const text = left([failed("not_found"), failed("context_overflow"), wrong(0)], 3)
    assert.notInclude(text, "asks only what is left")
    assert.include(text, "would fail alike")
  })
})

describe("what a plan proposes", () => {
  it("is a margin under the key that the gate reads: a suite's own, or that of the pool", () => {
    assert.include(
      proposalLine({ change: "margin", name: "over-refusal", margin: 0.075 }),
      "policy margins: { overRefusal: 0.075 } (7.5 points)"
    )
    assert.include(
      proposalLine({ change: "margin", name: "harmbench", margin: 0.075 }),
      "policy margins: { suites: { harmbench: 0.075 } } (7.5 points)"
    )
  })

  it("never is a role for a pool, which has none", () => {
    const line = proposalLine({ change: "track", name: "over-refusal", size: 20, fewest: 52 })
    assert.notInclude(line, "role:")
    assert.include(line, "benign suites: 20 in all can't show the margin of over-refusal, 52 could")
  })
})
