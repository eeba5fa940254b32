import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { exitMapOf } from "./exit-map.ts"

describe("--exit-map", () => {
  it.effect("renames the exit codes of verdicts and leaves the others alone", () =>
    Effect.gen(function*() {
      const { map } = yield* exitMapOf(["gate", "--exit-map", "fail=1,inconclusive=2"])
      assert.deepStrictEqual([0, 10, 11, 12, 13, 64, 69, 70, 130].map(map), [0, 1, 2, 12, 13, 64, 69, 70, 130])
    }))

  it.effect("is taken out of the arguments, in both ways to write it", () =>
    Effect.gen(function*() {
      const rest = ["gate", "--base", "a:b"]
      assert.deepStrictEqual((yield* exitMapOf(["gate", "--exit-map", "fail=1", "--base", "a:b"])).args, rest)
      assert.deepStrictEqual((yield* exitMapOf(["gate", "--exit-map=fail=1", "--base", "a:b"])).args, rest)
    }))

  it.effect("that is not there changes nothing", () =>
    Effect.gen(function*() {
      const { args, map } = yield* exitMapOf(["gate", "--base", "fail=1"])
      assert.deepStrictEqual(args, ["gate", "--base", "fail=1"])
      assert.deepStrictEqual([0, 10, 11].map(map), [0, 10, 11])
    }))

  it.effect("after -- belongs to the program that is named there", () =>
    Effect.gen(function*() {
      const written = ["train", "--out", "o", "--", "trainer", "--exit-map", "fail=0"]
      const { args, map } = yield* exitMapOf(written)
      assert.deepStrictEqual([args, map(10)], [written, 10])
    }))

  it.effect("may keep 0 for a pass", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* exitMapOf(["--exit-map", "pass=0,fail=1"])).map(0), 0)
    }))

  it.effect.each(["fail=0", "inconclusive=0", "incomplete=0", "invalid=0", "fail=1,incomplete=00"])(
    "never lets anything but a pass exit 0: %s (peers 11)",
    (map) =>
      Effect.gen(function*() {
        const problem = yield* Effect.flip(exitMapOf(["--exit-map", map]))
        assert.deepStrictEqual([problem.reason, problem.where], ["flag", `--exit-map ${map}`])
        assert.include(problem.message, "only pass may be 0")
      })
  )

  it.effect.each([
    "",
    "fail",
    "fail=",
    "=1",
    "fail=x",
    "fail=-1",
    "fail=1.5",
    "fail=256",
    "fail=1e2",
    "fial=1",
    "fail=1=2",
    "fail=1,,",
    "toString=1"
  ])(
    "refuses %j",
    (map) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(exitMapOf(["--exit-map", map]))).reason, "flag")
      })
  )

  it.effect("without a value is refused", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(exitMapOf(["gate", "--exit-map"]))).reason, "flag")
    }))
})
