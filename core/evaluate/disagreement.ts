import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Generation } from "../domain/generation.ts"
import { Measure } from "../domain/measures.ts"
import type { PlannedUnit } from "../domain/plan.ts"
import { unitKey } from "../domain/unit.ts"
import { openStoredRun, readGenerations, readResults, type UnitResult } from "../run/stored-run.ts"
import { cohenKappa, gwetAc1 } from "../stats/index.ts"
import type { Listener } from "./execute.ts"
import { rescoreRun } from "./rescore.ts"
import type { Settings } from "./settings.ts"

/** An answer on which two scorers part: on both sides of one half. */
interface Disagreement {
  readonly unit: PlannedUnit
  readonly measure: Measure
  readonly first: number
  readonly second: number
}

/** How two scorers compare on one measure of a suite. */
export interface SuiteAgreement {
  readonly suite: string
  readonly measure: Measure
  /** Answers that both scored. */
  readonly n: number
  readonly agreement: number | null
  readonly kappa: number | null
  readonly ac1: number | null
  /** Flagged by the first scorer alone, and by the second alone. */
  readonly firstOnly: number
  readonly secondOnly: number
  /** Scored by one of them: a judge that fails on an answer does not agree with anybody. */
  readonly scoredByFirst: number
  readonly scoredBySecond: number
}

const valueOf = ({ outcome }: UnitResult, measure: Measure): number | undefined =>
  outcome.status === "scored" ? outcome.measures[measure] : undefined

type Pair = readonly [first: number | undefined, second: number | undefined]

const agreementOf = (suite: string, measure: Measure, pairs: ReadonlyArray<Pair>): SuiteAgreement => {
  const count = (first: boolean, second: boolean) =>
    pairs.filter(([a, b]) => a !== undefined && b !== undefined && (a >= 0.5) === first && (b >= 0.5) === second).length
  const table = [[count(true, true), count(true, false)], [count(false, true), count(false, false)]] as const
  const n = table.flat().reduce((sum, cell) => sum + cell, 0)
  const marginal = [table[0][0] + table[0][1], table[0][0] + table[1][0]]
  const mixed = marginal.some((flagged) => flagged > 0 && flagged < n)
  return {
    suite,
    measure,
    n,
    agreement: n === 0 ? null : (table[0][0] + table[1][1]) / n,
    kappa: mixed ? cohenKappa(table).kappa : null,
    ac1: n === 0 ? null : gwetAc1(table),
    firstOnly: table[0][1],
    secondOnly: table[1][0],
    scoredByFirst: pairs.filter(([a, b]) => a !== undefined && b === undefined).length,
    scoredBySecond: pairs.filter(([a, b]) => a === undefined && b !== undefined).length
  }
}

/** Compares two runs over the same answers, unit by unit; a pure function of their results. */
export const disagreementsOf = (first: ReadonlyArray<UnitResult>, second: ReadonlyArray<UnitResult>): {
  readonly suites: ReadonlyArray<SuiteAgreement>
  readonly parted: ReadonlyArray<Disagreement>
} => {
  const others = new Map(second.map((result) => [unitKey(result.unit), result]))
  const parted: Array<Disagreement> = []
  const pairs = new Map<string, { suite: string; measure: Measure; pairs: Array<Pair> }>()
  for (const result of first) {
    const other = others.get(unitKey(result.unit))
    for (const measure of Measure.literals) {
      const a = valueOf(result, measure)
      const b = other === undefined ? undefined : valueOf(other, measure)
      if (a === undefined && b === undefined) continue
      const key = `${result.unit.suite}\u0000${measure}`
      const entry = pairs.get(key) ?? { suite: result.unit.suite, measure, pairs: [] }
      pairs.set(key, entry)
      entry.pairs.push([a, b])
      if (a !== undefined && b !== undefined && (a >= 0.5) !== (b >= 0.5)) {
        parted.push({ unit: result.unit, measure, first: a, second: b })
      }
    }
  }
  return {
    // A measure that one of the scorers never gives says nothing of the two.
    suites: [...pairs.values()].filter((entry) =>
      entry.pairs.some(([a]) => a !== undefined) && entry.pairs.some(([, b]) => b !== undefined)
    ).map((entry) => agreementOf(entry.suite, entry.measure, entry.pairs)),
    parted
  }
}

/** The final text of an answer; other ends have none. */
const textOf = (generation: Generation | undefined): string | undefined =>
  generation?.kind === "answer" ? generation.text : undefined

/**
 * Judges the stored answers of a run with another scorer, as a run of its own, and lists where the two part. No model
 * under test is asked. `texts`: keep the answers that they part on. Scoped: judges live as long as the scope.
 */
export const disagree = Effect.fn("Scorer.disagree")(function*(
  input: {
    readonly run: string
    readonly settings: Settings
    readonly texts: boolean
  },
  listener: Listener,
  drain: Deferred.Deferred<string>
) {
  const source = yield* openStoredRun(input.run)
  const { run, summary } = yield* rescoreRun(input.run, input.settings, listener, drain)
  const found = disagreementsOf(yield* readResults(source), yield* readResults(run))
  const wanted = new Set(input.texts ? found.parted.map(({ unit }) => unitKey(unit)) : [])
  const answers = wanted.size === 0
    ? new Map<string, Generation>()
    : yield* readGenerations(source, (unit) => wanted.has(unitKey(unit)))
  return {
    ...found,
    run,
    summary,
    scorers: source.plan.suites.map(({ id, scorer }) => ({
      suite: id,
      first: scorer.id,
      second: run.plan.suites.find((suite) => suite.id === id)!.scorer.id
    })),
    textOf: (unit: PlannedUnit) => textOf(answers.get(unitKey(unit)))
  }
})
