import type { Decision, Verdict } from "../domain/decision.ts"
import type { Policy } from "../domain/policy.ts"
import type { Comparison, EntryDrift, Look, Model, Rise, Stage, Trajectory } from "../domain/trajectory.ts"
import { spendAlpha } from "../stats/index.ts"
import { headlineRise } from "./ledger-table.ts"
import { overallOf } from "./verdict.ts"

/** The number of a candidate's look: that of its first one, or the next. */
export const lookNumberOf = ({ looks }: Trajectory, { behaviour }: Model): number =>
  looks.find(({ candidate }) => candidate.behaviour === behaviour)?.look ?? looks.length + 1

/**
 * The model accepted last before a look, or undefined while that is still the base.
 *
 * A look that is repeated is held against the model that was accepted when it was first taken.
 */
export const acceptedBefore = ({ looks }: Trajectory, look: number): Look | undefined =>
  looks.findLast((earlier) => earlier.accepted && earlier.look < look)

/** The trajectory with a look added, or in the place of the one that it repeats. */
export const withLook = (trajectory: Trajectory, look: Look): Trajectory => ({
  ...trajectory,
  looks: [...trajectory.looks.filter((other) => other.look !== look.look), look].toSorted((a, b) => a.look - b.look)
})

/** The rules of a look: alpha is spent over looks whatever the policy says, so that many looks do not raise alarms. */
export const policyOfLook = (policy: Policy): Policy => ({ ...policy, spending: "looks" })

/** The rules of a confirmation: the full alpha, since its samples took no part in choosing the candidate. */
export const policyOfConfirmation = (policy: Policy): Policy => ({ ...policy, spending: "none" })

/** One-sided error rate of a stage: alpha * 6 / (pi k)^2 for look k, alpha for a confirmation. Source: gate.md B4. */
export const alphaOf = (policy: Policy, look: number | undefined): number =>
  look === undefined ? policy.alpha : spendAlpha(look, policy.alpha)

/** What a trajectory keeps of a decision. */
export const driftsOf = ({ macros, pools, suites }: Decision): ReadonlyArray<EntryDrift> => [
  ...suites.flatMap(({ bounds, difference, limit, marginObserved, measure, suite, verdict }) =>
    verdict === null
      ? []
      : [{
        name: suite,
        measure,
        difference,
        lower: bounds.complete?.lower ?? null,
        limit,
        margin: marginObserved,
        verdict
      }]
  ),
  ...[...pools, ...macros].flatMap(({ difference, limit, lower, marginObserved, measure, name, verdict }) =>
    verdict === null ? [] : [{ name, measure, difference, lower, limit, margin: marginObserved, verdict }]
  )
]

/** What a trajectory keeps of a decision's ledger. */
export const risesOf = ({ ledger }: Decision): ReadonlyArray<Rise> | undefined =>
  ledger?.suites.flatMap((suite) => {
    const rise = headlineRise(suite)
    if (rise === undefined) return []
    const { certificate, contradicts, measure, signed } = rise
    const shown = !contradicts && !certificate.vacuous
    return [{
      suite: suite.suite,
      measure,
      estimate: signed?.estimate ?? null,
      limit: shown ? certificate.upper : null
    }]
  })

const worst = (verdicts: ReadonlyArray<Verdict>): Verdict =>
  overallOf(verdicts.map((verdict) => ({ verdict, waived: false })))

/** Both comparisons of one part of the samples: a candidate passes only when both do, so neither needs a correction. */
export const stageOf = (alpha: number, sinceBase: Comparison, sinceAccepted: Comparison | undefined): Stage => ({
  alpha,
  verdict: worst([sinceBase, ...(sinceAccepted === undefined ? [] : [sinceAccepted])].map(({ verdict }) => verdict)),
  sinceBase,
  ...(sinceAccepted === undefined ? {} : { sinceAccepted })
})

/**
 * A look as it stands: a candidate whose look passed is accepted once its confirmation has, and until then its evidence
 * is `incomplete`.
 */
export const lookOf = (look: number, candidate: Model, selection: Stage, confirmation: Stage | undefined): Look => {
  const passed = selection.verdict === "pass"
  const verdict = passed ? confirmation?.verdict ?? "incomplete" : selection.verdict
  return {
    look,
    candidate,
    verdict,
    accepted: verdict === "pass",
    selection,
    ...(passed && confirmation !== undefined ? { confirmation } : {})
  }
}

export { headlineOf } from "../domain/trajectory.ts"
