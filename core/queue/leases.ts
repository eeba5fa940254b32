import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Gate, Refused, type Run } from "./gate.ts"
import { makeKeyedLock } from "./keyed-lock.ts"
import type { GateStore } from "./store.ts"

/** Whether a run's trainer gives signs of life. */
type Life = "live" | "silent" | "ended"

const savedEveryMillis = 10_000

/**
 * Which process holds which training run, so that two trainers never write one trajectory.
 *
 * Ages are taken from a clock that nobody can set; after a restart of the service every run counts as just seen.
 */
export const makeLeases = Effect.fnUntraced(function*(store: GateStore["Service"], leaseMillis: number) {
  const began = yield* Clock.monotonicTimeNanos
  const seen = new Map<string, bigint>()
  const millisSince = (then: bigint, now: bigint): number => Number((now - then) / 1_000_000n)
  const ageOf = Effect.fnUntraced(function*(runId: string) {
    return millisSince(seen.get(runId) ?? began, yield* Clock.monotonicTimeNanos)
  })
  const lifeOf = Effect.fnUntraced(function*(run: Run) {
    const life: Life = run.ended ? "ended" : (yield* ageOf(run.runId)) < leaseMillis ? "live" : "silent"
    return life
  })
  // A run that is free is not given to two processes that ask at once.
  const exclusively = makeKeyedLock()
  const takeAlone = Effect.fnUntraced(function*(by: Pick<Gate, "runId" | "attempt" | "host">, ended: boolean) {
    const known = yield* store.findRun(by.runId)
    if (known !== undefined && (known.attempt !== by.attempt || known.host !== by.host)) {
      const age = yield* ageOf(by.runId)
      if (!known.ended && age < leaseMillis) {
        const left = Math.ceil((leaseMillis - age) / 1000)
        return yield* new Refused({
          code: "run_in_use",
          detail: `run ${by.runId} is held by attempt ${known.attempt} on ${known.host}, seen ${
            Math.floor(age / 1000)
          } s ago; give this training another run_id, or stop the other one and wait ${left} s`,
          retryAfter: left
        })
      }
    }
    const now = yield* Clock.currentTimeMillis
    const run: Run = {
      runId: by.runId,
      attempt: by.attempt,
      host: by.host,
      ended,
      createdAt: known?.createdAt ?? now,
      seenAt: now
    }
    const isNews = known === undefined || known.attempt !== by.attempt || known.host !== by.host ||
      known.ended !== ended
    // The time in the database is for people; leases go by the clock above.
    if (isNews || Math.abs(now - known.seenAt) >= savedEveryMillis) yield* store.saveRun(run)
    // Only the latest are kept: of a run that is forgotten here nothing is known but its last holder.
    seen.delete(by.runId)
    seen.set(by.runId, yield* Clock.monotonicTimeNanos)
    if (seen.size > 10_000) seen.delete(seen.keys().next().value!)
    return run
  })
  /** Fails with `run_in_use` while another live process holds the run. */
  const take = Effect.fn("Leases.take")((by: Pick<Gate, "runId" | "attempt" | "host">, ended = false) =>
    exclusively(by.runId, takeAlone(by, ended))
  )
  return { take, lifeOf, ageOf }
})

export type Leases = Effect.Success<ReturnType<typeof makeLeases>>
