import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { Generation } from "../domain/generation.ts"
import { type GenerateRequest, isTargetError, type Target, TargetError } from "../plugin/contract.ts"
import type { Asker, Loss } from "./asker.ts"
import type { Deadlines } from "./deadlines.ts"
import type { Limiter } from "./limiter.ts"

/** How failing requests are tried again. */
export interface RetryPolicy {
  /** Tries after the first. @default 6 */
  readonly retries: number
  /** First wait; doubled each time, up to `longestMillis`, times a random factor in [0.5, 1]. @default 500 */
  readonly firstMillis: number
  /** Also the longest Retry-After that is waited for; a longer one ends the endpoint. @default 60_000 */
  readonly longestMillis: number
}

export const defaultRetryPolicy: RetryPolicy = { retries: 6, firstMillis: 500, longestMillis: 60_000 }

/** An endpoint behind a limiter. */
export interface Lane {
  readonly limiter: Limiter
  readonly deadlines: Deadlines
  readonly deadlineMillis: number
  readonly retry: RetryPolicy
  /** Milliseconds, of a clock that nobody can set. */
  readonly now: () => number
  /** Everyone who asks here. */
  readonly askers: Set<Asker>
}

/** What the asker decides and is told while a question is open. */
export interface Asking {
  /** Called before each try. */
  readonly sending: () => void
  /** Whether a question may be asked, or a failed try be followed by another. */
  readonly mayRetry: () => boolean
  /** Ends a wait for the next try early, so that `mayRetry` is asked again. */
  readonly stopped: Effect.Effect<unknown>
  /** How many answers came so far. */
  readonly answers: number
  /** How many requests are on their way. */
  inFlight: number
  /** An answer came. */
  readonly answered: () => void
  /** The endpoint asked for a pause; how often it did since the last answer. */
  readonly paused: () => number
  /** The model is asked nothing more. */
  readonly lose: (loss: Loss) => void
}

/** An answer, and what it took. */
export interface Asked {
  readonly generation: Generation
  readonly tries: number
  readonly millis: number
}

/** A question that no try answered. */
export interface Unasked {
  readonly error: TargetError
  readonly tries: number
  /** Whether another try was due and the asker did not want it, or the endpoint was given up. */
  readonly abandoned: boolean
}

const asTargetError = (cause: unknown): TargetError =>
  isTargetError(cause)
    ? cause
    : new TargetError(
      "protocol",
      `the target plugin broke: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        retryable: false,
        cause
      }
    )

const isGeneration = Schema.is(Generation)

/** What a plugin resolved with, once it is known to be what the contract promises. */
const checked = (value: unknown): Effect.Effect<Generation, TargetError> =>
  isGeneration(value)
    ? Effect.succeed(value)
    : Effect.fail(
      new TargetError("protocol", "the target plugin gave what is not a generation", { retryable: false })
    )

const once = (lane: Lane, target: Target, request: GenerateRequest): Effect.Effect<Generation, TargetError> =>
  Effect.callback((resume) => {
    const controller = new AbortController()
    const unwatch = lane.deadlines.watch(() => {
      controller.abort()
      resume(Effect.fail(new TargetError("deadline", `no answer within ${lane.deadlineMillis / 1000} s`)))
    })
    // Inside a promise, so that what a plugin throws before its first await is a rejection as well.
    new Promise((settle) => settle(target.generate(request, controller.signal))).then(
      (value) => {
        unwatch()
        resume(checked(value))
      },
      (cause) => {
        unwatch()
        resume(Effect.fail(asTargetError(cause)))
      }
    )
    return Effect.sync(() => {
      unwatch()
      controller.abort()
    })
  })

const backoff = ({ firstMillis, longestMillis }: RetryPolicy, tries: number, random: number): number =>
  Math.min(longestMillis, firstMillis * 2 ** (tries - 1)) * (0.5 + random / 2)

const tooLong = ({ reason }: TargetError, wait: number, { longestMillis }: RetryPolicy): Loss => {
  const seconds = Math.ceil(wait / 1000)
  const asks = `the server asks to wait ${seconds} s, longer than the ${longestMillis / 1000} s that are waited for`
  return { reason, why: `${reason}: ${asks}\n  Run the same command again in ${seconds} s.` }
}

const pausesOnly = ({ message, reason }: TargetError, pauses: number): Loss => ({
  reason,
  why: `${reason}: the server asked to wait ${pauses} times and answered nothing in between, last with ${message}`
})

/**
 * Asks until an answer comes, the tries are used up, or the error can't be mended by waiting.
 *
 * The first place of the limiter must be held already; it is given back after each try, so a waiting retry holds none.
 * Every try sends the identical request. A Retry-After closes the whole endpoint until then; a 429 uses up a try only
 * where the model has answered nobody since the one before, and is at work on no other question.
 */
export const ask = Effect.fnUntraced(function*(
  lane: Lane,
  target: Target,
  request: GenerateRequest,
  asker: Asking
): Effect.fn.Return<Asked, Unasked> {
  const { limiter, now, retry } = lane
  let used = 0
  let answersSeen = asker.answers
  for (let tries = 1;; tries++) {
    asker.sending()
    const began = now()
    asker.inFlight++
    let alone = false
    let ended: "clean" | "rate" | "other" = "other"
    const result = yield* once(lane, target, request).pipe(
      Effect.matchEager({
        onSuccess: (generation) => {
          ended = "clean"
          return { generation }
        },
        onFailure: (error) => {
          const { reason, retryAfterMs: wait = 0 } = error
          if (reason === "rate") ended = "rate"
          alone = asker.inFlight === 1
          // Before the place is given back, so that nobody who waits for it is let in.
          if (error.retryable && wait > retry.longestMillis) {
            for (const { lose } of lane.askers) lose(tooLong(error, wait, retry))
          } else if (error.retryable && wait > 0) {
            limiter.close(wait)
            const pauses = alone ? asker.paused() : 0
            if (pauses > retry.retries) asker.lose(pausesOnly(error, pauses))
          }
          return { error }
        }
      }),
      Effect.ensuring(Effect.sync(() => {
        asker.inFlight--
        limiter.release(ended)
      }))
    )
    if ("generation" in result) {
      asker.answered()
      return { generation: result.generation, tries, millis: Math.round(now() - began) }
    }
    const { error } = result
    const { retryAfterMs: wait = 0 } = error
    if (error.reason !== "rate" || (alone && asker.answers === answersSeen)) used++
    answersSeen = asker.answers
    if (error.retryable && (wait > retry.longestMillis || !asker.mayRetry())) {
      return yield* Effect.fail({ error, tries, abandoned: true })
    }
    if (!error.retryable || used > retry.retries) return yield* Effect.fail({ error, tries, abandoned: false })
    yield* Effect.raceFirst(
      Effect.sleep(backoff(retry, wait > 0 ? Math.max(used, 1) : tries, yield* Random.next)),
      asker.stopped
    )
    const place = asker.mayRetry() && (yield* limiter.acquire({ retry: true, by: asker }))
    if (place && asker.mayRetry()) continue
    if (place) limiter.release("other")
    return yield* Effect.fail({ error, tries, abandoned: true })
  }
})
