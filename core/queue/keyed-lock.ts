import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

/** Lets work of one key be done one at a time; keys that nobody uses take no memory. */
export const makeKeyedLock = () => {
  const locks = new Map<string, { readonly semaphore: Semaphore.Semaphore; users: number }>()
  return <A, E, R>(key: string, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const lock = locks.get(key) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0 }
      locks.set(key, lock)
      lock.users++
      return lock.semaphore.withPermits(1)(work).pipe(Effect.ensuring(Effect.sync(() => {
        if (--lock.users === 0) locks.delete(key)
      })))
    })
}
