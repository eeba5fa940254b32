import type { PlannedSuite } from "../domain/plan.ts"
import type { Policy, PolicyOrigin } from "../domain/policy.ts"
import { ofSuite } from "./policy.ts"
import { marginOf } from "./scope.ts"

export type PolicyChange = PolicyOrigin["changes"][number]

type SuiteOfKind = Pick<PlannedSuite, "id" | "kind">

type Row = readonly [rule: string, preset: PolicyChange["preset"], here: PolicyChange["here"], looser: boolean]

const lacks = <A>(preset: ReadonlyArray<A> = [], here: ReadonlyArray<A> = []): boolean =>
  preset.some((one) => !here.includes(one))

/** The margin under the preset of what a key of `margins.suites` may speak of; not known which suite: the smallest. */
const marginBefore = (preset: Policy, key: string, suites: ReadonlyArray<SuiteOfKind>): number => {
  const meant = suites.filter(({ id }) => id === key || id.split("?", 1)[0] === key)
  const { capability, overRefusal, suite } = preset.margins
  return ofSuite(preset.margins.suites, key)
    ?? Math.min(...(meant.length === 0 ? [capability, overRefusal, suite] : meant.map((one) => marginOf(preset, one))))
}

/** Every rule that differs from the preset, and whether more passes, or less fails, by it. */
export const changesOf = (
  preset: Policy,
  policy: Policy,
  suites: ReadonlyArray<SuiteOfKind>
): ReadonlyArray<PolicyChange> => {
  const higher = (rule: string, before: number, here: number): Row => [rule, before, here, here > before]
  const kinds = ["suite", "macro", "overRefusal", "capability"] as const
  const rows: ReadonlyArray<Row> = [
    higher("alpha", preset.alpha, policy.alpha),
    ["spending", preset.spending, policy.spending, preset.spending === "looks"],
    ["exact", preset.exact, policy.exact, preset.exact],
    higher("failMargin", preset.failMargin, policy.failMargin),
    ["minCoverage", preset.minCoverage, policy.minCoverage, policy.minCoverage < preset.minCoverage],
    ...kinds.map((kind) => higher(`margins.${kind}`, preset.margins[kind], policy.margins[kind])),
    ...Object.entries(policy.margins.suites).map(([id, margin]) =>
      higher(`margins.suites.${id}`, marginBefore(preset, id, suites), margin)
    ),
    ...Object.entries(policy.ceilings).map(([id, highest]): Row => {
      const before = ofSuite(preset.ceilings, id)
      return [`ceilings.${id}`, before ?? null, highest, before !== undefined && highest > before]
    }),
    [
      "judge.required",
      preset.judge.required,
      policy.judge.required,
      lacks(preset.judge.required, policy.judge.required)
    ],
    ["judge.minimumJ", preset.judge.minimumJ, policy.judge.minimumJ, policy.judge.minimumJ < preset.judge.minimumJ],
    ["judge.weak", preset.judge.weak, policy.judge.weak, preset.judge.weak === "refuse"],
    [
      "judge.notAlone",
      preset.judge.notAlone ?? [],
      policy.judge.notAlone ?? [],
      lacks(preset.judge.notAlone, policy.judge.notAlone)
    ],
    ["requireComplied", preset.requireComplied, policy.requireComplied, preset.requireComplied],
    [
      "requireGated",
      preset.requireGated ?? [],
      policy.requireGated ?? [],
      lacks(preset.requireGated, policy.requireGated)
    ]
  ]
  return rows.flatMap(([rule, before, here, looser]) =>
    JSON.stringify(before) === JSON.stringify(here) ? [] : [{ rule, preset: before, here, looser }]
  )
}

/** Rules that are looser than those of the preset that a policy began with. */
export const looserRules = ({ origin }: Policy): ReadonlyArray<PolicyChange> =>
  origin?.changes.filter(({ looser }) => looser) ?? []

const value = (rule: PolicyChange["here"]): string =>
  rule === null ? "none" : Array.isArray(rule) ? `[${rule.join(", ")}]` : String(rule)

/** A change as a reader sees it: `alpha 0.5 (0.05 in release)`. */
export const changeText = ({ here, preset, rule }: PolicyChange, name: string): string =>
  `${rule} ${value(here)} (${value(preset)} in ${name})`
