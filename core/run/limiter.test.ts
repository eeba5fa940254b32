import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { type Limiter, makeLimiter } from "./limiter.ts"

/** A limiter with a clock in hand. */
const limiterOf = (limit: number, start = limit) => {
  const clock = { at: 0, timers: [] as Array<{ readonly at: number; readonly call: () => void }> }
  const time = {
    now: () => clock.at,
    after: (millis: number, call: () => void) => void clock.timers.push({ at: clock.at + millis, call })
  }
  return { clock, limiter: makeLimiter({ limit, start }, time) }
}

const acquire = (limiter: Limiter, n: number, retry = false) =>
  Effect.forEach(Array.from({ length: n }), () => limiter.acquire({ retry }), { discard: true })

/** A request that has to wait, begun now; it says its name when it gets a place. */
const queue = (limiter: Limiter, served: Array<string>, name: string, retry: boolean) =>
  limiter.acquire({ retry }).pipe(
    Effect.andThen(Effect.sync(() => served.push(name))),
    Effect.forkScoped({ startImmediately: true })
  )

const windowOf = ({ figures }: Limiter) => figures().window

describe("a limiter", () => {
  it.effect("lets no more than its window in, and the next when a place is given back", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(2)
      yield* acquire(limiter, 2)
      const served: Array<string> = []
      yield* queue(limiter, served, "third", false)
      assert.deepStrictEqual(served, [])
      limiter.release("clean")
      yield* Effect.yieldNow
      assert.deepStrictEqual(served, ["third"])
      assert.strictEqual(limiter.inFlight(), 2)
    }))

  it.effect("serves retries before new work, each in its order", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(1)
      yield* acquire(limiter, 1)
      const served: Array<string> = []
      yield* queue(limiter, served, "new 1", false)
      yield* queue(limiter, served, "retry 1", true)
      yield* queue(limiter, served, "new 2", false)
      yield* queue(limiter, served, "retry 2", true)
      for (let i = 0; i < 4; i++) {
        limiter.release("other")
        yield* Effect.yieldNow
      }
      assert.deepStrictEqual(served, ["retry 1", "retry 2", "new 1", "new 2"])
    }))

  it.effect("forgets a request that stops waiting", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(1)
      yield* acquire(limiter, 1)
      const served: Array<string> = []
      const waiting = yield* queue(limiter, served, "gone", false)
      yield* queue(limiter, served, "still here", false)
      yield* Fiber.interrupt(waiting)
      limiter.release("clean")
      yield* Effect.yieldNow
      assert.deepStrictEqual(served, ["still here"])
      limiter.release("clean")
      assert.strictEqual(limiter.inFlight(), 0)
    }))

  it.effect("never has a window below one", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(1)
      for (let i = 0; i < 5; i++) {
        yield* limiter.acquire({ retry: false })
        limiter.release("rate")
      }
      assert.strictEqual(windowOf(limiter), 1)
    }))
})

describe("a limiter that is closed", () => {
  /** Lets time pass up to then, and calls whoever is due. */
  const passTo = (clock: ReturnType<typeof limiterOf>["clock"], at: number) => {
    clock.at = at
    for (const timer of clock.timers.splice(0)) {
      if (timer.at <= at) timer.call()
      else clock.timers.push(timer)
    }
  }

  it.effect("gives no place before the time, and then to retries first", () =>
    Effect.gen(function*() {
      const { clock, limiter } = limiterOf(2)
      limiter.close(10_000)
      const served: Array<string> = []
      yield* queue(limiter, served, "new", false)
      yield* queue(limiter, served, "retry 1", true)
      yield* queue(limiter, served, "retry 2", true)
      passTo(clock, 9_999)
      yield* Effect.yieldNow
      assert.deepStrictEqual([served, limiter.inFlight()], [[], 0])
      // Up to a tenth later, and at most a second.
      passTo(clock, 11_001)
      yield* Effect.yieldNow
      assert.deepStrictEqual([served, limiter.inFlight()], [["retry 1", "retry 2"], 2])
    }))

  it.effect("stays so as long as the latest of several asked for", () =>
    Effect.gen(function*() {
      const { clock, limiter } = limiterOf(2)
      for (const millis of [1_000, 30_000, 10]) limiter.close(millis)
      const served: Array<string> = []
      yield* queue(limiter, served, "new", false)
      for (const at of [1_200, 29_999]) {
        passTo(clock, at)
        yield* Effect.yieldNow
        assert.deepStrictEqual(served, [])
      }
      passTo(clock, 31_001)
      yield* Effect.yieldNow
      assert.deepStrictEqual(served, ["new"])
    }))

  it.effect("gives no place that is given back meanwhile", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(1)
      yield* acquire(limiter, 1)
      const served: Array<string> = []
      yield* queue(limiter, served, "new", false)
      limiter.close(1_000)
      limiter.release("rate")
      yield* Effect.yieldNow
      assert.deepStrictEqual([served, limiter.inFlight()], [[], 0])
    }))

  it.effect("lets go of those whose asker recalls them, without a place", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(2)
      limiter.close(1_000)
      const [one, other] = [{}, {}]
      const ask = (by: object) => Effect.forkScoped(limiter.acquire({ retry: false, by }), { startImmediately: true })
      const waiting = yield* Effect.forEach([one, other], ask)
      limiter.recall(one)
      assert.isFalse(yield* Fiber.join(waiting[0]!))
      assert.isUndefined(waiting[1]!.pollUnsafe())
      assert.strictEqual(limiter.inFlight(), 0)
    }))
})

describe("the window of a limiter", () => {
  /** Takes every free place, as a run with work left does. */
  const fill = (limiter: Limiter) => acquire(limiter, windowOf(limiter) - limiter.inFlight())

  it.effect("starts slowly: one more for each clean answer, up to the limit", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(16, 4)
      const windows: Array<number> = []
      for (let i = 0; i < 14; i++) {
        yield* fill(limiter)
        limiter.release("clean")
        windows.push(windowOf(limiter))
      }
      assert.deepStrictEqual(windows, [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16])
    }))

  it.effect("does not grow while it is not used", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(64, 8)
      for (let i = 0; i < 50; i++) {
        yield* limiter.acquire({ retry: false })
        limiter.release("clean")
      }
      assert.strictEqual(windowOf(limiter), 8)
    }))

  it.effect("neither grows nor shrinks on errors other than 429", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(64, 8)
      for (let i = 0; i < 20; i++) {
        yield* fill(limiter)
        limiter.release("other")
      }
      assert.strictEqual(windowOf(limiter), 8)
      assert.strictEqual(limiter.figures().rateLimited, 0)
    }))

  it.effect("halves once for all the 429s of requests that were in flight together", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(64)
      yield* acquire(limiter, 64)
      for (let i = 0; i < 64; i++) limiter.release("rate")
      assert.strictEqual(windowOf(limiter), 32)
      assert.strictEqual(limiter.figures().rateLimited, 64)
    }))

  it.effect("halves again for a 429 to a request that was sent afterwards", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(64)
      for (const expected of [32, 16, 8]) {
        yield* acquire(limiter, windowOf(limiter))
        while (limiter.inFlight() > 0) limiter.release("rate")
        assert.strictEqual(windowOf(limiter), expected)
      }
    }))

  it.effect("after a 429 grows by one for each window of clean answers", () =>
    Effect.gen(function*() {
      const { limiter } = limiterOf(64)
      yield* acquire(limiter, 64)
      while (limiter.inFlight() > 0) limiter.release("rate")
      yield* acquire(limiter, 32)
      for (let i = 0; i < 31; i++) {
        limiter.release("clean")
        yield* limiter.acquire({ retry: false })
      }
      assert.strictEqual(windowOf(limiter), 32)
      limiter.release("clean")
      assert.strictEqual(windowOf(limiter), 33)
    }))
})

describe("a limiter's figures", () => {
  it.effect("are means over time, with idle time in them", () =>
    Effect.gen(function*() {
      const { clock, limiter } = limiterOf(4)
      yield* acquire(limiter, 4)
      clock.at = 100
      for (let i = 0; i < 4; i++) limiter.release("clean")
      clock.at = 300
      yield* acquire(limiter, 2)
      clock.at = 400
      // 4 in flight for 100 ms, none for 200 ms, 2 for 100 ms.
      assert.deepStrictEqual(limiter.figures(), {
        meanInFlight: (4 * 100 + 2 * 100) / 400,
        peakInFlight: 4,
        limit: 4,
        window: 4,
        rateLimited: 0,
        full: 0.25
      })
    }))

  it("of a limiter that was never used are zero", () => {
    const { limiter } = limiterOf(4)
    assert.deepStrictEqual(limiter.figures(), {
      meanInFlight: 0,
      peakInFlight: 0,
      limit: 4,
      window: 4,
      rateLimited: 0,
      full: 0
    })
  })
})
