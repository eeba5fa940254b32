import * as Effect from "effect/Effect"
import { digestOf } from "../domain/digest.ts"
import { UsageProblem } from "../domain/problem.ts"
import type { GenerateRequest, Generation, Target, Unit } from "../plugin/contract.ts"
import { ask, type Asking } from "./ask.ts"
import type { Budget, Price } from "./budget.ts"
import type { JournalWriter } from "./journal-writer.ts"
import type { Lanes } from "./lanes.ts"

/** A model in a role that a scorer names. */
export interface Judge {
  readonly target: Target
  readonly price: Price | undefined
}

/** For which attempt at which unit a judge is asked, and where that is written down. */
export interface JudgedUnit {
  readonly unit: Unit
  readonly attempt: number
  readonly journal: JournalWriter
  /** Aborted when the unit is given up. */
  readonly signal: AbortSignal
}

/** The judges of one command. */
export interface Judges {
  /** Plain models, for checks before the run. */
  readonly model: (role: string) => Target
  /** Models whose questions are paced, retried, paid from the budget and journaled beside the unit. */
  readonly during: (judged: JudgedUnit) => (role: string) => Target
}

/** sha256 of what a judge is asked: the rendered input with its decoding and seed. Journaled with every call. */
export const requestDigest = ({ decoding, input, seed }: GenerateRequest): string => digestOf({ input, decoding, seed })

const unset = (role: string) =>
  new UsageProblem({
    reason: "role",
    where: `roles.${role}`,
    what: "no model is set for this role",
    fix: `Set it in driftgate.yaml under roles, or with --role ${role}=TARGET.`
  })

export const makeJudges = Effect.fnUntraced(function*(input: {
  readonly roles: ReadonlyMap<string, Judge>
  readonly lanes: Lanes
  readonly budget: Budget
}) {
  const { budget, lanes, roles } = input
  const run = Effect.runPromiseWith(yield* Effect.context<never>())
  const judgeOf = (role: string): Judge => {
    const judge = roles.get(role)
    if (judge === undefined) throw unset(role)
    return judge
  }
  const asking: Asking = { sending: budget.sent, mayRetry: () => true, stopped: Effect.never }
  const metered = ({ attempt, journal, signal: unitSignal, unit }: JudgedUnit) => (role: string): Target => {
    const { price, target } = judgeOf(role)
    const lane = lanes.of(target)
    const generate: Target["generate"] = (request, signal) =>
      run(
        lane.limiter.acquire({ retry: true }).pipe(
          Effect.andThen(ask(lane, target, request, asking)),
          Effect.mapError(({ error }) => error),
          Effect.map(({ generation }): Generation => {
            budget.spend(generation, price)
            journal.append({ type: "judge", unit, attempt, role, request: requestDigest(request), generation })
            return generation
          })
        ),
        { signal: AbortSignal.any([signal, unitSignal]) }
      )
    return { ...target, generate }
  }
  return { model: (role) => judgeOf(role).target, during: metered } satisfies Judges as Judges
})
