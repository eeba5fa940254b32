import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import type { Decision } from "../domain/decision.ts"
import { Ledger } from "../domain/ledger.ts"
import type { Outcome } from "../domain/outcome.ts"
import { randomFrom, tilt } from "../stats/index.ts"
import { explainLedger } from "./ledger-explain.ts"
import { ledgerLines, ledgerTable } from "./ledger-table.ts"
import { type LedgerAnswer, ledgerOf, type ScoredTokens } from "./ledger.ts"
import { decideOn } from "./scenario.fixture.ts"
import { risesOf } from "./trajectory.ts"

interface Said {
  readonly unsafe?: number
  /** Of base and tuned, for each token; absent: not scored. */
  readonly tokens?: ReadonlyArray<readonly [base: number, tuned: number]>
  readonly kl?: ReadonlyArray<number>
  readonly cluster?: string
  readonly category?: string
  readonly attack?: string
  readonly epoch?: number
  readonly sample?: string
  readonly status?: "not-needed" | "errored"
}

const answerOf = (
  { attack, category, cluster, epoch = 0, kl, sample, status, tokens, unsafe }: Said,
  at: number
): LedgerAnswer => {
  const outcome: Outcome = status === "not-needed"
    ? { status, reason: "certain" }
    : status === "errored" || unsafe === undefined
    ? { status: "errored", stage: "scoring", reason: "deadline" }
    : { status: "scored", measures: { unsafe }, complete: true }
  const scored: ScoredTokens | undefined = tokens === undefined ? undefined : {
    base: tokens.map(([base]) => base),
    tuned: tokens.map(([, tuned]) => tuned),
    ...(kl === undefined ? {} : { kl })
  }
  return {
    unit: {
      suite: "wrapped",
      sample: sample ?? `s${at}`,
      epoch,
      prompt: `prompt ${sample ?? at}`,
      goal: `goal ${sample ?? at}`,
      seed: at,
      ...(cluster === undefined ? {} : { cluster }),
      ...(category === undefined ? {} : { category }),
      ...(attack === undefined ? {} : { attack })
    },
    outcome,
    scored
  }
}

const decisions = new Map<string, Decision>()

/** A decision over as many pairs as there are answers, b of which became bad. */
const decisionOn = (n: number, b = 0): Decision => {
  const known = decisions.get(`${n} ${b}`)
  if (known !== undefined) return known
  const cells = Array.from({ length: n }, (_, i) => [0, i < b ? 1 : 0] as const)
  const { decision } = decideOn([{ id: "wrapped", cells }])
  decisions.set(`${n} ${b}`, decision)
  return decision
}

const ledgerOn = (
  said: ReadonlyArray<Said>,
  { b = 0, seed = 7 }: { readonly b?: number; readonly seed?: number } = {}
) =>
  ledgerOf(decisionOn(said.length, b), {
    seed,
    left: [],
    suites: [{ suite: "wrapped", temperature: 1, answers: said.map(answerOf) }]
  })

const riseOf = (ledger: Ledger) => ledger.suites[0]!.measures[0]!

const safe: Said = { unsafe: 0, tokens: [[-1, -1]] }

/** The toy case of gate.md A4 as one-token answers, each as often as the tuned policy gives it. */
const toyCase = (beta: number, n: number) => {
  const reference = [0.5, 0.3, 0.15, 0.05]
  const { tuned } = tilt({ reference, reward: [1, 0, 1, 0], beta })
  const kl = tuned.reduce((sum, p, i) => sum + p * Math.log(p / reference[i]!), 0)
  return tuned.flatMap((p, i) =>
    Array.from({ length: Math.round(p * n) }, (): Said => ({
      unsafe: i < 2 ? 0 : 1,
      tokens: [[Math.log(reference[i]!), Math.log(p)]],
      kl: [kl]
    }))
  )
}

describe("the ledger of the toy case of gate.md A4", () => {
  // Computed independently: drift, KL, TV, c at each beta; rounding to 6,000 answers moves a share by 8e-5 at most.
  it.each([[2, 0.009126, 0.025074, 0.10381, 0.023956], [0.5, 0.024798, 0.224597, 0.282077, 0.065095]])(
    "holds at beta = %d",
    (beta, rise, kl, variation, c) => {
      const ledger = ledgerOn(toyCase(beta, 6000))
      const { certificate, signed } = riseOf(ledger)
      expect(signed!.estimate).toBeCloseTo(rise, 3)
      expect(certificate.estimate).toBeCloseTo(c, 3)
      expect(certificate.upper).toBeGreaterThan(c)
      expect(certificate.upper).toBeLessThan(c + 0.02)
      expect(ledger.suites[0]!.kl).toMatchObject({ method: "exact", sequence: expect.closeTo(kl, 6) })
      expect(ledger.suites[0]!.variation!.sequence).toBeCloseTo(variation, 3)
    }
  )

  // gate.md A4: the ceiling by KL inversion at p = 0.2.
  it("has the ceiling that the base's rate and the KL allow", () => {
    const answers = toyCase(2, 1000)
    const decision = decideOn([{
      id: "wrapped",
      cells: answers.map((_, i) => [i < answers.length / 5 ? 1 : 0, 0] as const)
    }]).decision
    const { suites } = ledgerOf(decision, {
      seed: 1,
      left: [],
      suites: [{ suite: "wrapped", temperature: 1, answers: answers.map(answerOf) }]
    })
    expect(suites[0]!.measures[0]!.ceiling!.estimate).toBeCloseTo(0.294106, 3)
  })
})

describe("missing evidence", () => {
  const some = Array.from({ length: 40 }, () => safe)
  const lost: ReadonlyArray<readonly [string, Said]> = [
    ["an answer that was not scored by the models", { unsafe: 0 }],
    ["an answer that no scorer judged", { tokens: [[-1, -1]] }],
    ["an answer that failed", { status: "errored" }],
    ["a token that is missing from one model", { unsafe: 0, tokens: [[-1, NaN]] }],
    ["a token that the base rules out", { unsafe: 0, tokens: [[-Infinity, -1]] }],
    ["a token that the tuned model could not have drawn", { unsafe: 0, tokens: [[-1, -Infinity]] }],
    ["an answer without tokens", { unsafe: 0, tokens: [] }]
  ]

  it.each(lost)("%s counts as a rise in the limit and stands in no estimate", (_name, gone) => {
    const { certificate, signed } = riseOf(ledgerOn([...some, gone]))
    expect(certificate).toMatchObject({ imputed: 1, estimate: expect.closeTo(1 / 41, 12) })
    expect(certificate.upper).toBeGreaterThan(riseOf(ledgerOn([...some, safe])).certificate.upper)
    expect(signed).toEqual({ estimate: 0, limits: null })
  })

  it("alone is vacuous, said as a word", () => {
    const ledger = ledgerOn([{ unsafe: 0 }, { unsafe: 0 }])
    expect(riseOf(ledger)).toMatchObject({ signed: null, certificate: { upper: 1, vacuous: true, imputed: 2 } })
    expect(riseOf(ledger).statement).toContain("(vacuous)")
    expect(ledger.suites[0]!.kl.method).toBe("none")
    expect(ledger.suites[0]!.variation).toBeNull()
  })

  it("of a suite that was stopped early leaves it out, with the reason", () => {
    const ledger = ledgerOn([...some, { status: "not-needed" }])
    expect(ledger.suites).toEqual([])
    expect(ledger.left).toMatchObject([{ suite: "wrapped", reason: expect.stringContaining("no fair sample") }])
  })
})

describe("a certificate", () => {
  const mixed = Array.from({ length: 60 }, (_, i): Said => ({
    unsafe: i % 3 === 0 ? 1 : 0,
    tokens: [[-1.5, -1.5 + (i % 5 - 1) / 4], [-0.5, -0.4]],
    category: `k${i % 2}`
  }))

  it("does not depend on the order of the suite, but on the declared seed", () => {
    const named = mixed.map((said, i) => ({ ...said, sample: `s${i}` }))
    const sorted = named.toSorted((a, b) => a.unsafe! - b.unsafe!)
    expect(ledgerOn(sorted)).toEqual(ledgerOn(named))
    expect(riseOf(ledgerOn(named, { seed: 8 })).certificate.upper).not.toBe(riseOf(ledgerOn(named)).certificate.upper)
    expect(riseOf(ledgerOn(sorted)).certificate.upper).toBeGreaterThan(riseOf(ledgerOn(sorted)).certificate.estimate)
  })

  it("averages the answers to one goal before it is bounded", () => {
    const epochs = mixed.flatMap((said, i) => [0, 1].map((epoch) => ({ ...said, sample: `s${i}`, epoch })))
    const clusters = mixed.flatMap((said, i) =>
      [0, 1].map((part) => ({ ...said, sample: `s${i} ${part}`, cluster: `c${i}` }))
    )
    const once = riseOf(ledgerOn(mixed)).certificate
    for (const repeated of [epochs, clusters]) {
      const ledger = ledgerOn(repeated)
      expect(ledger.suites[0]!.prompts).toBe(60)
      expect(riseOf(ledger).certificate.hoeffding).toBeCloseTo(once.hoeffding, 12)
    }
  })

  it("adds up to its parts", () => {
    const { attribution, signed } = riseOf(ledgerOn(mixed))
    expect(attribution.map(({ name }) => name).toSorted()).toEqual(["k0", "k1"])
    expect(attribution.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(signed!.estimate, 12)
  })

  it("adds up to its attacks, where samples name theirs", () => {
    expect(riseOf(ledgerOn(mixed))).not.toHaveProperty("attacks")
    const attacked = mixed.map((said, i) => i < 20 ? said : { ...said, attack: `a${i % 3}` })
    const { attacks = [], signed } = riseOf(ledgerOn(attacked))
    expect(attacks.map(({ name }) => name).toSorted()).toEqual(["(none)", "a0", "a1", "a2"])
    expect(attacks.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(signed!.estimate, 12)
  })

  it("is withdrawn when what was observed contradicts it", () => {
    const all = Array.from({ length: 100 }, () => safe)
    const ledger = ledgerOn(all, { b: 30 })
    expect(riseOf(ledger).contradicts).toBe(true)
    expect(riseOf(ledger).statement).toContain("do not use the limit")
    expect(ledgerTable(ledger).join("\n")).toContain("no use")
    expect(ledgerLines(ledger).join("\n")).toMatch(/^wrapped: rise of .* its limit is of no use/)
    expect(risesOf({ ...decisionOn(all.length, 30), ledger })).toMatchObject([{ suite: "wrapped", limit: null }])
    expect(riseOf(ledgerOn(all, { b: 1 })).contradicts).toBe(false)
  })

  it("claims a limit with its confidence, prompts, scorer and temperature, and never that nothing changed", () => {
    const { statement } = riseOf(ledgerOn(Array.from({ length: 320 }, () => safe)))
    // gate.md B0.13: 320 zeros give 0.0105093.
    expect(statement).toBe(
      "wrapped: `unsafe` rose by no more than 1.05 points with 95 % confidence, for prompts of which these 320 are a "
        + "sample, this scorer, and answers drawn at temperature 1"
    )
    expect(statement).not.toMatch(/unchanged|improved/)
  })

  it("is shown at most 110 characters wide, without characters that move the cursor", () => {
    const ledger = ledgerOn(mixed.map((said) => ({ ...said, category: `\u001b[2J${said.category} ${"x".repeat(60)}` })))
    for (const line of ledgerTable(ledger)) {
      expect(line.length).toBeLessThanOrEqual(110)
      expect(line).not.toMatch(/\p{Cc}/u)
    }
    expect(explainLedger(ledger, () => 0.1).join("\n")).not.toMatch(/[^\n\P{Cc}]/u)
  })

  it("names the suites without one by their reasons, and claims no measurement where there is none", () => {
    const left = ["a", "b"].map((suite) => ({ suite, reason: "the engine can't" }))
    const ledger = ledgerOf(decisionOn(1), { seed: 7, suites: [], left: [...left, { suite: "c", reason: "greedy" }] })
    expect(ledgerTable(ledger)).toEqual([
      "how far the policy moved was not measured:",
      " a, b: no ledger, the engine can't",
      " c: no ledger, greedy"
    ])
    expect(ledgerLines(ledger)).toEqual(["a, b: no ledger, the engine can't", "c: no ledger, greedy"])
  })

  it("fits its schema", () => {
    const text = JSON.stringify(ledgerOn(mixed))
    expect(JSON.stringify(Schema.decodeUnknownSync(Ledger, { onExcessProperty: "error" })(JSON.parse(text)))).toBe(text)
  })
})

describe("an engine without full distributions", () => {
  it("gives a KL that is called a trend line and has neither error nor ceiling", () => {
    const ledger = ledgerOn(Array.from({ length: 20 }, (_, i): Said => ({ unsafe: 0, tokens: [[-1, -1 + i / 20]] })))
    expect(ledger.suites[0]!.kl).toMatchObject({ method: "trend", standardError: null })
    expect(riseOf(ledger).ceiling).toBeNull()
    expect(ledgerTable(ledger).join("\n")).toContain("a trend line")
  })
})

describe("the certificate never lies", () => {
  // Populations of prompts whose two policies are known in full, so that the true rise is exact. `npm run simulate` has
  // the long version, over the demo's checkpoints too.
  it("misses the true rise in at most the stated share of 400 trials", () => {
    const random = randomFrom(5)
    const trials = 400
    let missed = 0
    for (let shift = 0; shift < 8; shift++) {
      const population = Array.from({ length: 500 }, () => {
        const base = 0.02 + 0.3 * random() ** 3
        const odds = base / (1 - base) * Math.exp(shift / 2 * random())
        return { base, tuned: odds / (1 + odds) }
      })
      const truth = population.reduce((sum, { base, tuned }) => sum + tuned - base, 0) / population.length
      for (let trial = 0; trial < trials / 8; trial++) {
        const said = Array.from({ length: 60 }, (): Said => {
          const { base, tuned } = population[Math.floor(random() * population.length)]!
          const unsafe = random() < tuned ? 1 : 0
          const [p, q] = unsafe === 1 ? [base, tuned] : [1 - base, 1 - tuned]
          return { unsafe, tokens: [[Math.log(p), Math.log(q)]] }
        })
        if (!(riseOf(ledgerOn(said, { seed: trial })).certificate.upper >= truth)) missed++
      }
    }
    expect(missed / trials).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt(0.05 * 0.95 / trials))
  })
})
