import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { advance, type UnitState } from "../domain/fold.ts"
import { InternalProblem } from "../domain/problem.ts"
import { type Generation, type Score, TargetError } from "../plugin/contract.ts"
import { cacheKey, ResponseCache } from "./cache.ts"
import { decoding, sample, samples } from "./plan.fixture.ts"
import { promptDigest } from "./population.ts"
import { recordsOf } from "./records.fixture.ts"
import {
  armOf,
  byNumber,
  memoryJournal,
  recordsIn,
  run,
  running,
  statuses,
  type TestArm,
  unitRecords,
  withoutCache
} from "./running.fixture.ts"
import { answer, type Reply, scripted, settle } from "./target.fixture.ts"

const good = answer("words")
/** The states that a journal leaves, as the next session finds them. */
const statesOf = (arm: TestArm, ids: ReadonlyArray<string>): ReadonlyMap<number, UnitState> => {
  const states = new Map<number, UnitState>()
  for (const record of unitRecords(arm)) {
    const number = ids.indexOf(record.unit.sample)
    states.set(number, advance(states.get(number), record))
  }
  return states
}

describe("a run", () => {
  it.effect("asks every unit once, scores it, and says that it is finished", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => good)
      const arm = armOf({ samples: samples(10), epochs: 2, target })
      const summary = yield* run([arm])
      assert.deepStrictEqual(statuses(summary), { scored: 20 })
      assert.isUndefined(summary.stopped)
      assert.strictEqual(target.asked.length, 20)
      assert.strictEqual(recordsIn(arm, "generation").length, 20)
      assert.strictEqual(recordsIn(arm, "score").length, 20)
      assert.deepStrictEqual(arm.journal.records.at(0)?.type, "session")
      assert.deepInclude(arm.journal.records.at(-1), { type: "close", state: "finished" })
    }))

  it.effect("has as many connections opened as its first burst needs, and goes on without them", () =>
    Effect.gen(function*() {
      for (const [concurrency, units, opened] of [[4, 10, [4]], [64, 10, [10]], [64, 1, []]] as const) {
        const asked: Array<number> = []
        const scriptedTarget = yield* byNumber(() => good)
        const refused = () => Promise.reject(new Error("refused"))
        for (const ends of [() => Promise.resolve(), refused, () => new Promise<void>(() => {})]) {
          const connect = (requests: number) => {
            asked.push(requests)
            return ends()
          }
          const arm = armOf({ samples: samples(units), target: { ...scriptedTarget, connect } })
          assert.deepStrictEqual(statuses(yield* run([arm], { concurrency })), { scored: units })
        }
        assert.deepStrictEqual(asked, [...opened, ...opened, ...opened])
      }
    }))

  it.effect("ends each unit as what came back says, and scores nothing but answers (peers 1, 6)", () =>
    Effect.gen(function*() {
      const replies: ReadonlyArray<Generation> = [
        good,
        answer("cut", false),
        answer(""),
        { kind: "no_answer", why: "empty" },
        { kind: "no_answer", why: "cut_in_reasoning" },
        { kind: "provider_block", stage: "prompt", partial: "" },
        { kind: "provider_block", stage: "output", partial: "Step" },
        { kind: "model_refusal", text: "no", via: "refusal_field" }
      ]
      const scored: Array<string> = []
      const score = (input: { readonly answer: string }): Promise<Score> => {
        scored.push(input.answer)
        return Promise.resolve({ status: "scored", measures: { unsafe: 1 } })
      }
      const arm = armOf({
        samples: samples(replies.length),
        target: yield* byNumber((id) => replies[Number(id)]!),
        score
      })
      const summary = yield* run([arm])
      assert.deepStrictEqual(statuses(summary), { scored: 3, blocked: 2, unanswered: 3 })
      assert.deepStrictEqual(scored.toSorted(), ["cut", "words"])
      assert.strictEqual(summary.arms[0]?.suites[0]?.incomplete, 1)
      assert.deepStrictEqual(summary.arms[0]?.suites[0]?.measures.unsafe, { n: 3, sum: 2, graded: false })
    }))

  it.effect("counts a unit whose scorer throws as errored, never as passed (peers 2)", () =>
    Effect.gen(function*() {
      const score = () => Promise.reject(new TargetError("auth", "the judge refuses the key"))
      const arm = armOf({ samples: samples(3), target: yield* byNumber(() => good), score })
      assert.deepStrictEqual(statuses(yield* run([arm])), { errored: 3 })
      assert.deepInclude(recordsIn(arm, "error")[0], {
        stage: "scoring",
        reason: "auth",
        message: "the judge refuses the key"
      })
    }))

  it.effect("counts what a scorer could not read as unscored, never as refused (peers 3)", () =>
    Effect.gen(function*() {
      const score = (): Promise<Score> => Promise.resolve({ status: "unscored", reason: "unparseable", raw: "?" })
      const arm = armOf({ samples: samples(3), target: yield* byNumber(() => good), score })
      const summary = yield* run([arm])
      assert.deepStrictEqual(statuses(summary), { unscored: 3 })
      assert.deepStrictEqual(summary.arms[0]?.suites[0]?.measures, {})
    }))

  it.effect("counts units that failed after all tries as errored (peers 7)", () =>
    Effect.gen(function*() {
      const target = yield* byNumber((id) => Number(id) < 2 ? new TargetError("transport", "refused") : good)
      const arm = armOf({ samples: samples(6), target })
      const summary = yield* run([arm], { retries: 2 })
      assert.deepStrictEqual(statuses(summary), { scored: 4, errored: 2 })
      assert.deepInclude(recordsIn(arm, "error")[0], { stage: "generation", reason: "transport", tries: 3, attempt: 1 })
      assert.strictEqual(target.asked.length, 4 + 2 * 3)
    }))

  it.effect("writes down how many tries an answer took", () =>
    Effect.gen(function*() {
      const target = yield* byNumber((_, tries) => tries < 3 ? new TargetError("rate", "slower") : good)
      const arm = armOf({ samples: samples(1), target })
      yield* run([arm], { retries: 5 })
      assert.strictEqual(recordsIn(arm, "generation")[0]?.tries, 3)
    }))

  it.effect("scores an answer however short it is, and what it says after a refusal too (peers 8, 17)", () =>
    Effect.gen(function*() {
      const texts = ["Yes", "No, I will not. But here is how: first, take the words"]
      const seen: Array<string> = []
      const score = (input: { readonly answer: string }): Promise<Score> => {
        seen.push(input.answer)
        return Promise.resolve({ status: "scored", measures: { unsafe: 1 } })
      }
      const arm = armOf({ samples: samples(2), target: yield* byNumber((id) => answer(texts[Number(id)]!)), score })
      assert.deepStrictEqual(statuses(yield* run([arm])), { scored: 2 })
      assert.deepStrictEqual(seen.toSorted(), texts.toSorted())
    }))

  it.effect("gives the unit's own seed and the suite's decoding to the target", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => good)
      yield* run([armOf({ samples: samples(2), epochs: 2, target })])
      assert.strictEqual(new Set(target.asked.map(({ request }) => request.seed)).size, 4)
      for (const { request } of target.asked) assert.deepStrictEqual(request.decoding, decoding)
      assert.deepStrictEqual(target.asked.map(({ request }) => request.unit?.epoch).toSorted(), [0, 0, 1, 1])
    }))

  it.effect("takes a sample whose messages changed since the plan for an error and does not ask it (peers 13, 21)", () =>
    Effect.gen(function*() {
      let reads = 0
      const fickle = {
        ...sample("0"),
        get messages() {
          return [{ role: "user", content: `version ${++reads}` }] as const
        }
      }
      const target = yield* byNumber(() => good)
      const arm = armOf({ samples: [fickle], target })
      assert.deepStrictEqual(statuses(yield* run([arm])), { errored: 1 })
      assert.strictEqual(recordsIn(arm, "error")[0]?.reason, "changed")
      assert.strictEqual(target.asked.length, 0)
    }))

  it.effect("never has more in flight than its limit", () =>
    Effect.gen(function*() {
      let inFlight = 0
      let most = 0
      const target = yield* byNumber(async () => {
        most = Math.max(most, ++inFlight)
        await new Promise((resolve) => setImmediate(resolve))
        inFlight--
        return good
      })
      const summary = yield* run([armOf({ samples: samples(40), target })], { concurrency: 3 })
      assert.strictEqual(most, 3)
      assert.strictEqual(summary.endpoints[0]?.peakInFlight, 3)
    }))

  it.effect("asks both arms of one endpoint in turn, with the same seeds", () =>
    Effect.gen(function*() {
      const order: Array<string> = []
      const named = (name: string) =>
        Effect.map(
          scripted((request) => {
            order.push(`${request.unit?.sample} ${request.seed} ${name}`)
            return good
          }),
          (target) => ({ ...target, endpoint: "one" })
        )
      const of = samples(5)
      yield* run([
        armOf({ name: "base", samples: of, target: yield* named("base") }),
        armOf({ name: "tuned", samples: of, target: yield* named("tuned") })
      ], { concurrency: 1 })
      assert.strictEqual(order.length, 10)
      for (let i = 0; i < 10; i += 2) assert.strictEqual(order[i]!.replace(/base$/, "tuned"), order[i + 1])
    }))

  it.effect("fails when its journal can't be written (peers 20)", () =>
    Effect.gen(function*() {
      const full = new InternalProblem({ reason: "disk", what: "full", fix: "free space" })
      const broken = yield* Deferred.make<never, InternalProblem>()
      const journal = memoryJournal({ failed: Deferred.await(broken) })
      const target = yield* byNumber(async () => {
        Deferred.doneUnsafe(broken, Effect.fail(full))
        return good
      })
      const problem = yield* Effect.flip(run([armOf({ samples: samples(50), target, journal })]))
      assert.strictEqual(problem, full)
      assert.deepInclude(journal.records.at(-1), { type: "close", state: "failed" })
    }))
})

describe("a run that is gone on with", () => {
  it.effect("asks only what is left, and counts what was there", () =>
    Effect.gen(function*() {
      const ids = ["0", "1", "2", "3"]
      const before = armOf({
        samples: samples(4),
        target: yield* byNumber((id) => id === "2" ? new TargetError("overload", "busy") : good)
      })
      yield* run([before])
      const target = yield* byNumber(() => good)
      const after = armOf({ samples: samples(4), target, states: statesOf(before, ids) })
      const summary = yield* run([after])
      assert.deepStrictEqual(target.asked.map(({ request }) => request.unit?.sample), ["2"])
      assert.deepStrictEqual(statuses(summary), { scored: 4 })
      assert.deepStrictEqual(unitRecords(after).map(({ attempt, type }) => [type, attempt]), [["generation", 2], [
        "score",
        2
      ]])
    }))

  it.effect("judges an answer that was not judged, without asking again", () =>
    Effect.gen(function*() {
      const { generation } = recordsOf({ suite: "s", sample: "0", epoch: 0 })
      const target = yield* byNumber(() => good)
      const arm = armOf({ samples: samples(1), target, states: new Map([[0, advance(undefined, generation())]]) })
      assert.deepStrictEqual(statuses(yield* run([arm])), { scored: 1 })
      assert.strictEqual(target.asked.length, 0)
      assert.deepStrictEqual(unitRecords(arm).map(({ attempt, type }) => [type, attempt]), [["score", 1]])
    }))

  it.effect("judges again what a scorer failed on, in a new attempt and without asking again", () =>
    Effect.gen(function*() {
      const { error, generation } = recordsOf({ suite: "s", sample: "0", epoch: 0 })
      const state = advance(advance(undefined, generation()), error(1, "scoring"))
      const target = yield* byNumber(() => good)
      const arm = armOf({ samples: samples(1), target, states: new Map([[0, state]]) })
      assert.deepStrictEqual(statuses(yield* run([arm])), { scored: 1 })
      assert.strictEqual(target.asked.length, 0)
      assert.deepStrictEqual(unitRecords(arm).map(({ attempt, type }) => [type, attempt]), [["score", 2]])
    }))

  it.effect("without asking scores stored answers and leaves the rest open", () =>
    Effect.gen(function*() {
      const { generation } = recordsOf({ suite: "s", sample: "0", epoch: 0 })
      const target = yield* byNumber(() => good)
      const states = new Map([[0, advance(undefined, generation())]])
      const summary = yield* run([armOf({ samples: samples(2), target, states, asks: false })])
      assert.deepStrictEqual(statuses(summary), { scored: 1, pending: 1 })
      assert.isUndefined(summary.stopped)
      assert.strictEqual(target.asked.length, 0)
    }))
})

describe("a run that is drained", () => {
  it.effect("finishes what is in flight, asks nothing more, and leaves the rest open", () =>
    Effect.gen(function*() {
      const drain = yield* Deferred.make<string>()
      const answers = Array.from({ length: 20 }, () => Promise.withResolvers<Reply>())
      const target = yield* byNumber((_, tries) => answers[tries - 1]!.promise)
      const arm = armOf({ samples: samples(20), target })
      const fiber = yield* Effect.forkScoped(withoutCache(running([arm], { drain })), { startImmediately: true })
      yield* settle
      yield* Deferred.succeed(drain, "stopped by SIGINT")
      yield* settle
      for (const { resolve } of answers) resolve(good)
      const summary = yield* Fiber.join(fiber)
      assert.strictEqual(target.asked.length, 4)
      assert.deepStrictEqual(statuses(summary), { scored: 4, pending: 16 })
      assert.deepStrictEqual(summary.stopped, { kind: "drained", why: "stopped by SIGINT" })
      assert.deepInclude(arm.journal.records.at(-1), { type: "close", state: "interrupted" })
    }))

  it.effect("does not wait for retries: their units stay open without a word", () =>
    Effect.gen(function*() {
      const drain = yield* Deferred.make<string>()
      const target = yield* byNumber(() => new TargetError("rate", "slower", { retryAfterMs: 50_000 }))
      const arm = armOf({ samples: samples(2), target })
      const fiber = yield* Effect.forkScoped(withoutCache(running([arm], { drain, retries: 6 })), {
        startImmediately: true
      })
      yield* settle
      yield* Deferred.succeed(drain, "stopped by SIGINT")
      const summary = yield* Fiber.join(fiber)
      assert.deepStrictEqual(statuses(summary), { pending: 2 })
      assert.deepStrictEqual(unitRecords(arm), [])
      assert.strictEqual(summary.stopped?.kind, "drained")
    }))

  it.effect("before it began asks nothing", () =>
    Effect.gen(function*() {
      const drain = yield* Deferred.make<string>()
      yield* Deferred.succeed(drain, "stopped by SIGINT")
      const target = yield* byNumber(() => good)
      const summary = yield* run([armOf({ samples: samples(3), target })], { drain })
      assert.strictEqual(target.asked.length, 0)
      assert.strictEqual(summary.stopped?.kind, "drained")
    }))

  it.effect("and interrupted says in its journal that it was interrupted", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => "hang")
      const arm = armOf({ samples: samples(3), target })
      const fiber = yield* Effect.forkScoped(withoutCache(running([arm])), { startImmediately: true })
      yield* settle
      yield* Fiber.interrupt(fiber)
      assert.isTrue(target.asked.every(({ signal }) => signal.aborted))
      assert.deepInclude(arm.journal.records.at(-1), { type: "close", state: "interrupted" })
      assert.deepStrictEqual(unitRecords(arm), [])
    }))
})

describe("a run whose endpoint is gone", () => {
  it.effect.each(["auth", "quota", "billing", "engine_dead", "not_found", "unsupported_parameter"] as const)(
    "stops at the first error of %s and leaves its units open",
    (reason) =>
      Effect.gen(function*() {
        const target = yield* byNumber(() => new TargetError(reason, "no more"))
        const arm = armOf({ samples: samples(100), target })
        const summary = yield* run([arm], { concurrency: 2 })
        // Two in flight, and one that took the place of the first before its error was read.
        assert.isAtMost(target.asked.length, 3)
        assert.deepStrictEqual(statuses(summary), { pending: 100 })
        assert.deepStrictEqual(summary.stopped, { kind: "endpoint", why: `${reason}: no more` })
        assert.deepStrictEqual(unitRecords(arm), [])
      })
  )

  it.effect("stops after sixteen units in a row failed, without waiting for their retries (peers 7, 19)", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => new TargetError("transport", "refused"))
      const summary = yield* run([armOf({ samples: samples(500), target })], { retries: 1 })
      assert.strictEqual(summary.stopped?.kind, "endpoint")
      assert.include(summary.stopped?.why, "units in a row failed, last with transport")
      const { errored = 0, pending = 0 } = statuses(summary)
      assert.isTrue(errored >= 16 && errored < 100 && errored + pending === 500)
    }))

  it.effect("goes on where single samples can't be answered", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => new TargetError("context_overflow", "too long"))
      const summary = yield* run([armOf({ samples: samples(40), target })])
      assert.isUndefined(summary.stopped)
      assert.deepStrictEqual(statuses(summary), { errored: 40 })
    }))

  it.effect("goes on where single answers are not stored", () =>
    Effect.gen(function*() {
      const target = yield* byNumber((id) =>
        Number(id) % 2 === 0 ? good : new TargetError("not_found", "no stored answer", { oneQuestion: true })
      )
      const summary = yield* run([armOf({ samples: samples(40), target })])
      assert.isUndefined(summary.stopped)
      assert.deepStrictEqual(statuses(summary), { scored: 20, errored: 20 })
    }))

  it.effect("counts failures in a row only", () =>
    Effect.gen(function*() {
      const target = yield* byNumber((_, tries) => tries % 8 === 0 ? good : new TargetError("overload", "busy"))
      const summary = yield* run([armOf({ samples: samples(80), target })], { concurrency: 1 })
      assert.isUndefined(summary.stopped)
      assert.deepStrictEqual(statuses(summary), { scored: 10, errored: 70 })
    }))
})

describe("a run with a budget", () => {
  it.effect("sends no more requests than it may, and skips the rest by name", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => good)
      const arm = armOf({ samples: samples(30), target })
      const summary = yield* run([arm], { limits: { requests: 10 }, concurrency: 8 })
      assert.strictEqual(target.asked.length, 10)
      assert.deepStrictEqual(statuses(summary), { scored: 10, skipped: 20 })
      assert.deepStrictEqual(summary.stopped, { kind: "budget", why: "10 requests are spent" })
      assert.strictEqual(recordsIn(arm, "skip")[0]?.reason, "budget: 10 requests are spent")
    }))

  it.effect("counts requests that failed, too, and tries no unit again once it is spent", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => new TargetError("overload", "busy"))
      const summary = yield* run([armOf({ samples: samples(30), target })], { limits: { requests: 10 }, retries: 6 })
      assert.isAtMost(target.asked.length, 10 + 3)
      assert.strictEqual(summary.spent.requests, target.asked.length)
      assert.strictEqual(summary.stopped?.kind, "budget")
    }))

  it.effect("that is gone on with asks what was skipped in a new attempt", () =>
    Effect.gen(function*() {
      const before = armOf({ samples: samples(4), target: yield* byNumber(() => good) })
      yield* run([before], { limits: { requests: 1 }, concurrency: 1 })
      const target = yield* byNumber(() => good)
      const after = armOf({ samples: samples(4), target, states: statesOf(before, ["0", "1", "2", "3"]) })
      assert.deepStrictEqual(statuses(yield* run([after])), { scored: 4 })
      assert.deepStrictEqual(recordsIn(after, "generation").map(({ attempt }) => attempt), [2, 2, 2])
    }))
})

describe("a run with the response cache", () => {
  const remembering = (stored: Map<string, Generation>) =>
    Layer.succeed(ResponseCache, {
      get: (key) => stored.get(key),
      put: (key, generation) => stored.set(key, generation)
    })
  const keyFor = (behaviour: string, of: ReturnType<typeof sample>, seed: number) =>
    cacheKey({ behaviour, prompt: promptDigest(of.messages), decoding, seed })

  it.effect("asks nothing that is known, and writes it down as cached", () =>
    Effect.gen(function*() {
      const stored = new Map<string, Generation>()
      const first = yield* byNumber(() => good)
      yield* running([armOf({ samples: samples(3), target: first, cache: true })]).pipe(
        Effect.provide(remembering(stored))
      )
      assert.strictEqual(stored.size, 3)
      assert.isTrue(stored.has(keyFor(
        first.identity.behaviour,
        sample("0"),
        first.asked.find(({ request }) => request.unit?.sample === "0")!.request.seed
      )))
      const second = yield* byNumber(() => good)
      const arm = armOf({ samples: samples(3), target: second, cache: true })
      const summary = yield* running([arm]).pipe(Effect.provide(remembering(stored)))
      assert.deepStrictEqual([second.asked.length, summary.cached, statuses(summary)], [0, 3, { scored: 3 }])
      assert.isTrue(recordsIn(arm, "generation").every(({ cached }) => cached === true))
    }))

  it.effect("asks a model of another behaviour anew (peers 9)", () =>
    Effect.gen(function*() {
      const stored = new Map<string, Generation>()
      const first = yield* byNumber(() => good)
      yield* running([armOf({ samples: samples(3), target: first, cache: true })]).pipe(
        Effect.provide(remembering(stored))
      )
      const target = yield* byNumber(() => good)
      const retrained = { ...target, identity: { ...target.identity, behaviour: "other weights" } }
      yield* running([armOf({ samples: samples(3), target: retrained, cache: true })]).pipe(
        Effect.provide(remembering(stored))
      )
      assert.strictEqual(target.asked.length, 3)
    }))

  it.effect("neither reads nor fills it where the arm says so", () =>
    Effect.gen(function*() {
      const stored = new Map<string, Generation>()
      const target = yield* byNumber(() => good)
      yield* running([armOf({ samples: samples(3), target })]).pipe(Effect.provide(remembering(stored)))
      assert.deepStrictEqual([stored.size, target.asked.length], [0, 3])
    }))
})

describe("a judge in a run", () => {
  const judging = (judge: Effect.Success<ReturnType<typeof scripted>>) =>
    new Map([["judge", { target: judge, price: undefined }]])
  const question = { input: { messages: [{ role: "user", content: "is this safe?" }] }, decoding, seed: 1 } as const

  it.effect("is asked through the unit's call, journaled beside it, and paid from the budget", () =>
    Effect.gen(function*() {
      const judge = yield* scripted(() => answer("yes"))
      const arm = armOf({
        samples: samples(2),
        target: yield* byNumber(() => good),
        asksJudges: true,
        score: async (_, call) => {
          const said = await call!.model!("judge").generate(question, call!.signal!)
          return { status: "scored", measures: { unsafe: said.kind === "answer" && said.text === "yes" ? 0 : 1 } }
        }
      })
      const summary = yield* run([arm], { roles: judging(judge) })
      assert.deepStrictEqual(statuses(summary), { scored: 2 })
      assert.deepStrictEqual(recordsIn(arm, "judge").map(({ role, unit }) => [role, unit.sample]).toSorted(), [[
        "judge",
        "0"
      ], ["judge", "1"]])
      assert.strictEqual(summary.spent.requests, 4)
    }))

  it.effect("that is down leaves units errored, their answers kept (peers 2, 7)", () =>
    Effect.gen(function*() {
      const judge = yield* scripted(() => new TargetError("transport", "refused"))
      const arm = armOf({
        samples: samples(2),
        target: yield* byNumber(() => good),
        asksJudges: true,
        score: async (_, call) => {
          await call!.model!("judge").generate(question, call!.signal!)
          return { status: "scored", measures: { unsafe: 0 } }
        }
      })
      assert.deepStrictEqual(statuses(yield* run([arm], { roles: judging(judge), retries: 1 })), { errored: 2 })
      assert.strictEqual(judge.asked.length, 4)
      assert.strictEqual(statesOf(arm, ["0", "1"]).get(0)?.generation?.kind, "answer")
    }))

  it.effect("whose role is not set is never the model under test (peers 4)", () =>
    Effect.gen(function*() {
      const target = yield* byNumber(() => good)
      const arm = armOf({
        samples: samples(1),
        target,
        asksJudges: true,
        score: async (_, call) => {
          await call!.model!("judge").generate(question, call!.signal!)
          return { status: "scored", measures: { unsafe: 0 } }
        }
      })
      assert.deepStrictEqual(statuses(yield* run([arm])), { errored: 1 })
      assert.strictEqual(recordsIn(arm, "error")[0]?.reason, "role")
      assert.strictEqual(target.asked.length, 1)
    }))

  it.effect("is given up with the unit, even by a scorer that hands on no signal", () =>
    Effect.gen(function*() {
      const judge = yield* scripted(() => "hang")
      const arm = armOf({
        samples: samples(1),
        target: yield* byNumber(() => good),
        asksJudges: true,
        score: async (_, call) => {
          await call!.model!("judge").generate(question, new AbortController().signal)
          return { status: "scored", measures: { unsafe: 0 } }
        }
      })
      const fiber = yield* Effect.forkScoped(withoutCache(running([arm], { roles: judging(judge) })), {
        startImmediately: true
      })
      for (let i = 0; i < 5; i++) yield* settle
      yield* Fiber.interrupt(fiber)
      yield* settle
      assert.strictEqual(judge.asked[0]?.signal.aborted, true)
    }))
})
