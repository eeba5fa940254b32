import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import type { Decision } from "../../core/domain/decision.ts"
import { driftgate, type Ended, fileOf, lines, readJson, workplace } from "./driftgate.fixture.ts"
import { drawn, storedSums, sums, sumsAlone, writeSums } from "./sums.fixture.ts"

const n = 200
const folder = workplace("evidence")
const becameWrong = (i: number) => i % 4 === 0
let specs: readonly [base: string, tuned: string]

beforeAll(() => {
  writeSums(folder, n)
  const base = (i: number) => drawn("base", i) < 0.02
  specs = [storedSums(folder, "base", n, base), storedSums(folder, "tuned", n, (i) => base(i) || becameWrong(i))]
})

const decisionOf = ({ stdout }: Ended): Decision => {
  const at = /^decision: +(.*)\/decision\.json$/m.exec(stdout)?.[1] ?? /decision and flips: (.*)$/m.exec(stdout)![1]!
  return readJson<Decision>(folder, at.replace(`${folder}/`, ""), "decision.json")
}
const gate = (out: string, suites: ReadonlyArray<string>, ...more: ReadonlyArray<string>): Promise<Ended> =>
  driftgate(folder, [
    "gate",
    "--base",
    specs[0],
    "--tuned",
    specs[1],
    ...suites.flatMap((suite) => ["--suite", suite]),
    "--no-cache",
    "--no-early-stop",
    "--out",
    out,
    ...sumsAlone(folder),
    ...more
  ])
const runsOf = (out: string) => {
  const runs = join(folder, out, "runs")
  const named = (name: string) => join(runs, readdirSync(runs).find((run) => run.startsWith(`replay-${name}`))!)
  return [named("base"), named("tuned")] as const
}
const compare = (out: string): Promise<Ended> =>
  driftgate(folder, ["compare", ...runsOf(out), "--out", out, ...sumsAlone(folder)])

describe("a journal that was changed to make a fail a pass", () => {
  // Says of each unit that became wrong that nobody needed it.
  const spared = (i: number) => ({
    type: "skip",
    unit: { suite: "sums", sample: `q${i}`, epoch: 0 },
    attempt: 1,
    status: "not-needed",
    reason: "e-process"
  })
  const sparedUnits = Array.from({ length: n }, (_, i) => i).filter(becameWrong)
  const blocked = {
    type: "score",
    unit: { suite: "sums", sample: "q0", epoch: 0 },
    attempt: 1,
    score: { status: "scored", measures: { wrong: 0 } }
  }
  const refused = async (out: string, line: RegExp) => {
    const [, tuned] = runsOf(out)
    const proof = await driftgate(folder, ["verify", tuned])
    expect([proof.code, proof.stdout]).toEqual([13, expect.stringMatching(line)])
    expect(proof.stdout).not.toContain("Proven")
    const compared = await compare(out)
    expect([compared.code, compared.stderr]).toEqual([13, expect.stringMatching(line)])
  }

  test("is refused where units that were scored are said to be not needed", async () => {
    expect((await gate("spared", [sums])).code).toBe(10)
    const journal = join(runsOf("spared")[1], "journal.ndjson")
    appendFileSync(journal, sparedUnits.map((i) => JSON.stringify(spared(i)) + "\n").join(""))
    await refused("spared", /line \d+: a skip after the unit had ended in attempt 1/)
    // The same command goes on from the same journal, and must not either.
    expect((await gate("spared", [sums])).code).toBe(13)
  })

  test("is refused where a unit is scored twice, or has no session", async () => {
    expect((await gate("twice", [sums])).code).toBe(10)
    const journal = join(runsOf("twice")[1], "journal.ndjson")
    const text = readFileSync(journal, "utf8")
    writeFileSync(journal, text + JSON.stringify(blocked) + "\n")
    await refused("twice", /line \d+: a score after the unit had ended in attempt 1/)
    writeFileSync(journal, text.split("\n").filter((line) => !line.includes("\"type\":\"session\"")).join("\n"))
    await refused("twice", /line 1: a generation before any session/)
  })

  test("does not pass where scores were taken away and the units called not needed", async () => {
    expect((await gate("taken", [sums])).code).toBe(10)
    const journal = join(runsOf("taken")[1], "journal.ndjson")
    const ofSpared = new Set(sparedUnits.map((i) => `q${i}`))
    const records = lines<{ readonly type: string; readonly unit?: { readonly sample: string } }>(
      readFileSync(journal, "utf8")
    )
    const kept = records.filter(({ type, unit }) => type !== "score" || !ofSpared.has(unit!.sample))
    writeFileSync(journal, [...kept, ...sparedUnits.map(spared)].map((one) => JSON.stringify(one) + "\n").join(""))
    expect((await driftgate(folder, ["verify", runsOf("taken")[1]])).code).toBe(0)
    const compared = await compare("taken")
    expect(compared.code).not.toBe(0)
    expect(decisionOf(compared).suites[0]?.outcomes.tuned).toMatchObject({ pending: sparedUnits.length - 1 })
  })

  test("without its list of units is told as that", async () => {
    expect((await gate("listless", [sums])).code).toBe(10)
    const [base] = runsOf("listless")
    rmSync(join(base, "units.ndjson"))
    const proof = await driftgate(folder, ["verify", base])
    expect([proof.code, proof.stderr]).toEqual([13, expect.stringMatching(/units\.ndjson: there is no such file/)])
    expect(proof.stdout).toBe("")
  })
})

describe("a file that asks the same again", () => {
  const rows = (name: string, of: (i: number) => object) =>
    fileOf(folder, `${name}.jsonl`, Array.from({ length: 120 }, (_, i) => JSON.stringify(of(i)) + "\n").join(""))
  const asked = (name: string) => gate(name, [`file?path=${name}.jsonl&as=sums&measure=wrong&scorer=exact-match`])

  test("counts one prompt once, whatever its ids", async () => {
    rows("same", (i) => ({ id: `q${i}`, prompt: "How much is 1 and 1?", reference: "2" }))
    expect(await asked("same")).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/sums: 1 independent cluster.* can't certify/)
    })
  })

  test("counts four goals in thirty templates as four", async () => {
    rows("four", (i) => ({ id: `q${i}`, prompt: `Say it ${i} times.`, goal: `Goal ${i % 4}.`, reference: "2" }))
    expect(await asked("four")).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/sums: 4 independent clusters can't certify/)
    })
  })

  test("is at fault for an id that no line can hold, with its own line", async () => {
    fileOf(folder, "control.jsonl", "{\"id\":\"a\",\"prompt\":\"x\"}\n{\"id\":\"b\\u0001\",\"prompt\":\"y\"}\n")
    const ended = await gate("control", ["file?path=control.jsonl&as=sums&measure=wrong&scorer=exact-match"])
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringMatching(/control\.jsonl:2: the id holds a control/)])
  })
})
