import { expect, it } from "vitest"
import type { Arm } from "./arm.ts"
import { pairUnits, withoutRepeatedGoals } from "./pair.ts"
import { armOf, counted } from "./scenario.fixture.ts"

const suites = [{ id: "a", cells: counted(2, 1, 6) }, { id: "b", cells: counted(0, 0, 3) }]
const base = armOf(suites, 0, "base")
const tuned = armOf(suites, 1, "tuned")
const unitsOf = (arm: Arm) => [...arm.units]
const samples = (arm: Arm, other: Arm, suite: string) =>
  pairUnits(arm, other).suites.get(suite)?.map(({ unit }) => unit.sample)

it("pairs by unit, whatever the order of the tuned arm", () => {
  const turned = { ...tuned, units: unitsOf(tuned).toReversed() }
  expect(pairUnits(base, turned)).toEqual(pairUnits(base, tuned))
})
it("keeps the order of the base arm", () => {
  const turned = { ...base, units: unitsOf(base).toReversed() }
  expect(samples(turned, tuned, "a")).toEqual(["s5", "s4", "s3", "s2", "s1", "s0"])
})
it("keeps a unit of the base arm alone, pending in the other", () => {
  const { likeness, suites: paired } = pairUnits(base, { ...tuned, units: unitsOf(tuned).slice(1) })
  expect(paired.get("a")?.[0]?.tuned).toEqual({ status: "pending" })
  expect(likeness.onlyBase).toBe(1)
})
it("keeps a unit of the tuned arm alone, pending in the base", () => {
  const { likeness, suites: paired } = pairUnits({ ...base, units: unitsOf(base).slice(1) }, tuned)
  expect(paired.get("a")?.at(-1)).toMatchObject({ unit: { sample: "s0" }, base: { status: "pending" } })
  expect(likeness.onlyTuned).toBe(1)
})
it("counts a unit that stands twice, and takes the first", () => {
  const [first] = unitsOf(base)
  const twice = { ...base, units: [...unitsOf(base), { ...first!, outcome: { status: "pending" } as const }] }
  const { likeness, suites: paired } = pairUnits(twice, tuned)
  expect(likeness.repeated).toEqual({ base: 1, tuned: 0 })
  expect(paired.get("a")?.map((pair) => pair.base.status)).not.toContain("pending")
})
it("counts a unit that stands twice in both arms alike", () => {
  const doubled = (arm: Arm) => ({ ...arm, units: [...unitsOf(arm), ...unitsOf(arm).slice(0, 2)] })
  const { likeness, suites: paired } = pairUnits(doubled(base), doubled(tuned))
  expect(likeness.repeated).toEqual({ base: 2, tuned: 2 })
  expect(paired.get("a")).toHaveLength(6)
})
it("counts units whose messages, seeds or groups differ", () => {
  const changed = unitsOf(tuned).map((entry, i) =>
    i === 0
      ? { ...entry, unit: { ...entry.unit, prompt: "x" } }
      : i === 1
      ? { ...entry, unit: { ...entry.unit, seed: 99 } }
      : i === 2
      ? { ...entry, unit: { ...entry.unit, cluster: "x" } }
      : entry
  )
  expect(pairUnits(base, { ...tuned, units: changed }).likeness).toMatchObject({ prompts: 1, seeds: 1, groups: 1 })
})
it("reads units that can be read only once", () => {
  const once = (arm: Arm): Arm => ({ ...arm, units: unitsOf(arm).values() })
  expect(pairUnits(once(base), once(tuned))).toEqual(pairUnits(base, tuned))
})
it("keeps what asks an earlier suite's goal in other words, and what has a goal without words", () => {
  const shared = (id: string, goal: string) => ({ id, cells: counted(0, 0, 3), goal: () => goal })
  const poolOf = (goal: string, reword: boolean) => {
    const [a, b] = ["a", "b"].map((id) => {
      const pairs = pairUnits(armOf([shared(id, goal)], 0, "base"), armOf([shared(id, goal)], 1, "tuned")).suites.get(
        id
      )!
      return reword
        ? pairs.map((pair) => ({ ...pair, unit: { ...pair.unit, prompt: `${id} ${pair.unit.sample}` } }))
        : pairs
    })
    return withoutRepeatedGoals([a!, b!])
  }
  expect(poolOf("g", false).duplicates).toBe(3)
  expect(poolOf("g", true)).toMatchObject({ duplicates: 0, pairs: { length: 6 } })
  expect(poolOf("", false)).toMatchObject({ duplicates: 0, pairs: { length: 6 } })
})
it("takes what was left out between answers for missing, and what lies behind them for not needed", () => {
  const cells = [[0, 0], ["not-needed", "not-needed"], [0, 0], [0, "not-needed"], ["not-needed", "not-needed"]] as const
  const statusesFor = (reason: string) => {
    const suite = [{ id: "a", cells, reason }]
    const pairs = pairUnits(armOf(suite, 0, "base"), armOf(suite, 1, "tuned")).suites.get("a")!
    return pairs.map(({ base, tuned }) => `${base.status} ${tuned.status}`)
  }
  const behind = ["scored not-needed", "not-needed not-needed"]
  expect(statusesFor("e-process")).toEqual(["scored scored", "pending pending", "scored scored", ...behind])
  // What was certain is proven again at the worst that the gaps could have been, wherever they lie.
  expect(statusesFor("certain")).toEqual(["scored scored", "not-needed not-needed", "scored scored", ...behind])
})
it("leaves out what an earlier suite of a pool asks, and not what one suite asks twice", () => {
  const members = [
    { id: "a", cells: counted(0, 0, 4), goal: (i: number) => `g${i % 2}` },
    { id: "b", cells: counted(0, 0, 3), goal: (i: number) => `g${i}` }
  ]
  const paired = pairUnits(armOf(members, 0, "base"), armOf(members, 1, "tuned")).suites
  const { duplicates, pairs } = withoutRepeatedGoals([paired.get("a")!, paired.get("b")!])
  expect(duplicates).toBe(2)
  expect(pairs.map(({ unit }) => `${unit.suite} ${unit.sample}`)).toEqual(["a s0", "a s1", "a s2", "a s3", "b s2"])
})
