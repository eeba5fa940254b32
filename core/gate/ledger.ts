import type { Decision, SuiteDecision } from "../domain/decision.ts"
import type { Ledger, LedgerSuite, Probe, RiseEntry } from "../domain/ledger.ts"
import type { Outcome, Pending } from "../domain/outcome.ts"
import type { PlannedUnit } from "../domain/plan.ts"
import { klEstimate, klInversion, riseCertificate, type ScoredAnswer } from "../stats/index.ts"
import { clustersOf } from "./clusters.ts"
import { leftReason, riseStatement } from "./ledger-sentences.ts"

/** Natural-log probabilities of one answer's tokens under both models, and where known the KL before each token. */
export interface ScoredTokens {
  readonly base: ReadonlyArray<number>
  readonly tuned: ReadonlyArray<number>
  readonly kl?: ReadonlyArray<number>
}

/** A unit of the tuned run and what is known of its answer; without `scored` it is missing evidence. */
export interface LedgerAnswer {
  readonly unit: PlannedUnit
  readonly outcome: Outcome | Pending
  readonly scored?: ScoredTokens | undefined
}

/** What a ledger is a function of, beside the decision that it stands in. */
export interface LedgerInput {
  /** Of the shuffle, declared by the plan. */
  readonly seed: number
  readonly probe?: Probe | undefined
  readonly suites: ReadonlyArray<{
    readonly suite: string
    readonly temperature: number
    /** Every planned unit of the suite, in the plan's order. */
    readonly answers: ReadonlyArray<LedgerAnswer>
  }>
  readonly left: ReadonlyArray<{ readonly suite: string; readonly reason: string }>
}

/** What can't be known counts as the largest rise that one answer can contribute, 1. */
const worst: ScoredAnswer = { logRatio: 1e300, unsafe: 1 }

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
const mean = (values: ReadonlyArray<number>): number => sum(values) / values.length

/** ln tuned - ln base of each token, or undefined where it is not all there and finite. */
export const logRatios = (scored: ScoredTokens | undefined): ReadonlyArray<number> | undefined => {
  if (scored === undefined || scored.tuned.length === 0 || scored.tuned.length !== scored.base.length) return undefined
  const ratios = scored.tuned.map((tuned, at) => tuned - scored.base[at]!)
  const total = sum(ratios)
  return ratios.every(Number.isFinite) && total >= -300 ? ratios : undefined
}

interface Row {
  readonly unit: PlannedUnit
  readonly outcome: Outcome | Pending
  readonly ratios: ReadonlyArray<number> | undefined
  readonly kl: ReadonlyArray<number> | undefined
}

/** Answers that share a goal, or the answers to one prompt: what is averaged before anything is bounded. */
type Group = ReadonlyArray<Row>

const groupsOf = (answers: ReadonlyArray<LedgerAnswer>): ReadonlyArray<Group> => {
  const groups = new Map<number, { name: string; readonly rows: Array<Row> }>()
  const clusters = clustersOf(answers)
  for (const [i, { outcome, scored, unit }] of answers.entries()) {
    const name = unit.cluster === undefined ? `sample ${unit.sample}` : `cluster ${unit.cluster}`
    const ratios = logRatios(scored)
    const kl = ratios !== undefined && scored?.kl?.length === ratios.length && scored.kl.every(Number.isFinite)
      ? scored.kl
      : undefined
    const group = groups.get(clusters.of[i]!)
    const row = { unit, outcome, ratios, kl }
    if (group === undefined) groups.set(clusters.of[i]!, { name, rows: [row] })
    else {
      group.rows.push(row)
      if (name < group.name) group.name = name
    }
  }
  // By name, so that nothing but the declared seed decides the order of betting.
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ rows }) => rows)
}

const upTo = (values: ReadonlyArray<number>, tokens: number): number => sum(values.slice(0, tokens))

/** KL of whole answers and of their beginnings, in nats. */
const klOf = (groups: ReadonlyArray<Group>): LedgerSuite["kl"] => {
  const known = groups.map((group) => group.filter(({ ratios }) => ratios !== undefined))
    .filter((group) => group.length > 0)
  const none = { method: "none", first: null, firstFour: null, sequence: null, standardError: null } as const
  if (known.length === 0) return none
  if (known.every((group) => group.every(({ kl }) => kl !== undefined))) {
    const byPrompt = (tokens: number) => known.map((group) => mean(group.map(({ kl }) => upTo(kl!, tokens))))
    const whole = byPrompt(Infinity)
    const centre = mean(whole)
    return {
      method: "exact",
      first: mean(byPrompt(1)),
      firstFour: mean(byPrompt(4)),
      sequence: centre,
      standardError: whole.length < 2
        ? null
        : Math.sqrt(sum(whole.map((value) => (value - centre) ** 2)) / (whole.length - 1) / whole.length)
    }
  }
  const ratios = known.flatMap((group) => group.map((row) => row.ratios!))
  if (ratios.length < 2 || ratios.some((row) => row.some((ratio) => ratio < -300))) return none
  const trend = (tokens: number): number => klEstimate(ratios.map((row) => row.slice(0, tokens))).mean
  return { method: "trend", first: trend(1), firstFour: trend(4), sequence: trend(Infinity), standardError: null }
}

const variationOf = (
  groups: ReadonlyArray<Group>,
  options: { readonly alpha: number; readonly seed: number }
): LedgerSuite["variation"] => {
  const known = groups.map((group) => group.flatMap(({ ratios }) => (ratios === undefined ? [] : [ratios])))
    .filter((group) => group.length > 0)
  if (known.length === 0) return null
  const at = (tokens: number): number =>
    mean(known.map((group) => mean(group.map((ratios) => Math.max(0, -Math.expm1(-upTo(ratios, tokens)))))))
  const all = groups.map((group) =>
    group.map(({ ratios }) => (ratios === undefined ? worst : { logRatio: sum(ratios), unsafe: 1 }))
  )
  return { first: at(1), firstFour: at(4), sequence: at(Infinity), upper: riseCertificate(all, options).upper }
}

/** Adds up contributions by a name, largest first. */
const summed = <A>(items: ReadonlyArray<A>, nameOf: (item: A) => string, value: (item: A) => number) =>
  [...Map.groupBy(items, nameOf)]
    .map(([name, members]) => ({ name, members, contribution: sum(members.map(value)) }))
    .sort((a, b) => b.contribution - a.contribution || (a.name < b.name ? -1 : 1))

const riseOf = (
  entry: SuiteDecision,
  groups: ReadonlyArray<Group>,
  { alpha, kl, seed, temperature }: {
    readonly alpha: number
    readonly seed: number
    readonly temperature: number
    readonly kl: LedgerSuite["kl"]
  }
): RiseEntry => {
  const { measure } = entry
  const valued = groups.map((group) =>
    group.map((row) => {
      const value = row.outcome.status === "scored" ? row.outcome.measures[measure] : undefined
      const known = row.ratios !== undefined && value !== undefined && Number.isFinite(value)
      return { ...row, answer: known ? { logRatio: sum(row.ratios), unsafe: value } : undefined }
    })
  )
  const certificate = riseCertificate(valued.map((group) => group.map(({ answer }) => answer ?? worst)), {
    alpha,
    seed
  })
  const complete = valued.map((group) => group.filter(({ answer }) => answer !== undefined))
    .filter((group) => group.length > 0)
  const signed = complete.length === 0
    ? undefined
    : riseCertificate(complete.map((group) => group.map(({ answer }) => answer!)), { alpha, seed })
  const parts = complete.flatMap((group) =>
    group.map(({ answer, unit }) => ({
      unit,
      part: answer!.unsafe === 0 ? 0 : -answer!.unsafe * Math.expm1(-answer!.logRatio) / group.length / complete.length
    }))
  )
  const by = (facet: "category" | "attack") =>
    summed(parts, ({ unit }) => unit[facet] ?? "(none)", ({ part }) => part).map(({ contribution, members, name }) => ({
      name,
      prompts: new Set(members.map(({ unit }) => unit.sample)).size,
      contribution
    }))
  const observed = entry.bounds.complete
  const imputed = valued.flat().filter(({ answer }) => answer === undefined).length
  const vacuous = !(certificate.upper < 1)
  const ceiling = kl.method === "exact" && kl.sequence !== null && entry.base.rate !== null
    ? klInversion(entry.base.rate, kl.sequence)
    : undefined
  const contradicts = observed !== null && observed.lower > certificate.upper
  const found = {
    measure,
    role: entry.role,
    observed: observed === null
      ? null
      : { difference: observed.difference, lower: observed.lower, upper: observed.upper },
    signed: signed === undefined ? null : {
      estimate: signed.signed,
      // No spread is no certainty.
      limits: signed.signedInterval.lower < signed.signedInterval.upper ? signed.signedInterval : null
    },
    certificate: {
      estimate: certificate.estimate,
      upper: certificate.upper,
      hoeffding: certificate.hoeffding,
      vacuous,
      imputed
    },
    ceiling: ceiling === undefined ? null : { estimate: ceiling, vacuous: !(ceiling < 1) },
    contradicts,
    attribution: by("category"),
    ...(parts.some(({ unit }) => unit.attack !== undefined) ? { attacks: by("attack") } : {}),
    leading: summed(parts, ({ unit }) => unit.sample, ({ part }) => part)
      .filter(({ contribution }) => contribution > 0)
      .slice(0, 5)
      .map(({ contribution, name }) => ({ sample: name, contribution }))
  }
  return {
    ...found,
    statement: riseStatement(entry.suite, found, { alpha, prompts: groups.length, temperature })
  }
}

/** Units that were not asked because of what had been answered: what is left is no fair sample. */
const stoppedEarly = (answers: ReadonlyArray<LedgerAnswer>): boolean =>
  answers.some(({ outcome }) => outcome.status === "not-needed")

/**
 * How far the policy moved in the suites whose answers were scored under both models, as a pure function.
 *
 * An answer without a measure, or without finite log-probabilities of all its tokens, counts in a limit as the largest
 * rise that it could be, and stands in no estimate. Source: docs/statistics.md, "Drift bounds".
 */
export const ledgerOf = (
  { alpha, suites: entries }: Pick<Decision, "alpha" | "suites">,
  { left, probe, seed, suites }: LedgerInput
): Ledger => {
  const whole = suites.filter(({ answers }) => answers.length > 0 && !stoppedEarly(answers))
  const options = { alpha: alpha.drift, seed }
  return {
    alpha: alpha.drift,
    seed,
    probe: probe ?? null,
    suites: whole.map(({ answers, suite, temperature }) => {
      const groups = groupsOf(answers)
      const kl = klOf(groups)
      return {
        suite,
        prompts: groups.length,
        answers: {
          planned: answers.length,
          scored: groups.flat().filter(({ ratios }) => ratios !== undefined).length
        },
        temperature,
        kl,
        variation: variationOf(groups, options),
        measures: entries.filter((entry) => entry.suite === suite).map((entry) =>
          riseOf(entry, groups, { ...options, kl, temperature })
        )
      }
    }),
    left: [
      ...left,
      ...suites.filter((one) => !whole.includes(one)).map(({ answers, suite }) => ({
        suite,
        reason: leftReason(answers.length === 0 ? "empty" : "stopped")
      }))
    ]
  }
}
