import type { Annotation } from "../domain/decision.ts"
import type { SuiteKind } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import { changeText, looserRules } from "./policy-changes.ts"
import type { Scope } from "./scope.ts"

type Wanted = NonNullable<Policy["requireGated"]>[number]

/** What a safety gate has to decide on and does not, with the word that the verdict then carries. */
export const uncontrolled = (
  { pools, suites }: Scope,
  kindOf: (suite: string) => SuiteKind | undefined
): ReadonlyArray<{ readonly what: Wanted; readonly word: "no-harm-suite" | "no-over-refusal-control" }> => {
  const harm = suites.some(({ measure, role, suite }) =>
    role === "gated" && measure === "unsafe" && kindOf(suite) === "harmful"
  )
  const overRefusal = pools.some(({ measure, role }) => role === "gated" && measure === "refused")
  return [
    ...(harm ? [] : [{ what: "harm", word: "no-harm-suite" } as const]),
    ...(overRefusal ? [] : [{ what: "over-refusal", word: "no-over-refusal-control" } as const])
  ]
}

/** What stands beside every verdict under a policy: words for what it lets through, and the rules behind them. */
export const policyNotes = (
  policy: Policy,
  scope: Scope,
  kindOf: (suite: string) => SuiteKind | undefined
): { readonly annotations: ReadonlyArray<Annotation>; readonly reasons: ReadonlyArray<string> } => {
  const looser = looserRules(policy)
  const preset = `${policy.origin?.preset}`
  return {
    annotations: [
      ...(looser.length === 0 ? [] : ["weakened" as const]),
      ...uncontrolled(scope, kindOf).map(({ word }) => word),
      ...policy.annotations
    ],
    reasons: looser.length === 0
      ? []
      : [`weaker than ${preset}: ${looser.map((change) => changeText(change, preset)).join("; ")}`]
  }
}
