import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { JournalRecord } from "../domain/journal.ts"
import type { InvalidProblem, UsageProblem } from "../domain/problem.ts"
import { openStoredRun, readResults } from "../run/stored-run.ts"
import { verifyRun } from "../run/verify.ts"
import { anchorCount as anchors } from "./anchors.ts"
import { rescoreRun } from "./rescore.ts"
import type { Flags } from "./settings.ts"
import { inSmallTree, ranOnce, rows, silent, type SmallTree } from "./small-tree.fixture.ts"

const filesIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).toSorted().map((name) => [name, readFileSync(join(folder, name), "utf8")]))

const again = Effect.fnUntraced(function*(tree: SmallTree, run: string, flags: Partial<Flags>, drained = false) {
  const drain = yield* Deferred.make<string>()
  if (drained) yield* Deferred.succeed(drain, "stopped by a test")
  return yield* rescoreRun(run, yield* tree.settings(flags), silent, drain).pipe(Effect.scoped)
})

/** Sample and what became of it, from a run folder. */
const outcomesOf = Effect.fnUntraced(function*(folder: string) {
  const results = yield* readResults(yield* openStoredRun(folder))
  return Object.fromEntries(
    results.map((
      { outcome, unit }
    ) => [unit.sample, outcome.status === "scored" ? outcome.measures.unsafe : outcome.status])
  )
})

const recordsOf = (folder: string): ReadonlyArray<JournalRecord> =>
  readFileSync(join(folder, "journal.ndjson"), "utf8").trim().split("\n").map((line) =>
    JSON.parse(line) as JournalRecord
  )

const others = { scorers: ["others"] }

describe("judging stored answers again", () => {
  it.live("needs consent for a judge that is not on this machine, and asks it nothing before", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const { directory } = yield* ranOnce(tree)
        const before = tree.calls().length
        const far = { scorers: ["judged"], roles: ["judge=echo:far"] }
        const problem = (yield* Effect.flip(again(tree, directory.path, far))) as UsageProblem
        assert.strictEqual(problem.reason, "consent")
        assert.include(problem.what, "4 harmful requests of b would be sent to role judge (echo:far)")
        assert.deepStrictEqual(tree.calls().slice(before), ["open far"])
        yield* again(tree, directory.path, { ...far, yes: true })
        assert.include(tree.calls(), "ask far")
      })
    ))

  it.live("gives them another scorer's measures and asks no model", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const asked = tree.calls()
        const { run } = yield* again(tree, source.directory.path, others)
        assert.deepStrictEqual(yield* outcomesOf(source.directory.path), { 1: 1, 2: 0, 3: 0, 4: "blocked" })
        assert.deepStrictEqual(yield* outcomesOf(run.directory.path), { 1: 0, 2: 1, 3: 1, 4: "blocked" })
        assert.deepStrictEqual(tree.calls(), asked)
      })
    ))

  it.live("leaves the run that it judges as it was", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const { directory } = yield* ranOnce(tree)
        const before = filesIn(directory.path)
        yield* again(tree, directory.path, others)
        assert.deepStrictEqual(filesIn(directory.path), before)
      })
    ))

  it.live("makes a run that says what it comes from, and that can be proven complete", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const { run } = yield* again(tree, source.directory.path, others)
        assert.strictEqual(run.plan.source?.run, source.plan.run)
        assert.notStrictEqual(run.plan.run, source.plan.run)
        const proof = yield* verifyRun(yield* openStoredRun(run.directory.path))
        assert.deepStrictEqual([proof.faults, proof.complete], [[], true])
      })
    ))

  it.live("takes the judge of a role, and asks it once an answer and once an anchor", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const asked = tree.calls().length
        yield* again(tree, source.directory.path, { scorers: ["b=judged"], roles: ["judge=echo:judge"] })
        const [opened, ...calls] = tree.calls().slice(asked)
        assert.deepStrictEqual([opened, new Set(calls), calls.length], [
          "open judge",
          new Set(["ask judge"]),
          3 + anchors
        ])
      })
    ))

  it.live("a scorer on the command line wins over the configuration's", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const config = join(tree.root, "own.yaml")
        writeFileSync(config, "scorers:\n  b: words\n")
        const { run } = yield* again(tree, source.directory.path, { ...others, config })
        assert.strictEqual(run.plan.suites[0]?.scorer.id, "others")
      })
    ))
})

describe("a run that is judged again twice", () => {
  it.live("goes on where it was stopped", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const stopped = yield* again(tree, source.directory.path, others, true)
        assert.strictEqual(stopped.summary.stopped?.kind, "drained")
        const path = stopped.run.directory.path
        assert.deepStrictEqual(yield* outcomesOf(path), { 1: "pending", 2: "pending", 3: "pending", 4: "blocked" })
        const { run } = yield* again(tree, source.directory.path, others)
        assert.strictEqual(run.directory.path, path)
        assert.deepStrictEqual(yield* outcomesOf(path), { 1: 0, 2: 1, 3: 1, 4: "blocked" })
        assert.isTrue((yield* verifyRun(yield* openStoredRun(path))).complete)
      })
    ))

  it.live("does nothing when it is complete", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const { run } = yield* again(tree, source.directory.path, others)
        const units = () =>
          recordsOf(run.directory.path).filter(({ type }) => type !== "session" && type !== "close").length
        const before = units()
        yield* again(tree, source.directory.path, others)
        assert.strictEqual(units(), before)
      })
    ))

  it.live("asks no more judges once the budget is spent, and keeps the answers for a later time", () => {
    const many = Array.from({ length: 300 }, (_, i) => [`${i}`, "yes"] as const)
    return inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const flags = { scorers: ["judged"], roles: ["judge=echo:judge"], concurrency: 1 }
        const asked = () => tree.calls().filter((call) => call === "ask judge").length
        const short = yield* again(tree, source.directory.path, { ...flags, maxRequests: 5 })
        assert.strictEqual(short.summary.stopped?.kind, "budget")
        // Units and anchors alike.
        assert.strictEqual(asked(), 5)
        const scored = short.summary.arms[0]!.suites[0]!.statuses.scored
        const whole = yield* again(tree, source.directory.path, flags)
        assert.deepStrictEqual([whole.summary.stopped, asked()], [undefined, 5 + (300 - scored) + anchors])
        assert.isTrue((yield* verifyRun(yield* openStoredRun(whole.run.directory.path))).complete)
      }), many)
  })
})

describe("a copy that was cut off", () => {
  it.live("leaves nothing half behind: the next time begins with all answers", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const source = yield* ranOnce(tree)
        const { run } = yield* again(tree, source.directory.path, others)
        // As a process leaves it that died while it copied: a plan, no journal, and the copy up to some byte.
        const { journal } = run.directory
        const whole = readFileSync(journal, "utf8")
        rmSync(journal)
        writeFileSync(`${journal}.copy`, whole.slice(0, whole.indexOf("\n") + 40))
        yield* again(tree, source.directory.path, others)
        assert.deepStrictEqual(yield* outcomesOf(run.directory.path), { 1: 0, 2: 1, 3: 1, 4: "blocked" })
        assert.isFalse(existsSync(`${journal}.copy`))
      })
    ))

  it.live("keeps an answer whose judging was left out, and a loss where there is no answer", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const { directory } = yield* ranOnce(tree)
        const unit = (sample: string) => ({ suite: "b", sample, epoch: 0 })
        const lost = {
          type: "error",
          unit: unit("1"),
          attempt: 1,
          stage: "scoring",
          reason: "rate",
          message: "",
          at: 0
        }
        const left = { type: "skip", unit: unit("1"), attempt: 2, status: "skipped", reason: "budget: 1 s" }
        const unjudged = readFileSync(directory.journal, "utf8").split("\n").filter((line) =>
          !(line.includes("\"type\":\"score\"") && line.includes("\"sample\":\"1\""))
        )
        const records = [lost, left].map((record) => JSON.stringify(record) + "\n")
        writeFileSync(directory.journal, unjudged.join("\n") + records.join(""))
        const { run } = yield* again(tree, directory.path, others)
        assert.strictEqual((yield* outcomesOf(run.directory.path))[1], 0)
      })
    ))

  it.live("is not made of a journal that does not hold together", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const { directory } = yield* ranOnce(tree)
        const unit = { suite: "b", sample: "1", epoch: 0 }
        const left = { type: "skip", unit, attempt: 1, status: "not-needed", reason: "e-process" }
        appendFileSync(directory.journal, JSON.stringify(left) + "\n")
        const problem = (yield* Effect.flip(again(tree, directory.path, others))) as InvalidProblem
        assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
        assert.include(problem.what, "a skip after the unit had ended in attempt 1")
      })
    ))
})

describe("data that have changed since", () => {
  const change = (tree: SmallTree, data: unknown) =>
    writeFileSync(join(tree.root, "benchmarks/b/rows.json"), JSON.stringify(data))
  const refused = Effect.fnUntraced(function*(tree: SmallTree, data: unknown) {
    const source = yield* ranOnce(tree)
    change(tree, data)
    const before = readdirSync(join(tree.out, "runs"))
    const problem = (yield* Effect.flip(again(tree, source.directory.path, others))) as UsageProblem
    assert.deepStrictEqual([problem._tag, problem.reason, problem.where], ["UsageProblem", "plan-mismatch", "b"])
    // Nothing was written: once the data are back the same command works.
    assert.deepStrictEqual(readdirSync(join(tree.out, "runs")), before)
    change(tree, rows)
    yield* again(tree, source.directory.path, others)
  })
  it.live("are refused when a prompt was reworded", () =>
    inSmallTree((tree) => refused(tree, rows.with(0, ["1", "yes, but other words"]))))
  it.live("are refused when a sample is gone", () => inSmallTree((tree) => refused(tree, rows.slice(1))))
  it.live("are refused when one is new", () => inSmallTree((tree) => refused(tree, [...rows, ["5", "no, five"]])))
})

it.live("a folder that is no run is refused", () =>
  inSmallTree((tree) =>
    Effect.gen(function*() {
      const folder = join(tree.root, "empty")
      mkdirSync(folder)
      const problem = (yield* Effect.flip(again(tree, folder, others))) as UsageProblem
      assert.deepStrictEqual([problem._tag, problem.reason], ["UsageProblem", "file"])
    })
  ))
