import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { TargetErrorReason } from "../plugin/contract.ts"
import type { Asking, Lane, Unasked } from "./ask.ts"
import { concernsOneUnit, endsModel, failuresThatEndAModel } from "./endpoint-loss.ts"

/** Why a model is asked nothing more. */
export interface Loss {
  readonly reason: TargetErrorReason
  readonly why: string
}

/** One model's use of an endpoint: an arm's, or a judge's. */
export interface Asker extends Asking {
  /** Why the model is asked nothing more; undefined while it answers. */
  readonly lost: () => Loss | undefined
  /**
   * Takes note of a question that no try answered, and says what becomes of it: it stays open when the model is gone or
   * the asker wanted no other try, else it failed.
   */
  readonly failed: (unasked: Unasked) => "open" | "abandoned" | "errored"
  /** Ends the waits for a next try or a place, so that `mayRetry` is asked again. */
  readonly wake: () => void
}

/** `mayAsk`: whether another question or try is wanted; `onLost`: called once, when the model is gone. */
export const makeAsker = (lane: Lane, options: {
  readonly sending: () => void
  readonly mayAsk: () => boolean
  readonly onLost?: (loss: Loss) => void
}): Asker => {
  const woken = Deferred.makeUnsafe<void>()
  let loss: Loss | undefined
  let failuresInARow = 0
  const wake = () => {
    Deferred.doneUnsafe(woken, Effect.void)
    lane.limiter.recall(asker)
  }
  const lose = (next: Loss) => {
    if (loss !== undefined) return
    loss = next
    wake()
    options.onLost?.(next)
  }
  const asker: Asker & { answers: number; pauses: number } = {
    answers: 0,
    inFlight: 0,
    pauses: 0,
    sending: options.sending,
    mayRetry: () => loss === undefined && options.mayAsk(),
    stopped: Deferred.await(woken),
    answered: () => {
      asker.answers++
      asker.pauses = 0
      failuresInARow = 0
    },
    paused: () => ++asker.pauses,
    lost: () => loss,
    lose,
    failed: ({ abandoned, error }) => {
      const { message, reason } = error
      if (endsModel(error)) lose({ reason, why: `${reason}: ${message}` })
      if (endsModel(error) || (loss !== undefined && abandoned)) return "open"
      if (abandoned) return "abandoned"
      if (error.oneQuestion === true || concernsOneUnit(reason)) return "errored"
      if (++failuresInARow >= failuresThatEndAModel) {
        lose({ reason, why: `${failuresInARow} units in a row failed, last with ${reason}: ${message}` })
      }
      return "errored"
    },
    wake
  }
  lane.askers.add(asker)
  return asker
}
