import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { type GenerateRequest, type Generation, type Target, TargetError } from "../plugin/contract.ts"
import { ask, defaultRetryPolicy, type Lane } from "./ask.ts"
import { type Asker, makeAsker } from "./asker.ts"
import { makeLanes } from "./lanes.ts"
import { decoding } from "./plan.fixture.ts"
import { answer, type Reply, scripted, settle } from "./target.fixture.ts"

const request: GenerateRequest = { input: { messages: [{ role: "user", content: "hello" }] }, decoding, seed: 7 }
const good = answer("words")
const rate = (retryAfterMs?: number) =>
  new TargetError("rate", "slower", retryAfterMs === undefined ? {} : { retryAfterMs })

const laneOf = Effect.fnUntraced(function*(more: Partial<Lane> = {}, limit = 1) {
  const retry = defaultRetryPolicy
  const lanes = yield* makeLanes({ concurrency: limit, deadlineMillis: 1_000, retry, budget: { left: () => Infinity } })
  return { ...lanes.of(yield* scripted(() => "hang")), ...more } satisfies Lane as Lane
})

type Caller = Parameters<typeof makeAsker>[1]
const always: Caller = { sending: () => {}, mayAsk: () => true }

/** Asks in the background, as the runner does once it holds a place. */
const asking = Effect.fnUntraced(function*(lane: Lane, target: Target, asker: Asker = makeAsker(lane, always)) {
  yield* lane.limiter.acquire({ retry: false })
  const fiber = yield* Effect.forkScoped(Effect.result(ask(lane, target, request, asker)), { startImmediately: true })
  yield* settle
  return fiber
})

/** Lets virtual time pass in steps, so that promises keep up with it. */
const pass = (millis: number, step = 250) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(millis / step) }),
    () => Effect.andThen(TestClock.adjust(step), settle),
    {
      discard: true
    }
  )

/** How a question ended after all the time in the world. */
const outcome = Effect.fnUntraced(function*(script: (tries: number) => Reply, more: Partial<Lane> = {}) {
  const target = yield* scripted((_, tries) => script(tries))
  const fiber = yield* asking(yield* laneOf(more), target)
  yield* pass(200_000, 1_000)
  return { result: yield* Fiber.join(fiber), times: target.asked.map(({ at }) => at), target }
})

describe("asking", () => {
  it.effect("gives the answer, how many tries it took, and the time of the last one", () =>
    Effect.gen(function*() {
      const { result } = yield* outcome((tries) => tries < 3 ? rate() : good)
      assert.strictEqual(result._tag, "Success")
      if (result._tag === "Success") assert.deepStrictEqual(result.success, { generation: good, tries: 3, millis: 0 })
    }))

  it.effect("sends the identical request in every try (peers 13)", () =>
    Effect.gen(function*() {
      const { target } = yield* outcome((tries) => tries < 4 ? rate() : good)
      assert.strictEqual(target.asked.length, 4)
      for (const { request: sent } of target.asked) assert.strictEqual(sent, request)
    }))

  it.effect("waits longer before each try: half to all of 0.5, 1, 2, 4, 8 and 16 s", () =>
    Effect.gen(function*() {
      const { result, times } = yield* outcome(() => new TargetError("overload", "busy"))
      assert.strictEqual(times.length, 7)
      for (const [index, full] of [500, 1_000, 2_000, 4_000, 8_000, 16_000].entries()) {
        const waited = times[index + 1]! - times[index]!
        // Seen at the steps of the clock, 1 s apart.
        assert.isTrue(waited >= full / 2 && waited <= full + 1_000, `try ${index + 2} came after ${waited} ms`)
      }
      assert.deepStrictEqual(
        result._tag === "Failure" && { tries: result.failure.tries, abandoned: result.failure.abandoned },
        {
          tries: 7,
          abandoned: false
        }
      )
    }))

  it.effect("gives up after a bounded number of tries and says why (peers 7, 19)", () =>
    Effect.gen(function*() {
      const { result, times } = yield* outcome(() => new TargetError("transport", "refused"), {
        retry: { ...defaultRetryPolicy, retries: 2 }
      })
      assert.strictEqual(times.length, 3)
      assert.strictEqual(result._tag === "Failure" && result.failure.error.reason, "transport")
    }))

  it.effect("waits at least as long as Retry-After says", () =>
    Effect.gen(function*() {
      const { times } = yield* outcome((tries) => tries === 1 ? rate(30_000) : good)
      // And up to a second more, drawn anew, seen at the steps of the clock.
      assert.isTrue(times[1]! >= 30_000 && times[1]! <= 31_000, `the second try came after ${times[1]} ms`)
    }))

  it.effect("does not wait for a Retry-After that is longer than the longest wait", () =>
    Effect.gen(function*() {
      const { result, times } = yield* outcome(() => rate(60_001))
      assert.strictEqual(times.length, 1)
      assert.strictEqual(result._tag === "Failure" && result.failure.error.reason, "rate")
    }))

  it.effect.each(
    ["auth", "quota", "billing", "not_found", "unsupported_parameter", "context_overflow", "engine_dead"] as const
  )(
    "does not try again after %s",
    (reason) =>
      Effect.gen(function*() {
        const { result, times } = yield* outcome(() => new TargetError(reason, "no"))
        assert.strictEqual(times.length, 1)
        assert.strictEqual(result._tag === "Failure" && result.failure.error.reason, reason)
      })
  )

  it.effect("aborts a try at the deadline and asks again", () =>
    Effect.gen(function*() {
      const { result, target, times } = yield* outcome((tries) => tries === 1 ? "hang" : good)
      assert.isTrue(target.asked[0]!.signal.aborted)
      assert.isFalse(target.asked[1]!.signal.aborted)
      // The deadline of 1 s is met within a quarter of a second, the wait after it lasts 0.25 to 0.5 s.
      assert.isTrue(times[1]! >= 1_250 && times[1]! <= 3_000)
      assert.strictEqual(result._tag, "Success")
    }))

  it.effect("ends at the deadline even where the target ignores its signal", () =>
    Effect.gen(function*() {
      const { result, times } = yield* outcome(() => "hang", { retry: { ...defaultRetryPolicy, retries: 1 } })
      assert.strictEqual(times.length, 2)
      assert.strictEqual(result._tag === "Failure" && result.failure.error.reason, "deadline")
    }))

  it.effect("takes an answer that comes after the deadline for no answer", () =>
    Effect.gen(function*() {
      const late = Promise.withResolvers<Reply>()
      const target = yield* scripted((_, tries) => tries === 1 ? late.promise : answer("second"))
      const fiber = yield* asking(yield* laneOf(), target)
      yield* pass(1_250)
      late.resolve(answer("first"))
      yield* pass(1_000)
      const result = yield* Fiber.join(fiber)
      assert.strictEqual(
        result._tag === "Success" && result.success.generation.kind === "answer" && result.success.generation.text,
        "second"
      )
    }))

  it.effect("uses up no try by a 429 while the model answers others", () =>
    Effect.gen(function*() {
      for (const [answering, tries] of [[true, 21], [false, 7]] as const) {
        const lane = yield* laneOf()
        const asker = makeAsker(lane, always)
        const target = yield* scripted((_, tries) => {
          if (answering) asker.answered()
          return tries <= 20 ? rate(1_000) : good
        })
        const fiber = yield* asking(lane, target, asker)
        yield* pass(200_000, 1_000)
        const result = yield* Fiber.join(fiber)
        assert.deepStrictEqual([result._tag, target.asked.length], [answering ? "Success" : "Failure", tries])
      }
    }))

  it.effect("holds no place while it waits for its next try", () =>
    Effect.gen(function*() {
      const lane = yield* laneOf()
      const failing = yield* scripted(() => rate())
      const other = yield* scripted(() => good)
      yield* asking(lane, failing)
      assert.strictEqual(lane.limiter.inFlight(), 0)
      // The only place is free for another question.
      const fiber = yield* asking(lane, other)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Success")
    }))

  it.effect("gives its place back however a try ends", () =>
    Effect.gen(function*() {
      const lane = yield* laneOf({ retry: { ...defaultRetryPolicy, retries: 0 } })
      for (const reply of [good, rate(), "hang"] as ReadonlyArray<Reply>) {
        yield* asking(lane, yield* scripted(() => reply))
        yield* pass(1_500)
        assert.strictEqual(lane.limiter.inFlight(), 0)
      }
      const fiber = yield* asking(lane, yield* scripted(() => "hang"))
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(lane.limiter.inFlight(), 0)
    }))

  it.effect("aborts the request when it is interrupted", () =>
    Effect.gen(function*() {
      const target = yield* scripted(() => "hang")
      const fiber = yield* asking(yield* laneOf(), target)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(target.asked[0]!.signal.aborted)
    }))

  it.effect("tells the caller of each try before it is made", () =>
    Effect.gen(function*() {
      let sent = 0
      const target = yield* scripted((_, tries) => {
        assert.strictEqual(sent, tries)
        return tries < 3 ? rate() : good
      })
      const lane = yield* laneOf()
      yield* asking(lane, target, makeAsker(lane, { ...always, sending: () => sent++ }))
      yield* pass(10_000)
      assert.strictEqual(sent, 3)
    }))

  it.effect("gives a wait up as soon as the caller wants no more tries", () =>
    Effect.gen(function*() {
      let wanted = true
      const target = yield* scripted(() => rate(50_000))
      const lane = yield* laneOf()
      const asker = makeAsker(lane, { ...always, mayAsk: () => wanted })
      const fiber = yield* asking(lane, target, asker)
      wanted = false
      asker.wake()
      const result = yield* Fiber.join(fiber)
      assert.deepStrictEqual(result._tag === "Failure" && [result.failure.abandoned, result.failure.tries], [true, 1])
      assert.strictEqual(target.asked.length, 1)
    }))
})

describe("a target plugin that breaks its contract", () => {
  const never = { retry: { ...defaultRetryPolicy, retries: 0 } }
  const broken = Effect.fnUntraced(function*(generate: Target["generate"]) {
    const fiber = yield* asking(yield* laneOf(never), yield* scripted(() => good, { generate }))
    return yield* Effect.flip(Effect.flatMap(Fiber.join(fiber), Effect.fromResult))
  })

  it.effect("by throwing what is no TargetError is an error of protocol", () =>
    Effect.gen(function*() {
      const { error } = yield* broken(() => Promise.reject(new TypeError("x is not a function")))
      assert.deepStrictEqual([error.reason, error.retryable], ["protocol", false])
      assert.include(error.message, "x is not a function")
    }))

  it.effect("by throwing before its first await is an error too, and no defect", () =>
    Effect.gen(function*() {
      const { error } = yield* broken(() => {
        throw new Error("at once")
      })
      assert.strictEqual(error.reason, "protocol")
    }))

  it.effect.each([
    ["nothing", undefined],
    ["null text", { kind: "answer", text: null, complete: true }],
    ["no word on completeness", { kind: "answer", text: "words" }],
    ["a kind of its own", { kind: "refused", text: "no" }],
    ["a text", "words"]
  ])("by giving %s is an error and never an answer (peers 6)", ([, value]) =>
    Effect.gen(function*() {
      const { error } = yield* broken(() => Promise.resolve(value as unknown as Generation))
      assert.deepStrictEqual([error.reason, error.retryable], ["protocol", false])
    }))
})
