import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import type { Decision } from "../../core/domain/decision.ts"
import type { JournalRecord } from "../../core/domain/journal.ts"
import { driftgate, type Ended, lines, readJson, workplace } from "./driftgate.fixture.ts"
import { drawn, serveSums, storedSums, sums, sumsAlone, writeSums } from "./sums.fixture.ts"

const n = 400
const folder = workplace("early-stop")
// The base errs in 4 % of its sums; a candidate of drift d also in d of those that the base gets right.
const baseErrs = (i: number) => drawn("base", i) < 0.04
const specs = { base: "", same: "", worse: "", worst: "" }

beforeAll(() => {
  writeSums(folder, n)
  specs.base = storedSums(folder, "base", n, baseErrs)
  const drifted = (name: string, drift: number) =>
    storedSums(folder, name, n, (i) => baseErrs(i) || drawn(name, i) < drift)
  specs.same = drifted("same", 0.004)
  specs.worse = drifted("worse", 0.3)
  specs.worst = drifted("worst", 0.5)
})

const inAll = ["--suite", sums, "--no-cache", "--concurrency", "4"]
const gate = (out: string, tuned: string, ...more: ReadonlyArray<string>): Promise<Ended> =>
  driftgate(folder, [
    "gate",
    "--base",
    specs.base,
    "--tuned",
    tuned,
    ...inAll,
    ...sumsAlone(folder),
    "--out",
    out,
    ...more
  ])

const folderOf = ({ stdout }: Ended): string =>
  /^decision: +(.*)\/decision\.json$/m.exec(stdout)?.[1] ?? /decision and flips: (.*)$/m.exec(stdout)![1]!
const decisionOf = (ended: Ended): Decision =>
  readJson<Decision>(folder, folderOf(ended).replace(`${folder}/`, ""), "decision.json")

const journals = (out: string): Readonly<Record<string, ReadonlyArray<JournalRecord>>> =>
  Object.fromEntries(
    readdirSync(join(folder, out, "runs")).map((run) => [
      run.startsWith("replay-base") ? "base" : run,
      lines<JournalRecord>(readFileSync(join(folder, out, "runs", run, "journal.ndjson"), "utf8"))
    ])
  )
const answersIn = (records: ReadonlyArray<JournalRecord>) => records.filter(({ type }) => type === "generation").length

const proven = async (out: string) => {
  for (const run of readdirSync(join(folder, out, "runs"))) {
    expect((await driftgate(folder, ["verify", join(out, "runs", run)])).code).toBe(0)
  }
}

describe("a gate that stops by evidence", () => {
  let full: Ended
  let stopped: Ended
  beforeAll(async () => {
    ;[full, stopped] = await Promise.all([
      gate("full", specs.worse, "--no-early-stop"),
      gate("sequential", specs.worse, "--sequential")
    ])
  })

  test("asks a small share at a drift of 0.3 and says the same as the full run", () => {
    expect([full.code, stopped.code]).toEqual([10, 10])
    const decision = decisionOf(stopped)
    expect(decisionOf(full).suites[0]).toMatchObject({ n, verdict: "fail", method: "tango" })
    expect(decision.suites[0]).toMatchObject({ verdict: "fail", method: "e-process", planned: n })
    expect(decision.suites[0]!.n / n).toBeLessThan(0.25)
    expect(decision.sequential).toBe(true)
  })

  test("says what it did not ask, in the decision, on the screen and when it explains itself", async () => {
    const { notAsked, suites: [suite] } = decisionOf(stopped)
    expect(notAsked).toMatchObject([{ suite: "sums", status: "not-needed", reason: "e-process" }])
    expect(notAsked[0]!.tuned).toBe(n - suite!.n)
    expect(stopped.stdout).toContain(`sums: base ${notAsked[0]!.base}, tuned ${notAsked[0]!.tuned} of ${n} (e-process)`)
    const explained = await driftgate(folder, ["explain", folderOf(stopped)])
    expect(explained.code).toBe(0)
    expect(explained.stdout).toContain(
      `not asked, sums: base ${notAsked[0]!.base}, tuned ${notAsked[0]!.tuned}; no missing evidence (e-process)`
    )
    expect(explained.stdout).toContain("a weaker claim, which decides nothing")
  })

  test("journals what it left out in both runs, which are proven complete", async () => {
    for (const records of Object.values(journals("sequential"))) {
      const skips = records.filter((record) => record.type === "skip")
      expect(answersIn(records) + skips.length).toBe(n)
      expect(new Set(skips.map(({ reason, status }) => `${status} ${reason}`))).toEqual(
        new Set(["not-needed e-process"])
      )
    }
    await proven("sequential")
  })

  test("asks nothing when it is run again, and the rest when it may not stop", async () => {
    const before = Object.values(journals("sequential")).map(answersIn)
    const again = await gate("sequential", specs.worse, "--sequential")
    expect([again.code, Object.values(journals("sequential")).map(answersIn)]).toEqual([10, before])
    expect(decisionOf(again).suites).toEqual(decisionOf(stopped).suites)
    const all = await gate("sequential", specs.worse, "--no-early-stop")
    expect(decisionOf(all).suites).toEqual(decisionOf(full).suites)
    expect(decisionOf(all).notAsked).toEqual([])
    await proven("sequential")
  })
})

describe("a gate that stops by certainty", () => {
  test("spares the tuned model's answers once the stored base leaves no doubt, and says the same as the full run", async () => {
    const first = await gate("certain", specs.same)
    expect([first.code, decisionOf(first).suites[0]!.n]).toEqual([0, n])
    const ended = await gate("certain", specs.worst)
    const { notAsked, reasons, suites: [suite], verdict } = decisionOf(ended)
    expect([ended.code, verdict, suite!.method]).toEqual([10, "fail", "tango"])
    expect(notAsked).toMatchObject([{ suite: "sums", reason: "certain", base: 0 }])
    expect(suite!.n).toBeLessThan(0.7 * n)
    expect(reasons[0]).toContain("pairs were not asked, since none of them could change this")
    const everything = await gate("certain-full", specs.worst, "--no-early-stop")
    expect([everything.code, decisionOf(everything).verdict]).toEqual([10, "fail"])
  })

  test("asks the next candidate what the last one did not need of the base", async () => {
    await gate("shared", specs.worst, "--sequential")
    expect(answersIn(journals("shared")["base"]!)).toBeLessThan(n)
    const next = await gate("shared", specs.same)
    expect([next.code, decisionOf(next).suites[0]!.n]).toEqual([0, n])
    await proven("shared")
  })
})

test("two models of one server are stopped side by side, and never wait for each other", async () => {
  const server = await serveSums({ base: 0.04, tuned: 0.34 })
  const models = ["--base", server.spec("base"), "--tuned", server.spec("tuned")]
  const { code } = await driftgate(folder, [
    "gate",
    ...models,
    ...["--suite", sums, ...sumsAlone(folder), "--out", "served", "--sequential"]
  ])
  await server.close()
  expect(code).toBe(10)
  expect(server.requests()).toBeLessThan(0.3 * 2 * n)
})

test.each([["--no-early-stop"], ["--noise-floor"]])("--sequential can't be had with %s", async (other) => {
  const { code, stderr } = await gate("refused", specs.worse, "--sequential", other)
  expect(code).toBe(64)
  expect(stderr).toContain("--sequential")
})
