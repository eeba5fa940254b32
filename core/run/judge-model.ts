import * as Effect from "effect/Effect"
import { digestOf } from "../domain/digest.ts"
import { UsageProblem } from "../domain/problem.ts"
import { type GenerateRequest, type Generation, type Target, TargetError, type Unit } from "../plugin/contract.ts"
import { ask } from "./ask.ts"
import { type Asker, makeAsker } from "./asker.ts"
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
  /** Called when a judge is not asked or not answered for a cause that is not this unit's: it has no score then. */
  readonly unjudged?: (cause: Unjudged) => void
}

/** Why no judge is asked: the budget is spent, or the judge is gone. */
export interface Unjudged {
  readonly kind: "budget" | "lost"
  readonly why: string
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
  /** Whether a judge that is gone is asked again with the next question, as a server does that outlives its judges. @default false */
  readonly enduring?: boolean
}) {
  const { budget, enduring = false, lanes, roles } = input
  const run = Effect.runPromiseWith(yield* Effect.context<never>())
  const judgeOf = (role: string): Judge => {
    const judge = roles.get(role)
    if (judge === undefined) throw unset(role)
    return judge
  }
  const askers = new Map<string, Asker>()
  const askerOf = (role: string, target: Target): Asker => {
    const { askers: here } = lanes.of(target)
    const known = askers.get(role)
    if (known !== undefined && (!enduring || known.lost() === undefined)) return known
    if (known !== undefined) here.delete(known)
    const asker = makeAsker(lanes.of(target), {
      sending: budget.sent,
      mayAsk: () => budget.exhausted() === undefined
    })
    askers.set(role, asker)
    return asker
  }
  const metered = ({ attempt, journal, signal: unitSignal, unit, unjudged }: JudgedUnit) => (role: string): Target => {
    const { price, target } = judgeOf(role)
    const lane = lanes.of(target)
    const asker = askerOf(role, target)
    /** Tells that a question is not asked, and gives the error that its scorer is told. */
    const refused = (): TargetError => {
      const loss = asker.lost()
      const why = loss === undefined ? budget.exhausted() ?? "the time is up" : `judge ${role}: ${loss.why}`
      unjudged?.({ kind: loss === undefined ? "budget" : "lost", why })
      return new TargetError(loss?.reason ?? "quota", `not asked: ${why}`, { retryable: false })
    }
    const question = Effect.fnUntraced(function*(request: GenerateRequest): Effect.fn.Return<Generation, TargetError> {
      const place = asker.mayRetry() && (yield* lane.limiter.acquire({ retry: true, by: asker }))
      if (!place || !asker.mayRetry()) {
        if (place) lane.limiter.release("other")
        return yield* Effect.fail(refused())
      }
      const result = yield* Effect.result(ask(lane, target, request, asker))
      if (result._tag === "Failure") {
        asker.failed(result.failure)
        const { abandoned, error } = result.failure
        return yield* Effect.fail(abandoned || asker.lost() !== undefined ? refused() : error)
      }
      const { generation } = result.success
      budget.spend(generation, price, request)
      journal.append({ type: "judge", unit, attempt, role, request: requestDigest(request), generation })
      return generation
    })
    const generate: Target["generate"] = (request, signal) =>
      run(question(request), { signal: AbortSignal.any([signal, unitSignal]) })
    return { ...target, generate }
  }
  return { model: (role) => judgeOf(role).target, during: metered } satisfies Judges as Judges
})
