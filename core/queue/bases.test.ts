import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { weightsDigest } from "../checkpoints/pin.ts"
import { resolveBase } from "./admission.ts"
import { makeDigests } from "./bases.ts"
import { place } from "./queue.fixture.ts"

const base = Effect.map(place, ({ folder }) => {
  const weights = join(folder, "base")
  mkdirSync(weights)
  writeFileSync(join(weights, "model.safetensors"), "first")
  return weights
})

/** Puts other weights there, as a trainer does that saves again. */
const rewrite = (folder: string, text: string) => {
  writeFileSync(join(folder, "model.new"), text)
  renameSync(join(folder, "model.new"), join(folder, "model.safetensors"))
}

/** Reads as the digests do, and counts. */
const counting = (before: (reads: number) => Effect.Effect<unknown> = () => Effect.void) => {
  const seen = { reads: 0 }
  const digestOf = makeDigests(
    Effect.fn("counted")(function*(folder: string) {
      seen.reads++
      yield* before(seen.reads)
      return yield* weightsDigest(folder)
    })
  )
  return { seen, digestOf }
}

describe("the digest of a base", () => {
  it.effect("is read once, and again when its weights are others", () =>
    Effect.gen(function*() {
      const folder = yield* base
      const { digestOf, seen } = counting()
      const first = yield* digestOf(folder)
      assert.deepStrictEqual([yield* digestOf(folder), seen.reads], [first, 1])
      rewrite(folder, "other")
      const second = yield* digestOf(folder)
      assert.deepStrictEqual([second, seen.reads], [yield* weightsDigest(folder), 2])
      assert.notStrictEqual(second, first)
      writeFileSync(join(folder, "more.safetensors"), "more")
      assert.strictEqual(yield* digestOf(folder), yield* weightsDigest(folder))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("is read once for two that ask together, also when the first of them is interrupted", () =>
    Effect.gen(function*() {
      const folder = yield* base
      const began = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const { digestOf, seen } = counting(() => Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(go)))
      const first = yield* Effect.forkChild(digestOf(folder))
      yield* Deferred.await(began)
      const others = yield* Effect.forkChild(
        Effect.all([digestOf(folder), digestOf(folder)], { concurrency: "unbounded" })
      )
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(go, undefined)
      const [one, two] = yield* Fiber.join(others)
      assert.deepStrictEqual([one, two, seen.reads], [yield* weightsDigest(folder), one, 2])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("is none of weights that change while they are read, and none is kept of them", () =>
    Effect.gen(function*() {
      const folder = yield* base
      const { digestOf } = counting((reads) => Effect.sync(() => reads === 1 && rewrite(folder, "longer than before")))
      assert.include(yield* Effect.flip(digestOf(folder)), "changed while it was read")
      assert.strictEqual(yield* digestOf(folder), yield* weightsDigest(folder))
      rmSync(join(folder, "model.safetensors"))
      assert.include(yield* Effect.flip(digestOf(folder)), "holds no safetensors")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("that a request names is one of the weights as they are now", () =>
    Effect.gen(function*() {
      const folder = yield* base
      const model = { spec: `checkpoint:${folder}`, folder }
      const admission = {
        roots: [],
        bases: new Map([["start", model]]),
        engine: "checkpoint",
        digestOf: makeDigests()
      }
      const old = yield* weightsDigest(folder)
      assert.strictEqual(yield* resolveBase(old, admission), model)
      rewrite(folder, "other")
      assert.strictEqual((yield* Effect.flip(resolveBase(old, admission))).code, "invalid_field")
      assert.strictEqual(yield* resolveBase(yield* weightsDigest(folder), admission), model)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
