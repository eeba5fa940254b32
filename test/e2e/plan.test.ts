import { existsSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { driftgate, fileOf, lines, workplace } from "./driftgate.fixture.ts"
import { serveSums, storedSums, sums, sumsAlone, writeSums } from "./sums.fixture.ts"

const n = 200
const folder = workplace("plan")
beforeAll(() => writeSums(folder, n))

// A model that nobody serves: a plan that opened it would fail.
const nobody = ["--base", "openai:base@http://127.0.0.1:9/v1", "--tuned", "openai:tuned@http://127.0.0.1:9/v1"]
const plan = (...args: ReadonlyArray<string>) =>
  driftgate(folder, ["plan", "--suite", sums, ...sumsAlone(folder), ...args])
const planned = async (...args: ReadonlyArray<string>): Promise<any> => {
  const { stderr, stdout } = await plan("--json", ...args)
  expect(stderr).toBe("")
  return lines(stdout)[0]
}

describe("a plan", () => {
  test("counts requests and estimates tokens without opening a model or writing a file", async () => {
    const { cost, type } = await planned(...nobody)
    expect(type).toBe("plan")
    expect(cost).toMatchObject({ arms: ["base", "tuned"], requests: 2 * n, judgeCallsAtMost: 0 })
    // 10 questions of 20 characters, 90 of 21 and 100 of 22, twice: 8,580 characters.
    expect(cost.promptTokens).toEqual({ low: 1716, high: 2860 })
    // The suite's own limit is 512 new tokens.
    expect(cost.newTokensAtMost).toBe(2 * n * 512)
    expect(existsSync(join(folder, "driftgate-out"))).toBe(false)
  })

  test("needs no model to be named", async () => expect((await planned()).cost.requests).toBe(2 * n))

  test("gives power by enumeration, and the smallest drift that it can detect", async () => {
    const { forecast: { entries: [entry], joint } } = await planned()
    expect(entry).toMatchObject({ name: "sums", by: "enumeration", reachable: true, fewest: 52, discordance: 0.05 })
    // gate.md B8: exact power at 200 pairs, discordance 0.05, margin 0.05.
    expect(entry.power).toBeCloseTo(0.885, 3)
    expect(joint.all).toBe(entry.power)
    expect(entry.detectable).toBeGreaterThan(0.02)
    expect(entry.detectable).toBeLessThan(0.06)
  })

  test("takes discordance, wanted power and rate from flags", async () => {
    const { cost, discordance, forecast, proposals } = await planned(
      "--discordance",
      "0.2",
      "--power",
      "0.9",
      "--rate",
      "8"
    )
    expect(discordance).toEqual({ assumed: 0.2, from: "flag" })
    expect(forecast.entries[0].power).toBeLessThan(0.5)
    expect(cost.time).toEqual({ rate: 8, from: "--rate", seconds: 50 })
    expect(proposals.map(({ change }: { readonly change: string }) => change)).toContain("margin")
  })

  test("proposes a limit that is large enough", async () => {
    const { proposals } = await planned("--limit", "60")
    expect(proposals[0]).toMatchObject({ change: "limit" })
    const { forecast } = await planned("--limit", String(proposals[0].limit))
    expect(forecast.joint.all).toBe(proposals[0].joint)
    expect(forecast.joint.all).toBeGreaterThanOrEqual(0.8)
  })

  test("names margins out of reach, and ends as the gate would", async () => {
    const { code, stdout } = await plan("--limit", "40")
    expect(code).toBe(64)
    expect(stdout).toContain("The gate would not start:")
    expect(stdout).toContain(
      "40 pairs can't certify a margin of 5.0 points, even if nothing differs: at least 52 are needed"
    )
    const stored = (name: string) => storedSums(folder, name, n, () => false)
    const gate = await driftgate(folder, [
      "gate",
      "--base",
      stored("one"),
      "--tuned",
      stored("two"),
      "--suite",
      sums,
      "--limit",
      "40",
      "--out",
      "refused"
    ])
    expect(gate.code).toBe(64)
  })

  test("estimates money only by prices of the configuration, and says which it lacks", async () => {
    fileOf(folder, "priced.yaml", "prices:\n  base: { input: 1, output: 2 }\n")
    const { cost } = await planned("--config", "priced.yaml")
    // Half of the prompt tokens at 1 USD and of the new tokens at 2 USD a million.
    expect(cost.usd).toEqual({ low: 0.000858, high: 0.00143 + 0.2048, unpriced: ["tuned"] })
    expect((await planned()).cost.usd).toBeUndefined()
  })

  test("prints it for people", async () => {
    const { code, stdout } = await plan("--rate", "4")
    expect(code).toBe(0)
    expect(stdout).toContain("time: about 2 min at 4 requests a second (--rate)")
    expect(stdout).toContain("chance that all of it passes: 0.885")
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120)
  })

  test("measures the rate in an earlier run of the same folder", async () => {
    const server = await serveSums({ base: 0 })
    await driftgate(folder, ["run", "--target", server.spec("base"), "--suite", sums, "--out", "measured"])
    await server.close()
    const { cost } = await planned("--out", "measured")
    expect(cost.time.from).toMatch(/^run openai-base/)
    expect(cost.time.rate).toBeGreaterThan(10)
    expect(cost.time.seconds).toBeCloseTo(2 * n / cost.time.rate, 6)
  })
})
