import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { exitCodes } from "../domain/problem.ts"
import { TargetError, type TargetErrorReason } from "../plugin/contract.ts"
import { PluginHost } from "../plugin/host.ts"
import { manifests, pluginFiles, withPlugins } from "../plugin/plugin-tree.fixture.ts"
import { Plugins } from "../plugin/registry.ts"
import { openTargets, problemOfTarget } from "./targets.ts"

/** A target plugin that opens, probes and closes as the locator says, and remembers all of it in `globalThis`. */
const module = (log: string) => `
  const log = (text) => (globalThis[${JSON.stringify(log)}] ??= []).push(text)
  const fail = (reason, message) => {
    throw Object.assign(new Error(message), { name: "TargetError", reason, retryable: false })
  }
  export const target = {
    open: async (specs) => {
      log("open " + specs.map(({ locator }) => locator).join(" "))
      if (specs.some(({ locator }) => locator === "unopenable")) fail("out_of_memory", "too large")
      return specs.map(({ locator }) => ({
        identity: { behaviour: locator, full: locator, verifiable: true, parts: {} },
        capabilities: {},
        ...(locator === "near" ? { remote: false } : {}),
        probe: async () => {
          log("probe " + locator)
          if (locator === "gone") fail("transport", "refused")
          if (locator === "broken") throw new TypeError("x is not a function")
        },
        generate: async () => ({ kind: "no_answer", why: "empty" }),
        close: async () => { log("close " + locator) }
      }))
    }
  }`

let next = 0
/** Opens models by name and spec, and what the plugins saw. */
const opening = (named: ReadonlyArray<readonly [name: string, spec: string]>) =>
  Effect.gen(function*() {
    const log = `driftgate targets test ${next++}`
    const files = {
      ...pluginFiles("plugins/targets/one", manifests.target("one"), module(log)),
      ...pluginFiles("plugins/targets/two", manifests.target("two"), module(log)),
      ...pluginFiles("plugins/targets/net", manifests.target("net", { permissions: ["net"] }), module(log))
    }
    const result = yield* withPlugins(files, (plugins, host) =>
      openTargets(named.map(([name, spec]) => ({ name, spec })), 1).pipe(
        Effect.map((opened) =>
          opened.map(({ name, remote, spec, target }) =>
            `${name} ${spec} ${target.identity.behaviour}${remote ? ", elsewhere" : ""}`
          )
        ),
        Effect.scoped,
        Effect.provideService(Plugins, plugins),
        Effect.provideService(PluginHost, host)
      )).pipe(Effect.result)
    return { result, seen: (globalThis as unknown as Record<string, ReadonlyArray<string> | undefined>)[log] ?? [] }
  })

describe("opening models", () => {
  it.effect("opens those of one scheme together, gives them in their order, and closes them", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* opening([["base", "one:a"], ["role judge", "two:j"], ["tuned", "one:b"]])
      assert.deepStrictEqual(result._tag === "Success" && result.success, [
        "base one:a a",
        "role judge two:j j",
        "tuned one:b b"
      ])
      assert.deepStrictEqual(seen.filter((line) => line.startsWith("open")), ["open a b", "open j"])
      assert.deepStrictEqual(seen.filter((line) => line.startsWith("probe")).toSorted(), [
        "probe a",
        "probe b",
        "probe j"
      ])
      assert.deepStrictEqual(seen.filter((line) => line.startsWith("close")).toSorted(), [
        "close a",
        "close b",
        "close j"
      ])
    }))

  it.effect("takes a plugin that asks for the network for one that sends prompts elsewhere unless it says it does not", () =>
    Effect.gen(function*() {
      const { result } = yield* opening([["target", "net:m"], ["base", "net:near"], ["tuned", "one:m"]])
      assert.deepStrictEqual(result._tag === "Success" && result.success, [
        "target net:m m, elsewhere",
        "base net:near near",
        "tuned one:m m"
      ])
    }))

  it.effect("that are not there is a problem that names the model, and closes the others (peers 7)", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* opening([["base", "one:a"], ["tuned", "one:gone"]])
      assert.strictEqual(result._tag, "Failure")
      if (result._tag === "Failure") {
        assert.deepStrictEqual([result.failure._tag, result.failure.reason], ["UnavailableProblem", "server"])
        assert.include(result.failure.message, "tuned (one:gone): refused")
      }
      assert.deepStrictEqual(seen.filter((line) => line.startsWith("close")).toSorted(), ["close a", "close gone"])
    }))

  it.effect("whose plugin breaks while it looks is a problem of the server too, and no pass", () =>
    Effect.gen(function*() {
      const { result } = yield* opening([["target", "one:broken"]])
      assert.include(
        result._tag === "Failure" ? result.failure.message : "",
        "target (one:broken): x is not a function"
      )
    }))

  it.effect("that can't be opened is a problem of the engine", () =>
    Effect.gen(function*() {
      const { result } = yield* opening([["base", "one:a"], ["tuned", "one:unopenable"]])
      assert.deepStrictEqual(result._tag === "Failure" && [result.failure.reason, result.failure.where], [
        "engine",
        "base, tuned (one:a, one:unopenable)"
      ])
    }))

  it.effect("of an unknown scheme opens nothing at all", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* opening([["base", "one:a"], ["tuned", "three:b"]])
      assert.deepStrictEqual(result._tag === "Failure" && [result.failure._tag, result.failure.reason], [
        "UsageProblem",
        "spec"
      ])
      assert.deepStrictEqual(seen, [])
    }))
})

describe("a model's error before anything was spent", () => {
  it.each(
    [
      ["auth", 69],
      ["quota", 69],
      ["billing", 69],
      ["transport", 69],
      ["deadline", 69],
      ["rate", 69],
      ["overload", 69],
      ["protocol", 69],
      ["not_found", 69],
      ["engine_dead", 69],
      ["out_of_memory", 69],
      ["unsupported_parameter", 64],
      ["context_overflow", 64]
    ] as const satisfies ReadonlyArray<readonly [TargetErrorReason, number]>
  )("of %s exits %i", (reason, code) => {
    const problem = problemOfTarget("base", "one:a", new TargetError(reason, "what happened"))
    assert.strictEqual(exitCodes[problem._tag], code)
    assert.include(problem.message, "base (one:a): what happened\n  ")
  })

  it("is advised once, by the target itself where it knows better", () => {
    const { message } = problemOfTarget("base", "one:a", new TargetError("auth", `target "one:a": no key\n  Set KEY.`))
    assert.strictEqual(message, "base (one:a): no key\n  Set KEY. Nothing was spent.")
  })

  it("leaves the last line of its advice to be copied as it is", () => {
    const lines = "node-llama-cpp is needed\n  npm install one\n  export A=\"b\""
    const { message } = problemOfTarget("base", "one:a", new TargetError("engine_dead", lines), { opening: true })
    assert.deepStrictEqual(message.split("\n").slice(-2), ["  export A=\"b\"", "  Nothing was spent."])
  })

  it("of what is not found is a file of the user's until a server was asked", () => {
    const missing = new TargetError("not_found", "a: there is no such file\n  Name one.")
    const problem = problemOfTarget("base", "one:a", missing, { opening: true })
    assert.deepStrictEqual([exitCodes[problem._tag], problem.fix], [64, "Name one."])
  })
})
