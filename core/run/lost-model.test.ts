import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Score } from "../domain/score.ts"
import { TargetError } from "../plugin/contract.ts"
import type { ScorerCall } from "../plugin/scoring.ts"
import type { Judge } from "./judge-model.ts"
import { decoding, samples } from "./plan.fixture.ts"
import { armOf, byNumber, recordsIn, run, statuses, unitRecords } from "./running.fixture.ts"
import { answer, type Reply, scripted } from "./target.fixture.ts"

const good = answer("words")

/** A server that takes so many requests in each window of time, and tells the others exactly when it opens again. */
const honest = Effect.fnUntraced(function*(allowed: number, windowMillis: number) {
  const clock = yield* Clock.Clock
  const refusals: Array<{ readonly at: number; readonly until: number }> = []
  let opened = -Infinity
  let taken = 0
  const target = yield* scripted(() => {
    const at = clock.currentTimeMillisUnsafe()
    if (at >= opened + windowMillis) {
      opened = at
      taken = 0
    }
    if (++taken <= allowed) return good
    const until = opened + windowMillis
    refusals.push({ at, until })
    return new TargetError("rate", "slower", { retryAfterMs: until - at })
  })
  return { target, refusals }
})

describe("an endpoint that names a time to wait", () => {
  it.effect.each([8, 64])(
    "is not asked before it, and loses no unit, with %i requests in flight",
    (concurrency) =>
      Effect.gen(function*() {
        const { refusals, target } = yield* honest(10, 2_000)
        const arm = armOf({ samples: samples(200), target })
        const summary = yield* run([arm], { concurrency, retries: 6 }, 100)
        assert.isUndefined(summary.stopped)
        assert.deepStrictEqual(statuses(summary), { scored: 200 })
        assert.isAbove(refusals.length, 0)
        for (const { at } of target.asked) {
          const early = refusals.find((refusal) => refusal.at < at && at < refusal.until)
          assert.isUndefined(early, `a request came at ${at} ms, though ${early?.until} ms was named`)
        }
        // A refusal for each place of the window, of which few are left after the first.
        assert.isBelow(refusals.length, concurrency + 200)
      })
  )

  it.effect.each([{ retryAfterMs: 1_000 }, {}])(
    "does not cost a unit while slow answers are on their way: %o",
    (options) =>
      Effect.gen(function*() {
        const later = Effect.runPromiseWith(yield* Effect.context<never>())
        let inFlight = 0
        const target = yield* byNumber(async () => {
          if (inFlight === 2) return new TargetError("rate", "no place", options)
          inFlight++
          await later(Effect.sleep("9 seconds"))
          inFlight--
          return good
        })
        const summary = yield* run([armOf({ samples: samples(24), target })], { concurrency: 64, retries: 2 }, 250)
        assert.isUndefined(summary.stopped)
        assert.deepStrictEqual(statuses(summary), { scored: 24 })
      })
  )

  it.effect("longer than is waited for ends the run at once, for both arms, and says how long", () =>
    Effect.gen(function*() {
      const replies = { endpoint: "one" }
      const base = yield* byNumber(() => good, replies)
      const tuned = yield* byNumber(
        (_, tries) => tries < 5 ? good : new TargetError("rate", "slower", { retryAfterMs: 61_000 }),
        replies
      )
      const arms = [
        armOf({ name: "base", samples: samples(100), target: base }),
        armOf({ name: "tuned", samples: samples(100), target: tuned })
      ]
      const summary = yield* run(arms, { concurrency: 2, retries: 6 })
      assert.strictEqual(summary.stopped?.kind, "endpoint")
      assert.include(summary.stopped?.why, "the server asks to wait 61 s")
      assert.include(summary.stopped?.why, "Run the same command again in 61 s.")
      assert.isAtMost(base.asked.length + tuned.asked.length, 12)
      assert.deepStrictEqual(statuses(summary, 1), { scored: 4, pending: 96 })
      assert.deepStrictEqual(recordsIn(arms[1]!, "error"), [])
    }))

  it.effect("again and again, and answers nothing, is given up with its units open", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => new TargetError("rate", "slower", { retryAfterMs: 30_000 }))
      const arm = armOf({ samples: samples(100), target })
      const summary = yield* run([arm], { concurrency: 8, retries: 6 })
      assert.include(summary.stopped?.why, "asked to wait 7 times and answered nothing in between")
      assert.deepStrictEqual([statuses(summary), unitRecords(arm)], [{ pending: 100 }, []])
    }))

  it.effect("does not keep a run longer than it may last", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const target = yield* byNumber((_, tries) =>
        tries === 3 ? new TargetError("rate", "slower", { retryAfterMs: 20_000 }) : good
      )
      const arm = armOf({ samples: samples(100), target })
      const summary = yield* run([arm], { concurrency: 2, retries: 6, limits: { wallMillis: 2_000 } }, 100)
      assert.deepStrictEqual(summary.stopped, { kind: "budget", why: "2 s have passed" })
      assert.isAtMost(clock.currentTimeMillisUnsafe(), 2_200)
      assert.strictEqual(statuses(summary)["errored"], undefined)
    }))
})

describe("a model that is gone", () => {
  it.effect("ends for its arm alone, while the other arm of the server goes on", () =>
    Effect.gen(function*() {
      const base = armOf({
        name: "base",
        samples: samples(200),
        target: yield* byNumber(() => good, { endpoint: "one" })
      })
      const tuned = armOf({
        name: "tuned",
        samples: samples(200),
        target: yield* byNumber(() => new TargetError("transport", "refused"), { endpoint: "one" })
      })
      const summary = yield* run([base, tuned])
      assert.deepStrictEqual(statuses(summary, 0), { scored: 200 })
      const { errored = 0, pending = 0 } = statuses(summary, 1)
      assert.isTrue(errored >= 16 && errored < 32 && errored + pending === 200, `${errored} errored`)
      assert.include(summary.stopped?.why, "tuned: 16 units in a row failed, last with transport")
    }))
})

describe("a judge that is gone", () => {
  const question = { input: { messages: [{ role: "user", content: "is this safe?" }] }, decoding, seed: 1 } as const
  const asking = async (_: unknown, call: ScorerCall | undefined): Promise<Score> => {
    await call!.model!("judge").generate(question, call!.signal!)
    return { status: "scored", measures: { unsafe: 0 } }
  }
  const judged = Effect.fnUntraced(function*(reply: (tries: number) => Reply, score = asking, retries = 0) {
    const judge = yield* scripted((_, tries) => reply(tries))
    const target = yield* byNumber(() => good)
    const arm = armOf({ samples: samples(200), target, asksJudges: true, score })
    const roles = new Map<string, Judge>([["judge", { target: { ...judge, endpoint: "judge" }, price: undefined }]])
    return { arm, judge, summary: yield* run([arm], { roles, retries, concurrency: 2 }), target }
  })

  it.effect("at once, as by a revoked key, stops what needs it and leaves units open", () =>
    Effect.gen(function*() {
      const { arm, judge, summary, target } = yield* judged((tries) =>
        tries <= 5 ? good : new TargetError("auth", "no")
      )
      assert.deepStrictEqual(summary.stopped, { kind: "endpoint", why: "judge judge: auth: no" })
      assert.deepStrictEqual(statuses(summary), { scored: 5, pending: 195 })
      assert.deepStrictEqual(recordsIn(arm, "error"), [])
      assert.isAtMost(judge.asked.length, 8)
      assert.isAtMost(target.asked.length, 90)
    }))

  it.effect("after sixteen questions in a row stops what needs it", () =>
    Effect.gen(function*() {
      const { summary } = yield* judged(() => new TargetError("transport", "refused"))
      const { errored = 0, pending = 0, ...others } = statuses(summary)
      assert.deepStrictEqual([errored, pending, others], [15, 185, {}])
      assert.include(summary.stopped?.why, "judge judge: 16 units in a row failed, last with transport")
    }))

  it.effect("gives no score, whatever a scorer makes of its silence", () =>
    Effect.gen(function*() {
      const lenient: typeof asking = (input, call) =>
        asking(input, call).catch((): Score => ({ status: "scored", measures: { unsafe: 0 } }))
      const { arm, summary } = yield* judged(() => new TargetError("auth", "no"), lenient)
      assert.deepStrictEqual([statuses(summary), recordsIn(arm, "score")], [{ pending: 200 }, []])
    }))
})

describe("a budget", () => {
  it.effect("of requests holds for judges too: an answer that is not judged is left out with its answer kept", () =>
    Effect.gen(function*() {
      const question = { input: { messages: [{ role: "user", content: "is this safe?" }] }, decoding, seed: 1 } as const
      const judge = yield* scripted(() => good)
      const target = yield* byNumber(() => good)
      const score = async (_: unknown, call: ScorerCall | undefined): Promise<Score> => {
        await call!.model!("judge").generate(question, call!.signal!)
        return { status: "scored", measures: { unsafe: 0 } }
      }
      const arm = armOf({ samples: samples(200), target, asksJudges: true, score })
      const roles = new Map([["judge", { target: judge, price: undefined }]])
      const summary = yield* run([arm], { roles, limits: { requests: 50 }, concurrency: 8 })
      assert.strictEqual(judge.asked.length + target.asked.length, 50)
      assert.deepStrictEqual(summary.stopped, { kind: "budget", why: "50 requests are spent" })
      const { errored, scored = 0, skipped = 0 } = statuses(summary)
      assert.deepStrictEqual([errored, scored, scored + skipped], [undefined, judge.asked.length, 200])
    }))

  it.effect("of tokens holds for a server that does not say what it used", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => good)
      const arm = armOf({ samples: samples(200), target })
      const summary = yield* run([arm], { limits: { tokens: 10 }, concurrency: 4 })
      assert.isAtMost(target.asked.length, 8)
      assert.include(summary.stopped?.why, "10 tokens are spent")
      assert.include(summary.stopped?.why, "came without usage")
    }))
})
