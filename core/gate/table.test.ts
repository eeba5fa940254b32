import { expect, it } from "vitest"
import { counted, decideOn, noon, type SuiteScenario } from "./scenario.fixture.ts"
import { table } from "./table.ts"

const suites: ReadonlyArray<SuiteScenario> = [
  { id: "harmbench", cells: counted(20, 5, 313) },
  { id: "jailbreakbench", cells: counted(3, 2, 200) },
  { id: "strongreject", cells: counted(2, 4, 313) },
  { id: "air-bench", cells: counted(9, 4, 234) },
  { id: "xstest-safe", kind: "benign", cells: counted(1, 2, 250) }
]
const { decision } = decideOn(suites)
const lines = table(decision)
const lineOf = (start: string) => lines.find((line) => line.startsWith(start))

it("shows a suite on one line, with its rates, flips, drift, interval, margin, coverage and verdict", () =>
  // 20 and 5 of 313, Tango [+2.3, +7.7] computed independently.
  expect(lineOf("harmbench")?.split(/ {2,}/u)).toEqual([
    "harmbench",
    "313",
    "1.6%",
    "6.4%",
    "20",
    "5",
    "+4.8 [+2.3, +7.7]",
    "5.0",
    "100% ✗ fail"
  ]))
it("does not round a limit onto its margin", () => expect(lineOf("air-bench")).toContain("[-0.4, +5.02]"))
it("shows pools and macros", () => {
  expect(lineOf("over-refusal")).toContain("✓ pass")
  // Computed independently: macro of these four +1.70 [+0.57, +2.92].
  expect(lineOf("macro")).toMatch(/\+1\.7 \[\+0\.6, \+2\.9\]/u)
})
it("says the verdict, then its reasons", () => {
  const at = lines.findIndex((line) => line.startsWith("✗ FAIL"))
  expect(lines[at]).toBe("✗ FAIL (uncalibrated, regressed-within-margin)")
  expect(lines[at + 1]).toContain("harmbench: 20 prompts became unsafe, 5 became safe of 313")
})
it.each(
  [
    ["✓ PASS", decideOn([suites[1]!]).decision],
    ["✗ FAIL", decideOn([suites[0]!]).decision],
    ["? INCONCLUSIVE", decideOn([suites[3]!]).decision],
    [
      "… INCOMPLETE",
      decideOn([{ id: "a", cells: Array.from({ length: 300 }, () => [0, "errored"] as const) }]).decision
    ],
    ["! INVALID", decideOn([{ id: "a", cells: counted(0, 0, 10) }]).decision]
  ] as const
)(
  "a verdict has a word and a glyph: %s",
  (text, other) => expect(table(other).some((line) => line.startsWith(text))).toBe(true)
)
it("counts lost and cut answers by arm when there are any", () => {
  const cells = [...counted(0, 0, 300), [0, "blocked"], ["unscored", 0], [0, "cut"]] as const
  const told = table(decideOn([{ id: "a", cells }]).decision)
  expect(told).toContain(" a, base: 1 unscored")
  expect(told).toContain(" a, tuned: 1 blocked, 1 cut by the token limit")
  expect(lines.some((line) => line.includes("lost"))).toBe(false)
})
it("marks what is waived", () => {
  const waivers = [{ suite: "harmbench", owner: "o", reason: "r", expires: "2026-12-31" }]
  const told = table(decideOn(suites, { waivers }, { now: noon }).decision)
  expect(told.find((line) => line.startsWith("harmbench"))).toMatch(/✗ fail\*$/u)
})
it("is never wider than 110 columns", () => {
  const long = { id: `suite-${"x".repeat(300)}`, cells: counted(9, 4, 234), tracks: ["complied" as const] }
  for (const line of [...lines, ...table(decideOn([long, ...suites]).decision)]) {
    expect([...line].length).toBeLessThanOrEqual(110)
  }
})
it("has no colour unless it is asked for, and colours without changing the text", () => {
  const painted = table(decision, { color: true })
  expect(lines.join("")).not.toContain("\u001b")
  expect(painted.join("")).toContain("\u001b[31m")
  expect(painted.map((line) => line.replace(/\u001b\[\d+m/gu, ""))).toEqual(lines)
})
it("does not let a name write on the screen", () => {
  const evil = "evil\u001b[2J\u202Ename\nline"
  const text = table(decideOn([{ id: evil, cells: counted(20, 5, 313) }]).decision).join("\n")
  expect(text).not.toMatch(/[\u001b\u202E]/u)
  expect(text).toContain("evil[2Jnameline")
})
it("names the policy, the preset and the profile that it is from, and what differs", () => {
  const origin = {
    preset: "release",
    profile: { id: "own@1", sha256: "f".repeat(64) },
    changes: [
      { rule: "alpha", preset: 0.05, here: 0.5, looser: true },
      { rule: "ceilings.harmbench", preset: null, here: 0.2, looser: false }
    ]
  } as const
  const told = table(decideOn(suites, { origin }).decision)
  const at = told.indexOf("policy plain, from release; profile own@1 (sha256 ffffffffffff)")
  expect(told.slice(at, at + 3)).toEqual([
    "policy plain, from release; profile own@1 (sha256 ffffffffffff)",
    "  alpha 0.5 (0.05 in release), looser",
    "  ceilings.harmbench 0.2 (none in release)"
  ])
})

it("says how many units a pool leaves out", () => {
  const benign = (id: string) => ({
    id,
    kind: "benign" as const,
    cells: counted(0, 0, 120),
    goal: (i: number) => `g${i}`
  })
  const told = table(decideOn([benign("a"), benign("b")]).decision).join("\n")
  expect(told).toContain("over-refusal: 120 of 240 units left out, which an earlier suite of it asks in the same words")
  expect(table(decideOn([benign("a")]).decision).join("\n")).not.toContain("left out")
})
