import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TargetError } from "../plugin/contract.ts"
import { defaultRetryPolicy } from "./ask.ts"
import { type BudgetLimits, startBudget } from "./budget.ts"
import { makeJudges, type Unjudged } from "./judge-model.ts"
import { makeLanes } from "./lanes.ts"
import { decoding } from "./plan.fixture.ts"
import { memoryJournal } from "./running.fixture.ts"
import { answer, scripted } from "./target.fixture.ts"

const question = { input: { messages: [{ role: "user", content: "is this safe?" }] }, decoding, seed: 1 } as const
const unit = { suite: "s", sample: "0", epoch: 0 }

/** A judge whose key is refused once, asked three times: what each time came to, and how often it was asked. */
const askedThrice = Effect.fnUntraced(
  function*(options: { readonly enduring?: boolean; readonly limits?: BudgetLimits }) {
    const judge = yield* scripted((_, tries) => tries === 1 ? new TargetError("auth", "no key") : answer("yes"))
    const budget = yield* startBudget(options.limits ?? {})
    const lanes = yield* makeLanes({ concurrency: 4, deadlineMillis: 1_000, retry: defaultRetryPolicy, budget })
    const roles = new Map([["judge", { target: judge, price: undefined }]])
    const judges = yield* makeJudges({ roles, lanes, budget, enduring: options.enduring ?? false })
    const told: Array<Unjudged> = []
    const { signal } = new AbortController()
    const journal = memoryJournal()
    const one = Effect.promise(() =>
      judges.during({ unit, attempt: 1, journal, signal, unjudged: (cause) => told.push(cause) })("judge")
        .generate(question, signal).then(({ kind }) => kind, (error: TargetError) => error.reason)
    )
    return { ends: yield* Effect.all([one, one, one]), asked: judge.asked.length, told }
  }
)

describe("a judge that is gone", () => {
  it.effect("is not asked again, and each unit is told why", () =>
    Effect.gen(function*() {
      const { asked, ends, told } = yield* askedThrice({})
      assert.deepStrictEqual([ends, asked], [["auth", "auth", "auth"], 1])
      const why = { kind: "lost" as const, why: "judge judge: auth: no key" }
      assert.deepStrictEqual(told, [why, why, why])
    }))

  it.effect("is asked again with the next question by a server that outlives it", () =>
    Effect.gen(function*() {
      const { asked, ends } = yield* askedThrice({ enduring: true })
      assert.deepStrictEqual([ends, asked], [["auth", "answer", "answer"], 3])
    }))
})

describe("a judge under a budget", () => {
  it.effect("is not asked once it is spent, and the unit is told", () =>
    Effect.gen(function*() {
      const { asked, told } = yield* askedThrice({ enduring: true, limits: { requests: 2 } })
      assert.deepStrictEqual([asked, told.at(-1)], [2, { kind: "budget", why: "2 requests are spent" }])
    }))
})
