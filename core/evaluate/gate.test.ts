import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { cpSync } from "node:fs"
import { join } from "node:path"
import { gateTargets, type GateWays } from "./gate.ts"
import type { Flags } from "./settings.ts"
import { inSmallTree, silent, type SmallTree } from "./small-tree.fixture.ts"
import { followTrajectory } from "./trajectory.ts"

const rows = Array.from({ length: 20 }, (_, i): readonly [string, string] => [`${i}`, `no, ${i}`])
const checkpoint = "scheme=checkpoint&engine=e1&tokenizer=t1"

/** Gates two models of the tree; what was noted says how many questions had been asked by then. */
const gated = (tree: SmallTree, base: string, tuned: string, { flags = {}, ways = {} }: {
  readonly flags?: Partial<Flags>
  readonly ways?: GateWays
} = {}) =>
  Effect.gen(function*() {
    const settings = yield* tree.settings({ base: `echo:${base}`, tuned: `echo:${tuned}`, preset: "smoke", ...flags })
    const noted: Array<string> = []
    const listener = {
      ...silent,
      noted: (line: string) => Effect.sync(() => void noted.push(`${asked(tree)} asked: ${line}`))
    }
    const { decided } = yield* gateTargets(settings, listener, yield* Deferred.make<string>(), ways)
    return { decision: decided!.decision, noted }
  })
const asked = (tree: SmallTree): number => tree.calls().filter((line) => line.startsWith("ask")).length
const inTree = <A, E>(use: Parameters<typeof inSmallTree<A, E>>[0]) =>
  inSmallTree<A, E>((tree) => {
    cpSync(join(import.meta.dirname, "../gate/policies"), join(tree.root, "core/gate/policies"), { recursive: true })
    return use(tree)
  }, rows)

describe("two models with the same weights", () => {
  it.live("are one, whatever a trainer rewrote around them, and are not asked", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { decision } = yield* gated(tree, "a?weights=w&tokenizer=t1", "b?weights=w&tokenizer=t2")
        assert.deepStrictEqual([decision.verdict, decision.exitCode], ["invalid", 13])
        assert.match(decision.reasons[0]!, /^identical: the tuned model has the weights of the base model.*: tokenizer/)
        assert.strictEqual(asked(tree), 0)
      })
    ))

  it.live("are decided on when that is allowed, and marked", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { decision } = yield* gated(tree, "a?weights=w", "b?weights=w&tokenizer=t2", {
          ways: { allowIdentical: true }
        })
        assert.strictEqual(decision.verdict, "pass")
        assert.include(decision.annotations, "identical")
      })
    ))

  it.live("are two behind different system prompts, which only a person can have given", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { decision } = yield* gated(tree, "a?weights=w", "b?weights=w&systemPrompt=p")
        assert.strictEqual(decision.verdict, "pass")
        assert.notInclude(decision.annotations, "identical")
      })
    ))
})

describe("what is known before anything is asked", () => {
  it.live("ends a gate of models that were computed in different ways", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const problem = yield* Effect.flip(gated(tree, `a?${checkpoint}`, `b?${checkpoint}&numerics=bfloat16`))
        assert.strictEqual(problem._tag, "UsageProblem")
        assert.match(
          problem.message,
          /different ways.*\(base e1; tuned e1; bfloat16\)\n.*--accept engine.*Nothing was asked/
        )
        assert.strictEqual(asked(tree), 0)
      })
    ))

  it.live("ends a look at a candidate that was computed in another way", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const settings = yield* tree.settings({ base: `echo:a?${checkpoint}`, preset: "smoke" })
        const listener = { ...silent, looked: () => Effect.void, asked: () => Effect.void }
        const input = {
          candidates: [`echo:b?${checkpoint}&numerics=bfloat16`],
          accepted: undefined,
          confirm: "fresh" as const
        }
        const problem = yield* Effect.flip(
          followTrajectory(settings, input, listener, yield* Deferred.make<string>())
        )
        assert.strictEqual(problem._tag, "UsageProblem")
        assert.strictEqual(asked(tree), 0)
      })
    ))

  it.live("is told at once where it only stands beside the verdict", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { decision, noted } = yield* gated(
          tree,
          `a?${checkpoint}&ends=4`,
          "b?scheme=checkpoint&engine=e1&tokenizer=t2&ends=0"
        )
        assert.deepStrictEqual(noted.map((line) => line.replace(/:.*the candidate/, ": the candidate")), [
          "0 asked: the candidate has another tokenizer, so it reads other tokens: what differs may come from that and "
          + "not from its weights (base t1; tuned t2)",
          "0 asked: the candidate ends its answers with other tokens: what differs may come from that and not from its "
          + "weights (base 4; tuned 0)"
        ])
        assert.isAbove(asked(tree), 0)
        assert.include(decision.annotations, "overridden")
      })
    ))
})

describe("a policy that these suites can't pass", () => {
  it.live("is told what helps: not the preset that it is already", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const fixOf = (preset: string) =>
          Effect.map(Effect.flip(gated(tree, "a", "b", { flags: { preset, limit: 5 } })), ({ fix }) => fix)
        assert.include(yield* fixOf("training"), "--preset smoke")
        const fix = yield* fixOf("smoke")
        assert.notInclude(fix, "--preset smoke")
        assert.include(fix, "a larger --limit")
      })
    ))
})

describe("models that can't score given tokens", () => {
  it.live("are said not to have been probed, and why there is no ledger", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const { decision } = yield* gated(tree, "a", "b")
        const why = "the engine of the base model can't score given tokens"
        assert.include(decision.annotations, "not-probed")
        assert.strictEqual(decision.reasons.at(-1), `not probed, only their digests were compared: ${why}`)
        assert.deepStrictEqual(decision.ledger?.left, [{ suite: "b", reason: why }])
        assert.deepStrictEqual(decision.ledger?.suites, [])
      })
    ))

  it.live("have no ledger without a word where none is wanted", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        assert.isUndefined((yield* gated(tree, "a", "b", { flags: { noLedger: true } })).decision.ledger)
      })
    ))

  it.live("are refused where a ledger was asked for", () =>
    inTree((tree) =>
      Effect.gen(function*() {
        const problem = yield* Effect.flip(gated(tree, "a", "b", { flags: { ledger: ["b"] } }))
        assert.match(problem.message, /^--ledger b: the drift of the policy can't be measured here: the engine of/)
        assert.strictEqual(asked(tree), 0)
      })
    ))
})
