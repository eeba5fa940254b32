import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { UsageProblem } from "../domain/problem.ts"
import { prepareEvaluation } from "./evaluate.ts"
import { openScorer } from "./score.ts"
import { inSmallTree } from "./small-tree.fixture.ts"

const targets = [{ name: "target", spec: "echo:one" }]

const messageOf = <A, E, R>(use: Effect.Effect<A, E, R>) =>
  use.pipe(
    Effect.as(undefined),
    Effect.catch((problem) => Effect.succeed(problem instanceof UsageProblem ? problem.message : undefined))
  )

/** What a run and a scorer are told whose configuration says this. */
const under = (yaml: string, scorer = "words") =>
  inSmallTree((tree) =>
    Effect.gen(function*() {
      const config = join(tree.root, "driftgate.yaml")
      writeFileSync(config, yaml)
      const settings = yield* tree.settings({ config, scorers: [`b=${scorer}`], roles: ["judge=echo:judge"] })
      return {
        run: yield* messageOf(prepareEvaluation(settings, targets)),
        scorer: yield* messageOf(openScorer(scorer, settings, Effect.succeed(""))),
        asked: tree.calls().filter((call) => call.startsWith("ask"))
      }
    })
  )

describe("a budget of money", () => {
  it.effect("needs the price of every model that is asked", () =>
    Effect.gen(function*() {
      const { asked, run } = yield* under("budget: { usd: 1 }\n")
      assert.include(run, "budget.usd: target has no price, so that what is spent can't be known")
      assert.include(run, "prices: { target: { input: 1, output: 2 } }")
      assert.deepStrictEqual(asked, [])
      const priced = yield* under("budget: { usd: 1 }\nprices: { target: { input: 1, output: 1 } }\n")
      assert.deepStrictEqual([priced.run, priced.scorer], [undefined, undefined])
    }))

  it.effect("needs the price of a judge, in a run and for a scorer alone", () =>
    Effect.gen(function*() {
      const { run, scorer } = yield* under(
        "budget: { usd: 1 }\nprices: { target: { input: 1, output: 1 } }\n",
        "judged"
      )
      assert.include(run, "judge has no price")
      assert.include(scorer, "judge has no price")
    }))
})

describe("a price", () => {
  it.effect("stands under a name that a model of some command goes by", () =>
    Effect.gen(function*() {
      const { run, scorer } = yield* under("prices: { tarjet: { input: 1, output: 1 } }\n")
      assert.include(run, "prices.tarjet: no model goes by this name")
      assert.include(run, "target, base, tuned, accepted, judge")
      assert.include(scorer, "prices.tarjet")
      const others = yield* under("prices: { base: { input: 1, output: 1 }, judge: { input: 1, output: 1 } }\n")
      assert.deepStrictEqual([others.run, others.scorer], [undefined, undefined])
    }))
})
