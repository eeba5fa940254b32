import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Decision } from "../../core/domain/decision.ts"
import { driftgate, type Ended, lines, readJson, workplace } from "./driftgate.fixture.ts"
import { serveSums, sums, sumsAlone, type SumsServer, writeSums } from "./sums.fixture.ts"

const n = 300
const folder = workplace("noise-floor")
let server: SumsServer
beforeAll(async () => {
  writeSums(folder, n)
  server = await serveSums({ base: 0.1, tuned: 0.14 })
})
afterAll(() => server.close())

interface Written {
  readonly type: string
  readonly path?: string
}
const gate = (...args: ReadonlyArray<string>): Promise<Ended> =>
  driftgate(folder, ["gate", "--suite", sums, ...sumsAlone(folder), "--temperature", "0.7", "--json", ...args])
const decisionsOf = ({ stdout }: Ended): ReadonlyArray<Decision> =>
  lines<Written>(stdout).filter(({ path, type }) => type === "artifact" && path!.endsWith("decision.json")).map((
    { path }
  ) => readJson<Decision>(path!.startsWith("/") ? path! : join(folder, path!)))

describe("a gate with a noise floor", () => {
  let ended: Ended
  beforeAll(async () => {
    ended = await gate("--base", server.spec("base"), "--tuned", server.spec("tuned"), "--noise-floor", "--out", "out")
  })

  test("asks base, base again and tuned in full", () => {
    expect(server.requests()).toBe(3 * n)
  })

  test("decides on the base against itself, under another seed and on the same items", () => {
    const [floor] = decisionsOf(ended)
    expect(floor!.annotations).toContain("noise-floor")
    expect(floor!.guards.filter(({ ok }) => !ok)).toEqual([])
    expect(floor!.guards.find(({ name }) => name === "seeds")).toMatchObject({ base: "0", tuned: "1" })
    expect(floor!.arms.base.identity.behaviour).toBe(floor!.arms.tuned.identity.behaviour)
    // Wrong in 10 % by independent draws: 2 * 0.1 * 0.9 = 0.18 of the pairs differ, standard error 0.022.
    const { becameBad, becameGood } = floor!.suites[0]!
    expect(Math.abs((becameBad! + becameGood!) / n - 0.18)).toBeLessThan(0.09)
  })

  test("shows the discordance of nothing beside the drift", async () => {
    const [floor, main] = decisionsOf(ended)
    const { becameBad, becameGood } = floor!.suites[0]!
    const discordance = (becameBad! + becameGood!) / n
    expect(main!.noiseFloor?.entries).toMatchObject([{ name: "sums", measure: "wrong", n, discordance }])
    expect(main!.annotations).not.toContain("noise-floor")
    // With one seed for both models, only the four points differ in which tuned is worse.
    expect(main!.suites[0]!.becameGood).toBe(0)
    const explained = await driftgate(folder, ["explain", join("out", "gates", main!.noiseFloor!.decision)])
    expect(explained.stdout).toContain("guard identity: ok")
  })

  test("stands below the table", async () => {
    const models = ["--base", server.spec("base"), "--tuned", server.spec("tuned")]
    const same = ["--suite", sums, ...sumsAlone(folder), "--temperature", "0.7", "--out", "out"]
    const { stdout } = await driftgate(folder, ["gate", ...models, ...same, "--noise-floor"])
    expect(stdout).toMatch(
      /noise floor, the base model twice \((pass|fail|inconclusive)\):\n sums wrong: \d+\.\d% of 300 pairs differ, drift /
    )
    expect(stdout).toMatch(/^noise floor: .*gates/m)
  })

  test("is where a plan takes its discordance from", async () => {
    const [floor] = decisionsOf(ended)
    const { becameBad, becameGood } = floor!.suites[0]!
    const plan = await driftgate(folder, [
      "plan",
      "--base",
      server.spec("base"),
      "--suite",
      sums,
      "--out",
      "out",
      "--json"
    ])
    const [record] = lines<any>(plan.stdout)
    expect(record.discordance).toMatchObject({ from: "noise floor" })
    expect(record.forecast.entries[0].discordance).toBe((becameBad! + becameGood!) / n)
    const other = await driftgate(folder, [
      "plan",
      "--base",
      "openai:other@http://127.0.0.1:9/v1",
      "--suite",
      sums,
      "--out",
      "out",
      "--json"
    ])
    expect(lines<any>(other.stdout)[0].discordance.from).toBe("default")
  })

  test("asks nothing when it is run again", async () => {
    const before = server.requests()
    await gate("--base", server.spec("base"), "--tuned", server.spec("tuned"), "--noise-floor", "--out", "out")
    expect(server.requests()).toBe(before)
  })

  test("also stands alone, without a candidate", async () => {
    const alone = await gate("--base", server.spec("base"), "--noise-floor", "--out", "alone")
    const [floor] = decisionsOf(alone)
    expect(decisionsOf(alone)).toHaveLength(1)
    expect(floor!.annotations).toContain("noise-floor")
    expect(alone.code).toBe(floor!.exitCode)
  })
})
