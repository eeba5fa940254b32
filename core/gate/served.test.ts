import { describe, expect, it } from "vitest"
import type { Arm } from "./arm.ts"
import { decide, type DecideInput } from "./decide.ts"
import { armOf, counted, noon, plainPolicy } from "./scenario.fixture.ts"

const suites = [{ id: "harmbench", cells: counted(1, 1, 300) }]

/** A model that nothing but its name tells, and what its server called it. */
const asked = (
  side: 0 | 1,
  name: string,
  urls: string | undefined,
  served: ReadonlyArray<readonly [string, number]> = []
): Arm => {
  const arm = armOf(suites, side, `${name} at ${urls}`)
  const parts = { scheme: "openai", model: name, ...(urls === undefined ? {} : { urls }) }
  const { identity, spec } = arm.plan.target
  return {
    ...arm,
    plan: { ...arm.plan, target: { spec, identity: { ...identity, verifiable: false, parts } } },
    served: new Map(served)
  }
}

const judged = (base: Arm, tuned: Arm, rest: Partial<DecideInput> = {}) =>
  decide({ base, tuned, policy: plainPolicy(), now: noon, environment: {}, ...rest }).decision
const ours = ["served-alike", "same-answers", "overridden"]
const wordsOf = ({ annotations }: ReturnType<typeof judged>) => annotations.filter((word) => ours.includes(word))
const here = "http://127.0.0.1:8000/v1"

describe("two names at one server", () => {
  it("are two models when it answers as two", () => {
    const { guards, verdict } = judged(asked(0, "m", here, [["m", 300]]), asked(1, "m2", here, [["m2", 300]]))
    expect(verdict).toBe("pass")
    expect(guards.find(({ name }) => name === "served")).toEqual({
      name: "served",
      ok: true,
      base: "\"m\"",
      tuned: "\"m2\""
    })
  })

  it.each([here, "http://localhost:8000/v1/", undefined])(
    "are not like for like when it answers as one, whatever the address is called: %s",
    (urls) => {
      const decision = judged(asked(0, "m", here, [["m", 300]]), asked(1, "m2", urls, [["m", 300]]))
      expect([decision.verdict, decision.exitCode]).toEqual(["invalid", 13])
      expect(decision.reasons[0]).toMatch(/^not like with like: one server answered for both models as the same one/)
      expect(decision.reasons[0]).toContain("--accept served")
    }
  )

  it("are decided on where that is accepted, which every reader sees", () => {
    const decision = judged(
      asked(0, "m", here, [["gateway", 300]]),
      asked(1, "m2", here, [["gateway", 300]]),
      { overrides: ["served"] }
    )
    expect([decision.verdict, wordsOf(decision)]).toEqual(["pass", ["overridden"]])
  })

  it("are told in words that a terminal can show", () => {
    const name = `m\u001b[2J\u202e${"x".repeat(500)}`
    const { guards } = judged(asked(0, "m", here, [[name, 300]]), asked(1, "m2", here, [["m2", 300]]))
    const { base } = guards.find((guard) => guard.name === "served")!
    expect(base).toMatch(/^"m \[2J x+…"$/u)
    expect(base.length).toBeLessThan(90)
  })
})

describe("two names at two servers", () => {
  it("that call both by one name are marked, and told", () => {
    const decision = judged(
      asked(0, "m", "https://a.example/v1", [["gateway", 300]]),
      asked(1, "m2", "https://b.example/v1", [["gateway", 300]])
    )
    expect([decision.verdict, wordsOf(decision)]).toEqual(["pass", ["served-alike"]])
    expect(decision.reasons.join()).toContain("both servers call the model that answered \"gateway\"")
  })

  it("are nothing to tell where both were asked by the name that answers", () => {
    const decision = judged(
      asked(0, "m", "https://a.example/v1", [["m", 300]]),
      asked(1, "m", "https://b.example/v1", [["m", 300]])
    )
    expect(wordsOf(decision)).toEqual([])
  })
})

describe("a name that changes within a run", () => {
  const mixed = asked(1, "m2", here, [["m2-a", 200], ["m2-b", 100]])

  it("is two models mixed", () => {
    const { guards, verdict } = judged(asked(0, "m", here, [["m", 300]]), mixed)
    expect(verdict).toBe("invalid")
    expect(guards.find(({ name }) => name === "served")).toMatchObject({
      ok: false,
      tuned: "\"m2-a\", \"m2-b\"",
      detail: expect.stringContaining("the server of the tuned model changed its name within the run")
    })
  })

  it("says nothing of a model whose weights were seen", () => {
    const { identity, spec } = mixed.plan.target
    const seen = { ...mixed, plan: { ...mixed.plan, target: { spec, identity: { ...identity, verifiable: true } } } }
    expect(judged(asked(0, "m", here, [["m", 300]]), seen).verdict).toBe("pass")
  })
})

describe("answers that are equal byte for byte", () => {
  it("in every pair are marked, and told", () => {
    const decision = judged(asked(0, "m", here), asked(1, "m2", here), { alike: 300 })
    expect(wordsOf(decision)).toEqual(["same-answers"])
    expect(decision.reasons.join()).toContain("the answers of all 300 scored pairs are equal byte for byte")
  })

  it("in a few pairs say nothing, and neither do those of a noise floor", () => {
    const [base, tuned] = [asked(0, "m", here), asked(1, "m2", here)]
    expect(wordsOf(judged(base, tuned, { alike: 29 }))).toEqual([])
    expect(wordsOf(judged(base, tuned, { alike: 300, noiseFloor: true }))).toEqual([])
  })
})
