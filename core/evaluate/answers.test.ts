import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { cpSync } from "node:fs"
import { join } from "node:path"
import type { RunSummary } from "../run/summary.ts"
import { earlierIn } from "./answers.ts"
import { compareRuns } from "./compare.ts"
import { gateTargets } from "./gate.ts"
import { rescoreRun } from "./rescore.ts"
import type { Flags } from "./settings.ts"
import { inSmallTree, silent, type SmallTree } from "./small-tree.fixture.ts"
import { followTrajectory } from "./trajectory.ts"

const n = 80
const rows = Array.from({ length: n }, (_, i): readonly [string, string] => [`${i}`, `no, ${i}`])
const inTree = <A, E>(use: Parameters<typeof inSmallTree<A, E>>[0]) =>
  inSmallTree<A, E>((tree) => {
    cpSync(join(import.meta.dirname, "../gate/policies"), join(tree.root, "core/gate/policies"), { recursive: true })
    return use(tree)
  }, rows)

const gated = (tree: SmallTree, base: string, tuned: string, flags: Partial<Flags> = {}) =>
  Effect.gen(function*() {
    const settings = yield* tree.settings({ base: `echo:${base}`, tuned: `echo:${tuned}`, preset: "smoke", ...flags })
    const { arms, decided, summary } = yield* gateTargets(settings, silent, yield* Deferred.make<string>()).pipe(
      Effect.scoped
    )
    return { arms, decision: decided!.decision, summary: summary! }
  })
const earlierOf = ({ arms }: RunSummary) => arms.map(({ arm, earlier }) => [arm, earlier?.answers, earlier?.of])

/** What the arms of a gate rest on that was stopped 20 answers before its end: the base was through by then. */
const restsOn = [["base", n, undefined], ["tuned", n - 20, n]]

describe("a gate that goes on with the answers of an earlier session", () => {
  it.live("says so of models that are known by name only, with how many they are and from when", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const first = yield* gated(tree, "a?named=1", "b?named=1", { maxRequests: 2 * n - 20, concurrency: 2 * n })
        assert.strictEqual(first.decision.verdict, "incomplete")
        assert.isUndefined(first.decision.reused)
        const { decision, summary } = yield* gated(tree, "a?named=1", "b?named=1")
        assert.include(decision.annotations, "reused-by-name")
        assert.deepStrictEqual(decision.reused?.map(({ answers, arm, of }) => [arm, answers, of]), restsOn)
        assert.isTrue(decision.reused?.every(({ from, to }) => from > 0 && from <= to))
        assert.match(decision.reasons.join("\n"), /^tuned: 20 answers came now, 60 answers are from .* UTC/m)
        assert.deepStrictEqual(earlierOf(summary), restsOn)
      })
    ))

  it.live("says nothing of models whose weights were seen", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        yield* gated(tree, "a", "b", { maxRequests: 2 * n - 20, concurrency: 2 * n })
        const { decision, summary } = yield* gated(tree, "a", "b")
        assert.notInclude(decision.annotations, "reused-by-name")
        assert.deepStrictEqual(earlierOf(summary), [["base", n, undefined], ["tuned", undefined, undefined]])
      })
    ))

  it.live("leaves that to be seen in its runs, whoever compares them later", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        yield* gated(tree, "a?named=1", "b?named=1", { maxRequests: 2 * n - 20, concurrency: 2 * n })
        const { arms } = yield* gated(tree, "a?named=1", "b?named=1")
        const [base, tuned] = arms.map(({ run }) => run.directory.path)
        const settings = yield* tree.settings({ preset: "smoke" })
        const compared = yield* compareRuns({ base: base!, tuned: tuned!, settings, overrides: [] })
        assert.deepStrictEqual(compared.decision.reused?.map(({ answers, arm, of }) => [arm, answers, of]), [
          ["tuned", n - 20, n]
        ])
        const again = (folder: string) =>
          Effect.gen(function*() {
            const { run } = yield* rescoreRun(folder, settings, silent, yield* Deferred.make<string>())
            return run.directory.path
          }).pipe(Effect.scoped)
        const judgedAgain = { base: yield* again(base!), tuned: yield* again(tuned!), settings, overrides: [] }
        const { decision } = yield* compareRuns(judgedAgain)
        assert.deepStrictEqual(decision.reused, compared.decision.reused)
      })
    ))
})

describe("a trajectory", () => {
  const looked = (tree: SmallTree, candidates: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const settings = yield* tree.settings({ base: "echo:a?named=1", preset: "smoke" })
      const told: Array<RunSummary> = []
      const listener = {
        ...silent,
        looked: () => Effect.void,
        asked: (summary: RunSummary) => Effect.sync(() => void told.push(summary))
      }
      const input = { candidates, accepted: undefined, confirm: "half" as const }
      const results = yield* followTrajectory(settings, input, listener, yield* Deferred.make<string>())
      return { results, told }
    })

  it.live("that finds a candidate's answers says which models are known by name only", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const first = yield* looked(tree, ["echo:b?named=1"])
        assert.isTrue(first.results[0]!.look?.accepted)
        const words = ({ results }: typeof first) =>
          results.flatMap(({ decisions }) =>
            decisions.map(({ stored }) => stored.decision.annotations.includes("reused-by-name"))
          )
        assert.deepStrictEqual(words(first), [false, false])
        const asked = tree.calls().length
        const again = yield* looked(tree, ["echo:b?named=1"])
        assert.deepStrictEqual(words(again), [true, true])
        assert.isTrue(again.told.every((summary) => earlierOf(summary).every(([, answers]) => answers !== undefined)))
        assert.strictEqual(tree.calls().length, asked + 2)
      })
    ))

  it.live("says nothing of the answers that it was given itself, a candidate before", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { results } = yield* looked(tree, ["echo:b?named=1", "echo:c?named=1"])
        for (const { decisions } of results) {
          for (const { stored } of decisions) assert.notInclude(stored.decision.annotations, "reused-by-name")
        }
      })
    ))

  it.live("says it of the model accepted last, which is not asked again", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        yield* looked(tree, ["echo:b?named=1"])
        const { results } = yield* looked(tree, ["echo:c?named=1"])
        const since = results[0]!.decisions.filter(({ since }) => since === "accepted")
        assert.lengthOf(since, 2)
        for (const { stored } of since) {
          assert.deepStrictEqual(stored.decision.reused?.map(({ arm }) => arm), ["base"])
        }
      })
    ))
})

it("what the response cache gave is of an earlier time, whatever session took it", () => {
  const answer = { said: 1, served: undefined, session: 1, at: 5, cached: false }
  const answers = new Map([["a", answer], ["b", { ...answer, at: 7, cached: true }]])
  assert.deepStrictEqual(earlierIn({ answers, sessions: 1 }, 1), { answers: 1, of: 2, cached: 1, from: 7, to: 7 })
  assert.isUndefined(earlierIn({ answers: new Map([["a", answer]]), sessions: 1 }, 1))
})

describe("answers that say who gave them", () => {
  const one = "named=1&urls=http://127.0.0.1:8000/v1"

  it.live("make a gate of two names invalid when one model gave all of them, and its runs too", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { arms, decision } = yield* gated(tree, `a?${one}&model=a&served=a`, `b?${one}&model=b&served=a`)
        assert.deepStrictEqual([decision.verdict, decision.exitCode], ["invalid", 13])
        assert.match(
          decision.reasons[0]!,
          /one server answered for both models as the same one.*\(base "a"; tuned "a"\)/
        )
        const [base, tuned] = arms.map(({ run }) => run.directory.path)
        const settings = yield* tree.settings({ preset: "smoke" })
        const compared = (overrides: ReadonlyArray<"served">) =>
          Effect.map(compareRuns({ base: base!, tuned: tuned!, settings, overrides }), ({ decision }) => decision)
        assert.strictEqual((yield* compared([])).verdict, "invalid")
        assert.strictEqual((yield* compared(["served"])).verdict, "pass")
      })
    ))

  it.live("are marked where all pairs are equal byte for byte", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        assert.include((yield* gated(tree, "a", "b")).decision.annotations, "same-answers")
      })
    ))
})
