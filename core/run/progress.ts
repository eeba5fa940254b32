import type { Budget } from "./budget.ts"
import { endpointOf, type Lanes } from "./lanes.ts"
import type { LimiterFigures } from "./limiter.ts"
import type { RunningArm } from "./running-arm.ts"
import type { SuiteTally } from "./tally.ts"

/** Units that failed for one reason. */
export interface Failures {
  readonly reason: string
  readonly count: number
  /** Of the first of them; untrusted text. */
  readonly message: string
}

/** Answers that were there before a session began. */
export interface EarlierAnswers {
  readonly answers: number
  /** All answers of the arm. @default there are no others */
  readonly of?: number
  /** Those among them that the response cache gave in this session. @default none */
  readonly cached?: number
  /** When the first and the last of them came, in Unix milliseconds. */
  readonly from: number
  readonly to: number
}

/** One target's part of a run, at one moment. */
export interface ArmProgress {
  readonly arm: string
  readonly run: string
  readonly planned: number
  readonly ended: number
  /** Units that were put to the model in this session, or answered from the cache. */
  readonly asked: number
  /** What failed in this session, in the order in which the reasons first came up. */
  readonly failures: ReadonlyArray<Failures>
  /** What the arm rests on where nothing was asked at all, or where nobody knows that the same model was asked. */
  readonly earlier?: EarlierAnswers
  readonly suites: ReadonlyArray<SuiteTally>
}

/** How an endpoint was used, and the arms whose model it serves; none: a judge's. */
export interface EndpointProgress extends LimiterFigures {
  readonly endpoint: string
  readonly arms: ReadonlyArray<string>
  readonly inFlight: number
}

/** Where a run stands. */
export interface RunProgress {
  readonly elapsedMillis: number
  readonly arms: ReadonlyArray<ArmProgress>
  readonly endpoints: ReadonlyArray<EndpointProgress>
  readonly spent: { readonly requests: number; readonly tokens: number; readonly usd: number }
  readonly cached: number
}

/** Where these arms stand now. */
export const progressOf = (
  running: ReadonlyArray<RunningArm>,
  { budget, cached, elapsedMillis, lanes }: {
    readonly lanes: Lanes
    readonly budget: Budget
    readonly cached: number
    readonly elapsedMillis: number
  }
): RunProgress => ({
  elapsedMillis,
  arms: running.map(({ arm, asked, failures, numbers, tally }) => ({
    arm: arm.name,
    run: arm.plan.run,
    planned: numbers.count,
    ended: tally.ended(),
    asked: asked(),
    failures: failures(),
    suites: tally.suites()
  })),
  endpoints: lanes.figures().map((figures) => ({
    ...figures,
    arms: running.filter(({ arm }) => arm.asks && endpointOf(arm.target) === figures.endpoint).map(({ arm }) =>
      arm.name
    )
  })),
  spent: budget.spent(),
  cached
})
