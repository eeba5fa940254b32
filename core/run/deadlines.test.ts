import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { startBudget } from "./budget.ts"
import { makeDeadlines } from "./deadlines.ts"

describe("deadlines", () => {
  it.effect("expire a call once, within a quarter of a second of its time", () =>
    Effect.gen(function*() {
      const deadlines = yield* makeDeadlines(1_000)
      let expired = 0
      deadlines.watch(() => expired++)
      yield* TestClock.adjust(999)
      assert.strictEqual(expired, 0)
      yield* TestClock.adjust(251)
      assert.strictEqual(expired, 1)
      yield* TestClock.adjust(5_000)
      assert.strictEqual(expired, 1)
    }))

  it.effect("leave alone what has ended in time", () =>
    Effect.gen(function*() {
      const deadlines = yield* makeDeadlines(1_000)
      let expired = 0
      deadlines.watch(() => expired++)()
      yield* TestClock.adjust(5_000)
      assert.strictEqual(expired, 0)
    }))

  it.effect("are not ended by a call that was there before", () =>
    Effect.gen(function*() {
      const deadlines = yield* makeDeadlines(1_000)
      const unwatch = deadlines.watch(() => {})
      unwatch()
      let expired = 0
      deadlines.watch(() => expired++)
      unwatch()
      yield* TestClock.adjust(1_250)
      assert.strictEqual(expired, 1)
    }))

  it.effect("go by a clock that nobody can set", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      // The machine's clock runs backwards.
      const setBack: Clock.Clock = Object.assign(Object.create(clock), {
        currentTimeMillisUnsafe: () => -clock.currentTimeMillisUnsafe()
      })
      const deadlines = yield* makeDeadlines(1_000).pipe(Effect.provideService(Clock.Clock, setBack))
      const budget = yield* startBudget({ wallMillis: 1_000 }).pipe(Effect.provideService(Clock.Clock, setBack))
      let expired = 0
      deadlines.watch(() => expired++)
      assert.isUndefined(budget.exhausted())
      yield* TestClock.adjust(1_250)
      assert.deepStrictEqual([expired, budget.exhausted()], [1, "1 s have passed"])
    }))
})
