import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Judgeable, type Outcome, outcomeOfGeneration, outcomeOfScore } from "../domain/outcome.ts"
import { isProblem } from "../domain/problem.ts"
import type { Generation, Unit } from "../plugin/contract.ts"
import type { Budget } from "./budget.ts"
import type { Judges, Unjudged } from "./judge-model.ts"
import type { Place } from "./order.ts"
import type { RunningArm } from "./running-arm.ts"
import { scoreInput } from "./score-input.ts"

/** A unit that is open, and the attempt at it. */
export interface Open {
  readonly member: RunningArm
  readonly place: Place
  readonly unit: Unit
  readonly attempt: number
}

interface Failure {
  readonly stage: "generation" | "scoring"
  readonly reason: string
  readonly message: string
  readonly tries: number
}

/** What can become of an open unit, each way written to its arm's journal. */
export interface UnitWork {
  /** Judges an answer where there is something to judge. */
  readonly finish: (open: Open, generation: Generation) => Effect.Effect<void>
  readonly fail: (open: Open, failure: Failure) => void
  /** Leaves the unit out when the budget is spent; whether it is. */
  readonly skipWhenSpent: (open: Open) => boolean
  readonly leaveOut: (open: Open, reason: string) => void
}

/** `onLostJudge`: called when a unit stays open because a judge that it needs is gone. */
export const makeUnitWork = Effect.fnUntraced(function*(options: {
  readonly judges: Judges
  readonly budget: Budget
  readonly onLostJudge: (open: Open, why: string) => void
}) {
  const clock = yield* Clock.Clock
  const { budget, judges, onLostJudge } = options

  const fail = ({ attempt, member: { arm, ended, failed }, place, unit }: Open, failure: Failure) => {
    const { message, reason, stage } = failure
    failed(failure)
    const at = clock.currentTimeMillisUnsafe()
    arm.journal.append({ type: "error", unit, attempt, ...failure, message: message.slice(0, 500), at })
    ended(place, { status: "errored", stage, reason })
  }

  const skipWhenSpent = ({ attempt, member: { arm, ended }, place, unit }: Open): boolean => {
    const exhausted = budget.exhausted()
    if (exhausted === undefined) return false
    arm.journal.append({ type: "skip", unit, attempt, status: "skipped", reason: `budget: ${exhausted}` })
    ended(place, { status: "skipped", reason: "budget" })
    return true
  }

  const leaveOut = ({ attempt, member: { arm, ended, numbers }, place, unit }: Open, reason: string) => {
    const before = arm.states.get(numbers.of(place))?.outcome
    if (before?.status !== "not-needed" || before.reason !== reason) {
      arm.journal.append({ type: "skip", unit, attempt, status: "not-needed", reason })
    }
    ended(place, { status: "not-needed", reason })
  }

  const score = Effect.fnUntraced(function*(open: Open, generation: Judgeable) {
    const { attempt, member, place, unit } = open
    const { arm } = member
    const { asksJudges, samples, scorer } = arm.suites[place.suite]!
    const input = scoreInput(unit, samples[place.sample]!, generation)
    let unjudged: Unjudged | undefined
    const judged = (signal: AbortSignal) => ({
      signal,
      model: judges.during({
        unit,
        attempt,
        journal: arm.journal,
        signal,
        unjudged: (cause) => {
          unjudged ??= cause
        }
      })
    })
    const result = yield* Effect.tryPromise({
      try: asksJudges ? (signal) => scorer.score(input, judged(signal)) : () => scorer.score(input),
      catch: (cause) => cause
    }).pipe(Effect.result)
    // Whatever a scorer made of a judge that was not asked; the answer is kept for a run that may go on.
    const cause = unjudged as Unjudged | undefined
    if (cause !== undefined) {
      if (cause.kind === "lost" || !skipWhenSpent(open)) onLostJudge(open, cause.why)
      return
    }
    if (result._tag === "Success") {
      arm.journal.append({ type: "score", unit, attempt, score: result.success })
      return member.ended(place, outcomeOfScore(result.success, generation))
    }
    const thrown = result.failure
    const reason = isProblem(thrown) ? thrown.reason : thrown instanceof Error && "reason" in thrown
      ? String(thrown.reason)
      : "plugin"
    fail(open, {
      stage: "scoring",
      reason,
      message: thrown instanceof Error ? thrown.message : String(thrown),
      tries: 1
    })
  })

  return {
    finish: (open, generation) => {
      const { member, place } = open
      const { reasoning } = member.arm.plan.suites[place.suite]!
      const outcome: Outcome | undefined = outcomeOfGeneration(generation, reasoning)
      if (outcome === undefined) return score(open, generation as Judgeable)
      member.ended(place, outcome)
      return Effect.void
    },
    fail,
    skipWhenSpent,
    leaveOut
  } satisfies UnitWork as UnitWork
})
