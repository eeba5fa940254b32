import * as Effect from "effect/Effect"
import type { Decoding, Plan } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import type { LedgerInput } from "../gate/ledger.ts"
import type { Target } from "../plugin/contract.ts"
import type { Steering } from "../run/steering.ts"
import type { PreparedEvaluation } from "./evaluate.ts"

/** Why the answers of one model can't be scored by both, or undefined when they can. */
export const scoringObstacle = (base: Target, tuned: Target): string | undefined => {
  for (const [name, { capabilities, logprobs }] of [["base", base], ["tuned", tuned]] as const) {
    if (capabilities.scoresGivenTokens === "none" || logprobs === undefined) {
      return `the engine of the ${name} model can't score given tokens`
    }
  }
  const [mine, theirs] = [base.identity.parts, tuned.identity.parts]
  if (mine["tokenizer"] === undefined || mine["tokenizer"] !== theirs["tokenizer"]) {
    return "the two models are not known to share a tokenizer"
  }
  if (mine["ends"] !== theirs["ends"]) return "the two models end their answers with other tokens"
  return undefined
}

/** Why answers drawn this way have no log-probability that the engine could tell, or undefined when they have. */
const decodingObstacle = (
  { temperature, topK, topP }: Decoding,
  { base, tuned }: { readonly base: Target; readonly tuned: Target }
): string | undefined => {
  if (temperature === 0) return "answers are greedy: each model gives one answer alone, so there is no distribution"
  if (topP !== 1 || topK !== 0) return "answers are drawn from a cut distribution (topP or topK)"
  return temperature === 1 || (base.distributions !== undefined && tuned.distributions !== undefined)
    ? undefined
    : `answers are drawn at temperature ${temperature}, and the engine scores at temperature 1`
}

/** Suites whose answers are scored, and those that can't be. */
export interface LedgerChoice {
  readonly suites: ReadonlyArray<string>
  readonly left: LedgerInput["left"]
}

/** Divides the wanted suites of a plan by whether their answers can be scored. */
const chooseLedger = (
  plan: Plan,
  wanted: ReadonlyArray<string>,
  models: { readonly base: Target; readonly tuned: Target }
): LedgerChoice => {
  const judged = plan.suites.filter(({ id }) => wanted.includes(id)).map(({ decoding, id }) => ({
    suite: id,
    reason: decodingObstacle(decoding, models)
  }))
  return {
    suites: judged.filter(({ reason }) => reason === undefined).map(({ suite }) => suite),
    left: judged.flatMap(({ reason, suite }) => (reason === undefined ? [] : [{ suite, reason }]))
  }
}

/** The suites of a gate's ledger; fails with `UsageProblem` when one was asked for that can't be had. */
export const ledgerFor = Effect.fnUntraced(function*(
  { selected, targets: [base, tuned] }: PreparedEvaluation,
  plan: Plan,
  asked: ReadonlyArray<string> | "none" | undefined
) {
  if (asked === "none" || base === undefined || tuned === undefined) return undefined
  const known = plan.suites.map(({ id, selection }) => ({ id, names: [id, selection] }))
  const named = asked ?? selected.profile?.ledger
  const where = asked === undefined ? `profile ${selected.profile?.id}, ledger` : "--ledger"
  const wanted = yield* Effect.forEach(
    named ?? plan.suites.filter(({ kind, role }) => kind === "harmful" && role === "gated").map(({ id }) => id),
    (name) => {
      const found = known.find(({ names }) => names.includes(name))
      return found === undefined
        ? Effect.fail(
          new UsageProblem({
            reason: asked === undefined ? "config" : "flag",
            where: `${where} ${name}`,
            what: "this suite is not asked here",
            fix: `Suites here: ${known.map(({ id }) => id).join(", ")}.`
          })
        )
        : Effect.succeed(found.id)
    }
  )
  const obstacle = scoringObstacle(base.target, tuned.target)
  const models = { base: base.target, tuned: tuned.target }
  const choice: LedgerChoice | undefined = obstacle === undefined ? chooseLedger(plan, wanted, models) : undefined
  const why = obstacle ?? choice?.left[0]?.reason
  if (asked !== undefined && why !== undefined) {
    return yield* new UsageProblem({
      reason: "flag",
      where: `--ledger ${asked.join(" --ledger ")}`,
      what: `the drift of the policy can't be measured here: ${why}`,
      fix: "Leave --ledger out, or serve both models with an engine that scores given tokens. Nothing was asked."
    })
  }
  return choice
})

/** What stands in a ledger is asked to its end: answers that were left out for what others said are no fair sample. */
export const sparing = (steering: Steering, plan: Plan, suites: ReadonlyArray<string>): Steering => {
  const whole = new Set(plan.suites.flatMap(({ id }, index) => (suites.includes(id) ? [index] : [])))
  return {
    ...steering,
    need: (place) => {
      const need = steering.need(place)
      return typeof need === "object" && whole.has(place.suite) ? "ask" : need
    }
  }
}
