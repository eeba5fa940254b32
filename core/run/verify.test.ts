import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { journalText, recordsOf, session } from "./records.fixture.ts"
import { type Files, onDisk, planned, runFolder } from "./run-folder.fixture.ts"
import { openStoredRun } from "./stored-run.ts"
import { verifyRun } from "./verify.ts"

const first = recordsOf({ suite: "s", sample: "0", epoch: 0 })
const second = recordsOf({ suite: "s", sample: "1", epoch: 0 })
const whole = [first.generation(), first.score(), second.generation(), second.score()]

const notNeeded = { ...first.skip(), status: "not-needed", reason: "e-process" }

const verify = (records: ReadonlyArray<unknown>, files: Files = {}) =>
  onDisk(runFolder(records, files).pipe(Effect.flatMap(openStoredRun), Effect.flatMap(verifyRun)))

describe("verifying a run", () => {
  it.effect("proves that every planned unit ended once", () =>
    Effect.gen(function*() {
      const proof = yield* verify([...whole, { type: "close", state: "finished", at: 0 }])
      assert.deepStrictEqual(proof, {
        run: planned.plan.run,
        planned: 2,
        statuses: {
          scored: 2,
          unscored: 0,
          blocked: 0,
          unanswered: 0,
          errored: 0,
          skipped: 0,
          "not-needed": 0,
          pending: 0
        },
        sessions: 1,
        attempts: 2,
        faults: [],
        complete: true
      })
    }))

  it.effect.each(
    [
      ["errored", [second.error()]],
      ["skipped", [second.skip()]],
      ["pending", []],
      ["pending", [second.generation()]]
    ] as const
  )("proves nothing complete while a unit is %s (peers 20)", ([status, records]) =>
    Effect.gen(function*() {
      const proof = yield* verify([first.generation(), first.score(), ...records])
      assert.strictEqual(proof.statuses[status], 1)
      assert.isFalse(proof.complete)
      assert.deepStrictEqual(proof.faults, [])
    }))

  it.effect("accepts attempts that go on from one session to the next", () =>
    Effect.gen(function*() {
      const proof = yield* verify([
        first.error(),
        second.generation(),
        second.error(1, "scoring"),
        session(planned.planDigest),
        first.generation(2),
        first.judge(2),
        first.score(2),
        second.score(2)
      ])
      assert.deepStrictEqual([proof.faults, proof.complete, proof.attempts, proof.sessions], [[], true, 4, 2])
    }))

  it.effect.each(
    [
      [
        "a second answer in one attempt",
        [...whole, first.generation()],
        "line 6: a generation after the unit had ended in attempt 1"
      ],
      [
        "an answer after an answer",
        [first.generation(), first.generation()],
        "line 3: a second generation in attempt 1"
      ],
      [
        "a second score in one attempt",
        [...whole, first.score()],
        "line 6: a score after the unit had ended in attempt 1"
      ],
      ["a score without an answer", [first.score()], "line 2: a score without an answer"],
      [
        "a new attempt at a unit that had ended",
        [...whole, first.generation(2)],
        "line 6: attempt 2 of a unit that had ended"
      ],
      ["an attempt that was left out", [first.error(), first.generation(3)], "line 3: attempt 3 follows attempt 1"],
      [
        "an attempt that goes back",
        [first.error(), first.error(2), first.generation()],
        "line 4: attempt 1 follows attempt 2"
      ],
      ["a first attempt that is the second", [first.generation(2)], "line 2: attempt 2 follows attempt 0"],
      [
        "a unit that was not planned",
        [...whole, recordsOf({ suite: "s", sample: "9", epoch: 0 }).generation()],
        "line 6: s 9 #0 is not planned"
      ],
      [
        "a session of another plan",
        [...whole, session("0".repeat(64))],
        `line 6: written for another plan (${"0".repeat(64)})`
      ],
      ["a unit that is said to be not needed once it was scored", [...whole, notNeeded], "line 6: a skip after"],
      ["a unit that is said to be lost once it was scored", [...whole, first.error()], "line 6: an error after"],
      [
        "a score of what the provider had blocked",
        [first.generation(1, { kind: "provider_block", stage: "output", partial: "" }), first.score()],
        "line 3: a score after the unit had ended in attempt 1"
      ],
      ["a field that there is not", [{ ...first.generation(), verdict: "pass" }], "line 2: "]
    ] as const
  )("finds %s", ([, records, fault]) =>
    Effect.gen(function*() {
      const { complete, faults } = yield* verify(records)
      assert.isTrue(faults.some((found) => found.startsWith(fault)), faults.join("\n"))
      assert.isFalse(complete)
    }))

  it.effect("finds records before any session, and says so once", () =>
    Effect.gen(function*() {
      const { complete, faults } = yield* verify([], { journal: journalText(...whole) })
      assert.deepStrictEqual([faults, complete], [["line 1: a generation before any session"], false])
    }))

  it.effect("stops where there is no list of units", () =>
    Effect.gen(function*() {
      const folder = yield* runFolder(whole)
      rmSync(join(folder, "units.ndjson"))
      const problem = yield* onDisk(Effect.flip(Effect.flatMap(openStoredRun(folder), verifyRun)))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-plan"])
      assert.include(problem.message, "there is no such file")
    }))

  it.effect("finds units that are not the frozen ones", () =>
    Effect.gen(function*() {
      const [one] = planned.units.split("\n")
      const missing = yield* verify(whole, { units: `${one}\n` })
      assert.include(missing.faults.join("\n"), `the plan froze ${planned.plan.units.sha256}`)
      assert.include(missing.faults.join("\n"), "units.ndjson holds 1 units, the plan counts 2")
      const twice = yield* verify(whole, { units: `${one}\n${one}\n` })
      assert.match(twice.faults.join("\n"), /units\.ndjson plans s [01] #0 twice/)
      assert.isFalse(missing.complete || twice.complete)
    }))

  it.effect("tells the first twenty faults and that there are more", () =>
    Effect.gen(function*() {
      const { faults } = yield* verify(Array.from({ length: 50 }, () => first.generation()))
      assert.strictEqual(faults.length, 21)
      assert.strictEqual(faults[20], "and more")
    }))

  it.effect("stops at a line that is no record", () =>
    Effect.gen(function*() {
      const journal = `${journalText(session(planned.planDigest), first.generation())}broken\n${
        journalText(first.score())
      }`
      const problem = yield* Effect.flip(verify([], { journal }))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
      assert.include(problem.message, "line 3 is not JSON")
    }))

  it.effect("stops at a line that is no unit", () =>
    Effect.gen(function*() {
      for (const line of ["null", "{}", "{\"suite\":"]) {
        const problem = yield* Effect.flip(verify(whole, { units: `${line}\n` }))
        assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-plan"])
        assert.include(problem.message, "line 1 ")
      }
    }))

  it.effect("passes over a torn last line, which was never answered for", () =>
    Effect.gen(function*() {
      const journal = journalText(session(planned.planDigest), ...whole.slice(0, 3)) + "{\"type\":\"score\""
      const proof = yield* verify([], { journal })
      assert.deepStrictEqual([proof.faults, proof.statuses.pending], [[], 1])
    }))
})
