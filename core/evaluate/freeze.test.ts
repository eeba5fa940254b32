import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { sha256 } from "../domain/digest.ts"
import { emptyFolder } from "../run/folder.fixture.ts"
import { identity, requestOf, sample, samples, suiteToPlan } from "../run/plan.fixture.ts"
import type { RunRequest, SuiteToPlan } from "../run/planner.ts"
import { freezeRuns } from "./freeze.ts"

const suites = [suiteToPlan("s", samples(4))]
const named = (name: string, of = suites): RunRequest =>
  requestOf(of, { target: { spec: `test:${name}`, identity: { ...identity, behaviour: name } } })

const freeze = (out: string, of: ReadonlyArray<SuiteToPlan> = suites, requests = [requestOf(of)]) =>
  freezeRuns({ out, suites: of, requests, seed: 7 }).pipe(Effect.provide(NodeServices.layer))
const filesOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]))

describe("freezing runs", () => {
  it.effect("lays down a plan and its units for each target, readable by the owner only", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      const { runs } = yield* freeze(out, suites, [named("base"), named("tuned")])
      assert.strictEqual(new Set(runs.map(({ directory }) => directory.path)).size, 2)
      for (const { directory, plan, planDigest } of runs) {
        const files = filesOf(directory.path)
        assert.deepStrictEqual(Object.keys(files).toSorted(), ["plan.json", "units.ndjson"])
        assert.strictEqual(sha256(files["units.ndjson"]!), plan.units.sha256)
        assert.strictEqual(sha256(files["plan.json"]!), planDigest)
        assert.deepStrictEqual(JSON.parse(files["plan.json"]!), plan)
        for (const name of Object.keys(files)) {
          assert.strictEqual(statSync(join(directory.path, name)).mode & 0o777, 0o600)
        }
        assert.strictEqual(statSync(directory.path).mode & 0o777, 0o700)
      }
      // The draft of the units is gone.
      assert.strictEqual(readdirSync(join(out, "runs")).length, 2)
    }))

  it.effect("gives equal bytes for equal input", () =>
    Effect.gen(function*() {
      const [one, two] = [yield* freeze(yield* emptyFolder), yield* freeze(yield* emptyFolder)]
      assert.deepStrictEqual(filesOf(one.runs[0]!.directory.path), filesOf(two.runs[0]!.directory.path))
    }))

  it.effect("does not go on with a run that another profile planned, by whose rules it would be compared", () =>
    Effect.gen(function*() {
      const by = (profile: string | undefined, digest?: string) => [requestOf(suites, {
        profile,
        rules: digest === undefined ? undefined : { sha256: digest.repeat(64), margins: { s: 0.1 } }
      })]
      const refused = Effect.fnUntraced(function*(out: string, request: Array<RunRequest>) {
        const problem = yield* Effect.flip(freeze(out, suites, request))
        assert.strictEqual(problem.reason, "plan-mismatch")
        assert.include(problem.message, "profile: stored")
      })
      const out = yield* emptyFolder
      yield* freeze(out, suites, by("own@1", "a"))
      yield* freeze(out, suites, by("own@1", "a"))
      yield* refused(out, by("own@1", "b"))
      yield* refused(out, by("own@2", "a"))
      yield* refused(out, by(undefined))
      const without = yield* emptyFolder
      yield* freeze(without, suites, by(undefined))
      yield* refused(without, by("own@1", "a"))
      // A plan from a time when it held a name alone.
      const older = yield* emptyFolder
      yield* freeze(older, suites, by("own@1"))
      yield* freeze(older, suites, by("own@1", "a"))
    }))

  it.effect("goes on with a plan that is there and is the same, wherever the model is now reached", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      const [first] = (yield* freeze(out)).runs
      const before = filesOf(first!.directory.path)
      const moved = requestOf(suites, {
        target: { spec: "test:model@elsewhere", identity: { ...identity, full: "elsewhere" } }
      })
      // The label of a run comes from the spec; an address does not count where it stays the same.
      const [second] =
        (yield* freeze(out, suites, [{ ...moved, target: { ...moved.target, spec: "test:model" } }])).runs
      assert.strictEqual(second!.planDigest, first!.planDigest)
      assert.deepStrictEqual(filesOf(first!.directory.path), before)
    }))

  it.effect("goes on when the same bytes of an asset now come from elsewhere", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      const from = (source: string): ReadonlyArray<SuiteToPlan> => {
        const assets = [{ name: "rows", sha256: "a".repeat(64), source }]
        const [suite] = suites
        return [suiteToPlan("s", samples(4), { assets, scorer: { ...suite!.scorer, assets } })]
      }
      const [first] = (yield* freeze(out, from("mirror"))).runs
      const [second] = (yield* freeze(out, from("upstream"))).runs
      assert.strictEqual(second!.planDigest, first!.planDigest)
    }))

  it.effect("makes a folder without a plan a run, whatever a crash left there", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      const [run] = (yield* freeze(out)).runs
      rmSync(run!.directory.plan)
      writeFileSync(run!.directory.units, "half a fil")
      const [again] = (yield* freeze(out)).runs
      assert.strictEqual(sha256(readFileSync(again!.directory.units, "utf8")), again!.plan.units.sha256)
    }))

  it.live("removes the drafts of processes that were killed long ago, and nothing else", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      mkdirSync(join(out, "runs"))
      const anHourAndMore = new Date(Date.now() - 3_700_000)
      for (const name of [".units-1.ndjson", ".units-2.ndjson", "kept.ndjson"]) {
        writeFileSync(join(out, "runs", name), "")
      }
      for (const name of [".units-1.ndjson", "kept.ndjson"]) {
        utimesSync(join(out, "runs", name), anHourAndMore, anHourAndMore)
      }
      const [run] = (yield* freeze(out)).runs
      assert.deepStrictEqual(
        readdirSync(join(out, "runs")).toSorted(),
        [".units-2.ndjson", "kept.ndjson", run!.plan.run].toSorted()
      )
    }))

  it.effect.each(
    [
      [
        "a prompt",
        [suiteToPlan("s", [...samples(3), sample("3", { messages: [{ role: "user", content: "other" }] })])],
        "suite s, items: stored \""
      ],
      ["the number of samples", [suiteToPlan("s", samples(5))], "suite s, samples: stored 4, now 5"],
      [
        "a goal",
        [suiteToPlan("s", [...samples(3), sample("3", { goal: "other" })])],
        "units: stored {\"count\":4,\"sha256\":\""
      ],
      [
        "a reference",
        [suiteToPlan("s", [...samples(3), sample("3", { reference: "corrected" })])],
        "suite s, shown: stored \""
      ],
      [
        "an asset",
        [suiteToPlan("s", samples(4), { assets: [{ name: "rows", sha256: "a".repeat(64), source: "mirror" }] })],
        "suite s, assets: stored [], now [{\"name\":\"rows\""
      ],
      ["the rows left out", [{
        ...suiteToPlan("s", samples(4)),
        population: { suite: "s", samples: samples(4), excluded: { empty: 1 } }
      }], "suite s, excluded: stored {}, now {\"empty\":1}"],
      [
        "the benchmark's code",
        [suiteToPlan("s", samples(4), { plugin: { id: "p", version: "1-A", digest: "other" } })],
        "suite s, plugin: stored "
      ],
      [
        "what the suite gates",
        [suiteToPlan("s", samples(4), { gates: ["refused"] })],
        "suite s, gates: stored [\"unsafe\"], now [\"refused\"]"
      ]
    ] as const
  )(
    "refuses to go on when %s changed, names what differs, and changes nothing (peers 13)",
    ([, now, says]) =>
      Effect.gen(function*() {
        const out = yield* emptyFolder
        const [run] = (yield* freeze(out)).runs
        const before = filesOf(run!.directory.path)
        const problem = yield* Effect.flip(freeze(out, now))
        assert.deepStrictEqual([problem._tag, problem.reason], ["UsageProblem", "plan-mismatch"])
        assert.include(problem.message, says)
        assert.include(problem.message, run!.directory.plan)
        assert.deepStrictEqual(filesOf(run!.directory.path), before)
        assert.deepStrictEqual(readdirSync(join(out, "runs")), [run!.plan.run])
      })
  )

  it.effect.each(["", "{\"schema\":", "[]"])(
    "takes the broken plan %j for broken, and writes nothing over it",
    (text) =>
      Effect.gen(function*() {
        const out = yield* emptyFolder
        const [run] = (yield* freeze(out)).runs
        writeFileSync(run!.directory.plan, text)
        const problem = yield* Effect.flip(freeze(out))
        assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-plan"])
        assert.strictEqual(readFileSync(run!.directory.plan, "utf8"), text)
      })
  )

  it.effect("takes a plan that can't be read for there, and writes nothing over it", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      const [run] = (yield* freeze(out)).runs
      rmSync(run!.directory.plan)
      mkdirSync(run!.directory.plan)
      const problem = yield* Effect.flip(freeze(out))
      assert.deepStrictEqual([problem._tag, problem.reason], ["UnavailableProblem", "folder"])
    }))

  it.effect("where nothing can be written is a problem of the folder", () =>
    Effect.gen(function*() {
      const out = yield* emptyFolder
      writeFileSync(join(out, "runs"), "a file in its place")
      const problem = yield* Effect.flip(freeze(out))
      assert.deepStrictEqual([problem._tag, problem.reason], ["UnavailableProblem", "folder"])
    }))
})
