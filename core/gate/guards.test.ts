import { describe, expect, it } from "vitest"
import type { Plan, PlannedSuite } from "../domain/plan.ts"
import type { Arm } from "./arm.ts"
import { decide, type DecideInput } from "./decide.ts"
import { armOf, counted, noon, plainPolicy } from "./scenario.fixture.ts"

const suites = [{ id: "harmbench", cells: counted(1, 1, 300) }, {
  id: "sums",
  kind: "task" as const,
  cells: counted(0, 0, 300)
}]
const base = armOf(suites, 0, "base")
const tuned = armOf(suites, 1, "tuned")

const judged = (other: Arm, rest: Partial<DecideInput> = {}) =>
  decide({ base, tuned: other, policy: plainPolicy(), now: noon, environment: {}, ...rest }).decision

const planned = (change: Partial<Plan>): Arm => ({ ...tuned, plan: { ...tuned.plan, ...change } })
const changed = (change: Partial<PlannedSuite>): Arm =>
  planned({ suites: tuned.plan.suites.map((suite, i) => (i === 0 ? { ...suite, ...change } : suite)) })
const broken = (other: Arm) => judged(other).guards.filter(({ ok }) => !ok).map(({ name }) => name)

it("two runs of one plan by two models pass every guard", () => {
  const { guards, verdict } = judged(tuned)
  expect(guards.map(({ name, ok }) => [name, ok])).toEqual([
    ["suites", true],
    ["measures", true],
    ["items", true],
    ["shown", true],
    ["units", true],
    ["prompts", true],
    ["groups", true],
    ["decoding", true],
    ["epochs", true],
    ["seeds", true],
    ["reasoning", true],
    ["scorers", true],
    ["identity", true]
  ])
  expect(verdict).toBe("pass")
})

describe("what has to be equal", () => {
  const suite = tuned.plan.suites[0]!
  it.each<[string, Arm]>([
    ["suites", planned({ suites: tuned.plan.suites.map((one, i) => (i === 0 ? { ...one, id: "other" } : one)) })],
    ["measures", changed({ gates: ["unsafe", "complied"] })],
    ["items", changed({ items: "other items" })],
    ["shown", changed({ shown: "references that were corrected" })],
    ["decoding", changed({ decoding: { ...suite.decoding, temperature: 1 } })],
    ["seeds", planned({ seed: 8 })],
    ["scorers", changed({ scorer: { ...suite.scorer, behaviour: "c".repeat(64) } })],
    ["prompts", { ...tuned, units: [...tuned.units].map((one) => ({ ...one, unit: { ...one.unit, prompt: "x" } })) }],
    ["groups", { ...tuned, units: [...tuned.units].map((one) => ({ ...one, unit: { ...one.unit, goal: "x" } })) }],
    ["units", { ...tuned, units: [...tuned.units].slice(1) }],
    ["units", { ...tuned, units: [...tuned.units, [...tuned.units][0]!] }],
    ["units", {
      ...tuned,
      units: [...tuned.units].map((one, i) => (i === 0 ? { ...one, unit: { ...one.unit, suite: "x" } } : one))
    }]
  ])("%s", (name, other) => {
    expect(broken(other)).toContain(name)
    const { exitCode, reasons, suites: entries, verdict } = judged(other)
    expect([verdict, exitCode]).toEqual(["invalid", 13])
    expect(reasons.some((reason) => reason.startsWith("not like with like: "))).toBe(true)
    // A pass of a single suite must not be readable from runs that can't be compared.
    expect(new Set(entries.map((entry) => entry.verdict))).toEqual(new Set(["invalid"]))
  })
  it("is told with both values", () => {
    const guard = judged(changed({ items: "3fa1" })).guards.find(({ name }) => name === "items")
    expect(guard).toEqual({
      name: "items",
      ok: false,
      base: "harmbench: items of har",
      tuned: "harmbench: 3fa1",
      detail: "items differ in harmbench"
    })
  })
  it("epochs", () => {
    const twice = [{ ...suites[0]!, epochs: 2 }, suites[1]!]
    expect(broken(armOf(twice, 1, "tuned"))).toContain("epochs")
  })
  it("can be overridden, which every reader sees", () => {
    const { annotations, guards, reasons, verdict } = judged(changed({ items: "other" }), { overrides: ["items"] })
    expect([verdict, annotations]).toEqual(["pass", ["overridden", "no-over-refusal-control", "uncalibrated"]])
    expect(guards.find(({ name }) => name === "items")).toMatchObject({ ok: false, overridden: true })
    expect(reasons.at(-1)).toContain("accepted by override, not like with like: items differ in harmbench")
  })
  it("does not override what was not named", () =>
    expect(judged(changed({ items: "other" }), { overrides: ["decoding"] }).verdict).toBe("invalid"))
  it("never overrides units that are not there", () =>
    expect(judged({ ...tuned, units: [...tuned.units].slice(1) }, { overrides: ["units"] }).verdict).toBe("invalid"))
  it("counts a suite of one run alone as missing in the other, if its absence is accepted", () => {
    const shorter = armOf([suites[0]!], 1, "tuned")
    expect(judged(shorter).verdict).toBe("invalid")
    const { suites: entries, verdict } = judged(shorter, { overrides: ["suites"] })
    expect(verdict).toBe("incomplete")
    expect(entries[1]?.outcomes.tuned.pending).toBe(300)
  })
})

describe("what has to differ", () => {
  it("a tuned model that is its base is invalid, because it is identical", () => {
    const { reasons, verdict } = judged(armOf(suites, 1, "base"))
    expect(verdict).toBe("invalid")
    expect(reasons[0]).toContain("identical: the tuned model is the base model")
  })
  it("identity can't be overridden", () =>
    expect(judged(armOf(suites, 1, "base"), { overrides: ["identity" as never] }).verdict).toBe("invalid"))
  it("a noise floor compares a model with itself under another seed", () => {
    const again = armOf(suites, 1, "base")
    const reseeded: Arm = {
      plan: { ...again.plan, seed: 8 },
      units: [...again.units].map((one) => ({ ...one, unit: { ...one.unit, seed: one.unit.seed + 1 } }))
    }
    const { annotations, verdict } = judged(reseeded, { noiseFloor: true })
    expect([verdict, annotations]).toEqual(["pass", ["no-over-refusal-control", "noise-floor", "uncalibrated"]])
  })
  it("a noise floor under one seed is invalid: it would only repeat itself", () =>
    expect(judged(armOf(suites, 1, "base"), { noiseFloor: true }).verdict).toBe("invalid"))
  it("a noise floor of two models is invalid", () =>
    expect(judged(tuned, { noiseFloor: true }).verdict).toBe("invalid"))
})

describe("a tuned model that can't be told from the base", () => {
  const differences = { mean: 0, largest: 0 }
  const probe = {
    prompts: 16,
    tokens: 400,
    ratio: { mean: 0.0004, largest: 0.001 },
    scoredTwice: differences,
    drawnAndScored: { mean: 0.0004, largest: 0.0006 },
    floor: 0.0006,
    identical: true
  }
  const guardOf = (other: Arm, rest: Partial<DecideInput>) => {
    const decision = judged(other, rest)
    return { decision, guard: decision.guards.find(({ name }) => name === "identity")! }
  }
  const same = planned({ target: base.plan.target })

  it("is invalid, by behaviour or by a probe", () => {
    for (const [other, rest] of [[same, {}], [tuned, { probe }]] as const) {
      const { decision, guard } = guardOf(other, rest)
      expect(decision).toMatchObject({ verdict: "invalid", exitCode: 13 })
      expect(decision.reasons[0]).toMatch(/^identical: /)
      expect(guard.ok).toBe(false)
    }
    expect(guardOf(tuned, { probe }).guard.detail).toContain(
      "mean |log-ratio| 0.0004 nats a token over 16 prompts, the engine's own noise 0.0006"
    )
  })

  /** A model with the base's weights whose behaviour differs by the given parts. */
  const around = (parts: Readonly<Record<string, string>>) => {
    const { target } = tuned.plan
    const model = (plan: Plan, parts: Readonly<Record<string, string>>) => ({
      target: { ...plan.target, identity: { ...plan.target.identity, weights: "w".repeat(64), parts } }
    })
    const other = planned(model({ ...tuned.plan, target }, parts))
    return decide({
      base: { ...base, plan: { ...base.plan, ...model(base.plan, { tokenizer: "t1", ends: "4" }) } },
      tuned: other,
      policy: plainPolicy(),
      now: noon,
      environment: {}
    }).decision
  }

  it.each([
    [{ tokenizer: "t2", ends: "4" }, "no training: tokenizer (base"],
    [{ tokenizer: "t1", ends: "0 4" }, "no training: tokens that end an answer (base"],
    [{ tokenizer: "t1", ends: "4", adapter: "a, no change: lora_alpha is 0" }, "changes nothing: lora_alpha is 0 (base"]
  ])("is invalid with the weights of the base, whatever was rewritten around them: %o", (parts, said) => {
    const { exitCode, reasons, verdict } = around(parts)
    expect([verdict, exitCode]).toEqual(["invalid", 13])
    expect(reasons[0]).toMatch(/^identical: the tuned model has the weights of the base model/)
    expect(reasons[0]).toContain(said)
  })

  it("is another model behind another system prompt, which no trainer writes", () => {
    expect(around({ tokenizer: "t1", ends: "4", systemPrompt: "s" }).verdict).toBe("pass")
  })

  it("is not known of models of which nothing tells the weights", () => {
    expect(judged(tuned).guards.find(({ name }) => name === "identity")!.ok).toBe(true)
  })

  it("is marked where no probe could look for it, with the reason", () => {
    const { annotations, reasons, verdict } = judged(tuned, { notProbed: "the engines score nothing" })
    expect([verdict, annotations]).toEqual(["pass", ["not-probed", "no-over-refusal-control", "uncalibrated"]])
    expect(reasons.at(-1)).toBe("not probed, only their digests were compared: the engines score nothing")
    expect(judged(tuned).annotations).toEqual(["no-over-refusal-control", "uncalibrated"])
  })

  it("is not what a probe beyond the engine's noise says", () => {
    const apart = { ...probe, ratio: { mean: 0.002, largest: 0.01 }, identical: false }
    expect(guardOf(tuned, { probe: apart }).guard.ok).toBe(true)
  })

  it("is told of an adapter that was merged in vain", () => {
    const { behaviour, ...identity } = base.plan.target.identity
    const parts = { adapter: "abc, no change: lora_alpha is 0" }
    const idle = planned({ target: { spec: "checkpoint:a+b", identity: { behaviour, ...identity, parts } } })
    expect(judged(idle).reasons[0]).toContain("its adapter changes nothing: lora_alpha is 0")
  })

  it("is decided on as any other when that is allowed, and marked", () => {
    for (const [other, rest] of [[same, {}], [tuned, { probe }]] as const) {
      const { decision, guard } = guardOf(other, { ...rest, allowIdentical: true })
      expect(decision.verdict).toBe("pass")
      expect(decision.annotations).toContain("identical")
      expect(decision.reasons.at(-1)).toMatch(/^accepted by --allow-identical: identical/)
      expect(guard).toMatchObject({ ok: false, overridden: true })
    }
  })

  it("is not said of two models that differ, though it is allowed", () => {
    const { annotations } = judged(tuned, { allowIdentical: true })
    expect(annotations).not.toContain("identical")
  })
})
