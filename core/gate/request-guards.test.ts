import { describe, expect, it } from "vitest"
import { decide, type DecideInput } from "./decide.ts"
import { armOf, counted, noon, plainPolicy } from "./scenario.fixture.ts"

const suites = [{ id: "harmbench", cells: counted(1, 1, 300) }]
const behind = (side: 0 | 1, parts: Readonly<Record<string, string>>) => {
  const arm = armOf(suites, side, side === 0 ? "base" : "tuned")
  const { identity, spec } = arm.plan.target
  const named = { scheme: "openai", model: side === 0 ? "m" : "m2", ...parts }
  return {
    ...arm,
    plan: { ...arm.plan, target: { spec, identity: { ...identity, verifiable: false, parts: named } } }
  }
}
const judged = (
  base: Readonly<Record<string, string>>,
  tuned: Readonly<Record<string, string>>,
  rest: Partial<DecideInput> = {}
) =>
  decide({
    base: behind(0, base),
    tuned: behind(1, tuned),
    policy: plainPolicy(),
    now: noon,
    environment: {},
    ...rest
  }).decision

describe("fields of the requests", () => {
  it.each([
    [{}, { omit: "seed,temperature,top_p" }],
    [{ omit: "seed" }, {}],
    [{}, { extra: "[[\"logit_bias\",{\"1\":-100}]]" }],
    [{ extra: "[[\"repetition_penalty\",1.1]]" }, { extra: "[[\"repetition_penalty\",1.2]]" }],
    [{}, { extra: "[[\"chat_template_kwargs\",{\"enable_thinking\":false}]]" }]
  ])("that one model was asked with alone are not like for like: %o, %o", (base, tuned) => {
    const { exitCode, reasons, verdict } = judged(base, tuned)
    expect([verdict, exitCode]).toEqual(["invalid", 13])
    expect(reasons[0]).toMatch(/^not like with like: the two models were asked with other fields/)
  })

  it("that both were asked with are like for like", () => {
    const fields = { omit: "seed", extra: "[[\"user\",\"x\"]]" }
    const { guards, verdict } = judged(fields, fields)
    expect(verdict).toBe("pass")
    expect(guards.find(({ name }) => name === "request")).toMatchObject({
      ok: true,
      base: "omit seed; extra [[\"user\",\"x\"]]"
    })
  })

  it("can be accepted, which every reader sees", () => {
    const { annotations, verdict } = judged({}, { omit: "seed" }, { overrides: ["request"] })
    expect(verdict).toBe("pass")
    expect(annotations).toContain("overridden")
  })
})

it("another system prompt or other markers of thoughts belong to the candidate, and are named", () => {
  const { annotations, reasons, verdict } = judged({}, { systemPrompt: "f".repeat(64), reasoningMarkers: "<a>...</a>" })
  expect(verdict).toBe("pass")
  expect(annotations).toContain("overridden")
  expect(reasons).toContain(
    "accepted by override, not like with like: the candidate stands behind another system prompt: what differs may come "
      + "from that and not from its weights (base none; tuned ffffffffffff)"
  )
  expect(reasons.join()).toContain("taken out by other markers")
  expect(judged({ systemPrompt: "s" }, { systemPrompt: "s" }).annotations).not.toContain("overridden")
})
