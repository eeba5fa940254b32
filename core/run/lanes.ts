import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Target } from "../plugin/contract.ts"
import type { Lane, RetryPolicy } from "./ask.ts"
import type { Budget } from "./budget.ts"
import { makeDeadlines } from "./deadlines.ts"
import { type LimiterFigures, makeLimiter } from "./limiter.ts"
import { monotonicMillis } from "./monotonic.ts"

/** The limiters of one command: one for each endpoint, shared by targets and judges. */
export interface Lanes {
  readonly of: (target: Target) => Lane
  readonly figures: () => ReadonlyArray<
    { readonly endpoint: string; readonly inFlight: number } & LimiterFigures
  >
}

/** What targets have to share to share a limiter. */
export const endpointOf = (target: Pick<Target, "endpoint" | "identity">): string =>
  target.endpoint ?? target.identity.full

export interface LaneOptions {
  /** Requests in flight at most, for each endpoint that does not say itself what makes sense. */
  readonly concurrency: number
  readonly deadlineMillis: number
  readonly retry: RetryPolicy
  /** No wait for a next try or a place outlasts its time. */
  readonly budget: Pick<Budget, "left">
}

/** Places of a remote endpoint at the start, before it has shown that it can take more. */
const remoteStart = 8

/** Scoped: deadlines are watched, and endpoints that asked for a pause asked again, while the scope lives. */
export const makeLanes = Effect.fnUntraced(function*(options: LaneOptions) {
  const { budget, concurrency, deadlineMillis, retry } = options
  const now = monotonicMillis(yield* Clock.Clock)
  const scope = yield* Effect.scope
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const after = (millis: number, then: () => void) =>
    void fork(Effect.sync(then).pipe(Effect.delay(millis), Effect.forkIn(scope)))
  const deadlines = yield* makeDeadlines(deadlineMillis)
  const lanes = new Map<string, Lane>()
  const wakeAtTheEnd = Effect.gen(function*() {
    while (budget.left() > 0) yield* Effect.sleep(Math.ceil(budget.left()))
    for (const { askers } of lanes.values()) for (const { wake } of askers) wake()
  })
  if (budget.left() < Infinity) yield* Effect.forkScoped(wakeAtTheEnd)
  return {
    of: (target) => {
      const key = endpointOf(target)
      const known = lanes.get(key)
      if (known !== undefined) return known
      const limit = Math.min(concurrency, target.capabilities.window ?? concurrency)
      const limiter = makeLimiter(target.remote === true ? { limit, start: remoteStart } : { limit }, { now, after })
      const lane: Lane = { limiter, deadlines, deadlineMillis, retry, now, askers: new Set() }
      lanes.set(key, lane)
      return lane
    },
    figures: () =>
      Array.from(lanes, ([endpoint, { limiter }]) => ({
        endpoint,
        inFlight: limiter.inFlight(),
        ...limiter.figures()
      }))
  } satisfies Lanes as Lanes
})
