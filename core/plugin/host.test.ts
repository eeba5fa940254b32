import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { UnavailableProblem } from "../domain/problem.ts"
import { AssetAccess } from "./access.ts"
import { PluginLog, type PluginLogLine } from "./context.ts"
import type { DecisionView, TargetSpec } from "./contract.ts"
import { PluginHost } from "./host.ts"
import { folderOf, inRoot, manifests, pluginFiles, withPlugins } from "./plugin-tree.fixture.ts"
import { Plugins } from "./registry.ts"
import { CurrentPluginRuntime, type PluginRuntime } from "./runtime.ts"

const seed = 7
const source = { id: "up", sha256: "a".repeat(64), bytes: 1, licence: "MIT" }

/** The samples of a benchmark whose module this is. */
const samplesOf = (code: string, more: object = {}, selection = "b") =>
  withPlugins(
    pluginFiles("benchmarks/b", manifests.benchmark("b", more), code),
    (plugins, host) =>
      Effect.gen(function*() {
        const loaded = yield* host.loadBenchmark(yield* plugins.resolveSuite(selection), { seed })
        const samples = yield* Stream.runCollect(loaded.samples)
        return { samples: [...samples], assets: loaded.assets() }
      })
  )

const problemOf = (code: string, more: object = {}) => Effect.flip(samplesOf(code, more))

const yielding = (...rows: ReadonlyArray<string>) =>
  `export const benchmark = { async *samples(suite, context) { ${rows.map((row) => `yield ${row}`).join("; ")} } }`
const row = (id: string) => `{ id: "${id}", goal: "g", messages: [{ role: "user", content: "hello" }] }`

describe("a benchmark", () => {
  it.effect("gives its samples and the rows it leaves out", () =>
    Effect.gen(function*() {
      const { samples } = yield* samplesOf(yielding(row("1"), "{ id: \"2\", excluded: \"no text\" }"))
      assert.deepStrictEqual(samples, [
        { id: "1", goal: "g", messages: [{ role: "user", content: "hello" }] },
        { id: "2", excluded: "no text" }
      ])
    }))

  it.effect("is given its options, its seed and the name of the suite", () =>
    Effect.gen(function*() {
      const code = yielding("{ id: [suite, context.seed, context.options.k].join(), excluded: \"x\" }")
      const options = { type: "object", properties: { k: { type: "integer", default: 1 } } }
      const { samples } = yield* samplesOf(code, { options }, "b?k=3")
      assert.strictEqual(samples[0]?.id, "b,7,3")
    }))

  it.effect("is given pinned files, and those it took are known afterwards", () =>
    Effect.gen(function*() {
      const assets = [{ name: "rows", sources: [source] }, { name: "other", sources: [source] }]
      const code = yielding("{ id: await context.asset(\"rows\"), excluded: \"x\" }")
      const loaded = yield* samplesOf(code, { assets })
      assert.strictEqual(loaded.samples[0]?.id, "/pinned/rows")
      assert.deepStrictEqual(loaded.assets, [{ name: "rows", sha256: "a".repeat(64), source: "up" }])
    }))

  it.effect("can be read twice", () =>
    withPlugins(
      pluginFiles("benchmarks/b", manifests.benchmark("b"), yielding(row("1"))),
      (plugins, host) =>
        Effect.gen(function*() {
          const { samples } = yield* host.loadBenchmark(yield* plugins.resolveSuite("b"), { seed })
          assert.strictEqual((yield* Stream.runCollect(samples)).length, 1)
          assert.strictEqual((yield* Stream.runCollect(samples)).length, 1)
        })
    ))

  it.effect("that asks for a file which its manifest does not name is at fault", () =>
    Effect.gen(function*() {
      const { _tag, message } = yield* problemOf(yielding("{ id: await context.asset(\"rows\"), excluded: \"x\" }"))
      assert.strictEqual(_tag, "InternalProblem")
      assert.include(message, "b: it asked for the asset \"rows\", which its plugin.json does not declare")
    }))

  it.effect("whose pinned file is missing says so, not that the plugin is at fault", () =>
    Effect.gen(function*() {
      const missing = new UnavailableProblem({ reason: "asset", what: "rows is not here", fix: "Pull it" })
      const root = yield* folderOf(pluginFiles(
        "benchmarks/b",
        manifests.benchmark("b", { assets: [{ name: "rows", sources: [source] }] }),
        yielding("{ id: await context.asset(\"rows\"), excluded: \"x\" }")
      ))
      const problem = yield* Effect.gen(function*() {
        const suite = yield* (yield* Plugins).resolveSuite("b")
        return yield* Effect.flip(Stream.runDrain((yield* (yield* PluginHost).loadBenchmark(suite, { seed })).samples))
      }).pipe(Effect.provide(PluginHost.layer.pipe(
        Layer.provideMerge(Plugins.layer(inRoot(root))),
        Layer.provide(Layer.succeed(AssetAccess, { open: () => Effect.fail(missing) }))
      )))
      assert.strictEqual(problem, missing)
    }))

  it.effect("that yields a wrong row names suite and row", () =>
    Effect.gen(function*() {
      const problem = yield* problemOf(yielding(row("1"), "{ id: \"2\", goal: \"g\", messages: [] }"))
      assert.strictEqual(
        problem.message,
        "b: row 2: /messages must be a non-empty list\n"
          + "  This is a fault of the plugin, and nothing was concluded from it: tell its author"
      )
    }))

  it.effect("that yields an id twice names suite and row", () =>
    Effect.gen(function*() {
      const { message } = yield* problemOf(yielding(row("1"), row("2"), row("1")))
      assert.include(message, "b: row 3: /id is taken by an earlier row (got \"1\")")
    }))

  it.effect("that throws is at fault, on one line", () =>
    Effect.gen(function*() {
      const { _tag, message } = yield* problemOf(yielding(row("1"), "(() => { throw new TypeError(\"a\\nb\") })()"))
      assert.strictEqual(_tag, "InternalProblem")
      assert.include(message, "b: samples: it threw TypeError: a b\n")
    }))

  it.effect("that refuses what the user gave is wrong usage", () =>
    Effect.gen(function*() {
      const thrown = "Object.assign(new Error(\"no such file\"), { name: \"InputError\", fix: \"Give another\" })"
      const { _tag, message } = yield* problemOf(yielding(`(() => { throw ${thrown} })()`))
      assert.strictEqual(_tag, "UsageProblem")
      assert.strictEqual(message, "b: no such file\n  Give another")
    }))

  it.effect("that gives no samples function is a load error", () =>
    Effect.gen(function*() {
      assert.match(
        (yield* problemOf("export const benchmark = {}")).message,
        /^b \(.*\/benchmarks\/b\): load: index\.js exports a benchmark without the function samples\n/u
      )
    }))

  it.effect("that exports something else is a load error", () =>
    Effect.gen(function*() {
      assert.match(
        (yield* problemOf("export const suite = 1; export default 2")).message,
        /load: index\.js exports no benchmark \(it exports default, suite\)\n/u
      )
    }))

  it.effect("whose module throws is a load error", () =>
    Effect.gen(function*() {
      const { message } = yield* problemOf("throw new Error('not today')")
      assert.match(message, /load: index\.js failed while it was imported: not today\n/u)
    }))
})

describe("the runtime of plugins", () => {
  it.effect("can be another than the own process", () =>
    Effect.gen(function*() {
      const runtime: PluginRuntime = {
        load: ({ manifest }) =>
          Effect.succeed({
            async *samples() {
              yield { id: manifest.id, excluded: "from elsewhere" }
            }
          })
      }
      const { samples } = yield* Effect.provideService(samplesOf("throw 1"), CurrentPluginRuntime, runtime)
      assert.deepStrictEqual(samples, [{ id: "b", excluded: "from elsewhere" }])
    }))

  it.effect("is the own process with one warning, where a manifest asks for another", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => void lines.push(logLevel, message))
      const files = pluginFiles(
        "benchmarks/b",
        manifests.benchmark("b", { isolation: "process" }),
        yielding(row("1"))
      )
      yield* withPlugins(files, (plugins, host) =>
        Effect.gen(function*() {
          const resolved = yield* plugins.resolveSuite("b")
          yield* host.loadBenchmark(resolved, { seed })
          yield* host.loadBenchmark(resolved, { seed })
        })).pipe(Effect.provide(Logger.layer([logger])))
      assert.deepStrictEqual(lines, [
        "Warn",
        ["b asks for a process of its own; this version runs every plugin inside driftgate"]
      ])
    }))
})

describe("a plugin's log", () => {
  it.effect("goes where the host wants it, with the plugin's id", () =>
    Effect.gen(function*() {
      const lines: Array<PluginLogLine> = []
      yield* samplesOf(yielding("(context.log(\"read\", { rows: 3 }), { id: \"1\", excluded: \"x\" })")).pipe(
        Effect.provideService(PluginLog, (line) => Effect.sync(() => void lines.push(line)))
      )
      assert.deepStrictEqual(lines, [{ plugin: "b", message: "read", fields: { rows: 3 } }])
    }))
})

describe("a target plugin", () => {
  const spec = (locator: string): TargetSpec => ({
    text: `t:${locator}`,
    scheme: "t",
    locator,
    endpoints: [],
    parameters: {}
  })
  const opening = (target: string) =>
    `export const events = globalThis.driftgateEvents ??= []; events.length = 0
     export const target = {
       open: async (specs) => specs.map((spec) => (${target})),
       close: async () => { events.push("plugin") }
     }`
  const echo = `{
    identity: { behaviour: spec.locator, full: spec.locator, verifiable: false, parts: {} },
    capabilities: { input: ["messages"], topLogprobsMax: 0 },
    generate: async () => ({ kind: "answer", text: "hi", complete: true }),
    close: async () => { events.push(spec.locator) }
  }`
  const openAll = (code: string) =>
    withPlugins(
      pluginFiles("plugins/targets/t", manifests.target("t"), code),
      (_, host) =>
        Effect.scoped(Effect.gen(function*() {
          const loaded = yield* host.loadTarget("t", { seed })
          const targets = yield* loaded.open([spec("base"), spec("tuned")])
          return targets.map(({ identity }) => identity.behaviour)
        }))
    )

  it.effect("opens all specs at once; targets are closed before their plugin", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* openAll(opening(echo)), ["base", "tuned"])
      assert.deepStrictEqual((globalThis as { driftgateEvents?: unknown }).driftgateEvents, ["base", "tuned", "plugin"])
    }))

  it.effect("that does not get closed is left after half a minute, and told of", () =>
    Effect.gen(function*() {
      const warnings: Array<unknown> = []
      const logger = Logger.make(({ message }) => void warnings.push(message))
      const code = opening(echo).replaceAll(/close: async \(\) => \{.*\}/g, "close: () => new Promise(() => {})")
      const fiber = yield* Effect.forkScoped(openAll(code).pipe(Effect.provide(Logger.layer([logger]))))
      // Its files are read meanwhile.
      while (fiber.pollUnsafe() === undefined) {
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["base", "tuned"])
      // Both targets together, then their plugin.
      const line = "t did not close within 30 seconds; it is left as it is"
      assert.deepStrictEqual(warnings.flat(), [line, line, line])
    }))

  it.effect("that throws a TargetError passes it on as it is", () =>
    Effect.gen(function*() {
      const thrown =
        "Object.assign(new Error(\"no key\"), { name: \"TargetError\", reason: \"auth\", retryable: false })"
      const error = yield* Effect.flip(openAll(opening(`(() => { throw ${thrown} })()`)))
      assert.deepInclude(error, { name: "TargetError", reason: "auth" })
    }))

  it.effect("that gives something else than targets is at fault", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(openAll(opening("({})")))
      assert.include(message, "t: open: /0/identity/behaviour must be a non-empty string")
    }))

  it.effect("that does not exist is an error that says which was meant", () =>
    Effect.gen(function*() {
      const files = pluginFiles("plugins/targets/openai", manifests.target("openai"))
      const { message } = yield* Effect.flip(
        Effect.scoped(withPlugins(files, (_, host) => host.loadTarget("opnai", { seed })))
      )
      assert.include(message, "there is no target scheme \"opnai\"\n  Did you mean openai?")
    }))
})

describe("a reporter", () => {
  const view: DecisionView = { decision: { verdict: "pass" }, async *units() {} }
  const rendered = (code: string) =>
    withPlugins(pluginFiles("reports/r", manifests.reporter("r"), code), (_, host) =>
      Effect.gen(function*() {
        const { render } = yield* host.loadReporter("r", { seed })
        return [...yield* Stream.runCollect(render(view))]
      }))
  const reporting = (file: string) => `export const reporter = { async *render(view) { yield ${file} } }`

  it.effect("gives files", () =>
    Effect.gen(function*() {
      const files = yield* rendered(reporting("{ path: \"a.txt\", content: view.decision.verdict }"))
      assert.deepStrictEqual(files, [{ path: "a.txt", content: "pass" }])
    }))

  it.effect("that would write outside of its folder is at fault", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(rendered(reporting("{ path: \"../a.txt\", content: \"\" }")))
      assert.include(
        message,
        "r: file 1: /path must be relative and stay inside the report's folder (got \"../a.txt\")"
      )
    }))
})
