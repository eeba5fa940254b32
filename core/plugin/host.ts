import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { AssetUse, PluginRef } from "../domain/plan.ts"
import type { Problem } from "../domain/problem.ts"
import { hash32 } from "../domain/seed.ts"
import { AssetAccess } from "./access.ts"
import { pluginAssets } from "./assets.ts"
import { reportFileFault, sampleFault, targetsFault } from "./border.ts"
import { pluginContext } from "./context.ts"
import type {
  Benchmark,
  DecisionView,
  Excluded,
  Json,
  Reporter,
  Sample,
  Scorer,
  Target,
  TargetError,
  TargetPlugin,
  TargetSpec
} from "./contract.ts"
import { isTargetError } from "./contract.ts"
import type { Plugin } from "./plugin.ts"
import { Plugins } from "./registry.ts"
import { CurrentPluginRuntime } from "./runtime.ts"
import type { ResolvedScorer } from "./scorer.ts"
import { type LoadedScorer, loadScorer, type ScorerRun } from "./scoring.ts"
import type { Selection } from "./selection.ts"
import type { ResolvedSuite } from "./suite.ts"
import { pluginProblem, problemOfThrown } from "./thrown.ts"

/** A suite whose benchmark has been imported. */
export interface LoadedSuite {
  /**
   * Samples and the rows left out, each checked: a stream that can be run again. Its failure names suite and row, and
   * is a `Problem` of the pinned files where one of those is missing.
   */
  readonly samples: Stream.Stream<Sample | Excluded, Problem>
  /** The pinned files that the streams run so far have opened, by name. */
  readonly assets: () => ReadonlyArray<AssetUse>
}

/** A target plugin that has been imported. */
export interface LoadedTargets {
  readonly plugin: PluginRef
  /** Opens all specs of this scheme at once; the scope closes them. */
  readonly open: (
    specs: ReadonlyArray<TargetSpec>
  ) => Effect.Effect<ReadonlyArray<Target>, Problem | TargetError, Scope.Scope>
  readonly assets: () => ReadonlyArray<AssetUse>
}

/** A file of a report, its path relative to the report's folder. */
export interface ReportFile {
  readonly path: string
  readonly content: string | Uint8Array
}

/** A reporter that has been imported. */
export interface LoadedReporter {
  readonly plugin: PluginRef
  readonly render: (view: DecisionView) => Stream.Stream<ReportFile, Problem>
}

/** What a plugin is given by the run it serves. */
export interface PluginRun {
  /** Non-negative integer. */
  readonly seed: number
}

/**
 * Finds an id that was there before: `add` takes one row's, `first` gives the row and id of the first that repeats one.
 *
 * A set of strings would have V8 look up each in its table of names, 1 microsecond an id; here only a hash of each is
 * looked up at once, and the ids that share one are compared at the end.
 */
const repetition = () => {
  const hashes: Array<number> = []
  const ids: Array<string> = []
  return {
    add: (id: string): void => {
      // Signed, because a list of small integers takes the least.
      hashes.push(hash32(id, 0) | 0)
      ids.push(id)
    },
    first: (): { readonly row: number; readonly id: string } | undefined => {
      const sorted = Int32Array.from(hashes).sort()
      const shared = new Set(sorted.filter((hash, index) => index > 0 && hash === sorted[index - 1]))
      if (shared.size === 0) return undefined
      const seen = new Set<string>()
      for (const [index, id] of ids.entries()) {
        if (!shared.has(hashes[index]!)) continue
        if (seen.has(id)) return { row: index + 1, id }
        seen.add(id)
      }
      return undefined
    }
  }
}

const longestClose = "30 seconds"

// Passing a row on through a stream by itself costs more than the row.
const groupOfRows = 250

/** What a plugin yields, one by one, each checked before anyone sees it. */
const checkedStream = <A>(options: {
  readonly where: string
  readonly doing: string
  readonly start: () => AsyncIterable<A>
  /** What is wrong with an item; `row` is 1-based. */
  readonly fault: (item: A, row: number) => string | undefined
  /** What is wrong with all of them together, seen at the end. */
  readonly faultOfAll?: () => string | undefined
}): Stream.Stream<A, Problem> =>
  Stream.suspend(() => {
    const { doing, fault, faultOfAll, start, where } = options
    let row = 0
    // Both what the plugin throws and what it yields wrongly reach the stream as the iterator's own failure.
    async function* checked() {
      let group: Array<A> = []
      for await (const item of start()) {
        const wrong = fault(item, ++row)
        if (wrong !== undefined) throw pluginProblem(where, wrong)
        group.push(item)
        if (group.length < groupOfRows) continue
        yield group
        group = []
      }
      const wrong = faultOfAll?.()
      if (wrong !== undefined) throw pluginProblem(where, wrong)
      yield group
    }
    return Stream.fromAsyncIterable(checked(), (thrown) => problemOfThrown(where, doing, thrown)).pipe(
      Stream.flattenIterable
    )
  })

/** Closes what a plugin has open; one that does not get it done is told of and left alone. */
const closing = (id: string, close: () => unknown) =>
  Effect.tryPromise(async () => close()).pipe(
    Effect.ignore,
    // What closes at the end of a scope can't be interrupted otherwise.
    Effect.interruptible,
    Effect.timeoutOrElse({
      duration: longestClose,
      orElse: () => Effect.logWarning(`${id} did not close within ${longestClose}; it is left as it is`)
    })
  )

const make = Effect.gen(function*() {
  const access = yield* AssetAccess
  const plugins = yield* Plugins
  const warned = new Set<string>()

  const load = Effect.fnUntraced(function*<A>(plugin: Plugin) {
    const { id, isolation } = plugin.manifest
    if (isolation === "process" && !warned.has(plugin.file)) {
      warned.add(plugin.file)
      yield* Effect.logWarning(`${id} asks for a process of its own; this version runs every plugin inside driftgate`)
    }
    const runtime = yield* CurrentPluginRuntime
    return (yield* runtime.load(plugin)) as A
  })

  const loadBenchmark = Effect.fn("PluginHost.loadBenchmark")(function*(suite: ResolvedSuite, run: PluginRun) {
    const { benchmark: plugin, id, options } = suite
    const benchmark = yield* load<Benchmark>(plugin)
    const assets = pluginAssets(access, plugin, options, id)
    const samples = Stream.unwrap(Effect.gen(function*() {
      const signal = yield* Effect.abortSignal
      const context = yield* pluginContext({ plugin, options, seed: run.seed, signal, assets })
      const ids = repetition()
      return checkedStream({
        where: id,
        doing: "samples",
        start: () => benchmark.samples(suite.suite, context),
        fault: (sample, row) => {
          const wrong = sampleFault(sample)
          if (wrong !== undefined) return `row ${row}: ${wrong}`
          ids.add(sample.id)
          return undefined
        },
        faultOfAll: () => {
          const repeated = ids.first()
          return repeated === undefined
            ? undefined
            : `row ${repeated.row}: /id is taken by an earlier row (got ${JSON.stringify(repeated.id)})`
        }
      })
    }))
    return { samples, assets: assets.used } satisfies LoadedSuite
  })

  const loadTarget = Effect.fn("PluginHost.loadTarget")(function*(
    scheme: string,
    run: PluginRun & { readonly options?: Readonly<Record<string, Json>> }
  ) {
    const { id, options, plugin, ref } = yield* plugins.resolvePlugin("target", {
      id: scheme,
      options: run.options ?? {}
    })
    const opener = yield* load<TargetPlugin>(plugin)
    const assets = pluginAssets(access, plugin, options, id)
    const signal = yield* Effect.abortSignal
    const context = yield* pluginContext({ plugin, options, seed: run.seed, signal, assets })
    yield* Effect.addFinalizer(() => closing(id, () => opener.close?.()))
    const close = (target: Target) => closing(id, () => target.close())
    const open = (specs: ReadonlyArray<TargetSpec>) =>
      Effect.acquireRelease(
        Effect.tryPromise({
          try: () => Promise.resolve(opener.open(specs, context)),
          catch: (thrown) => isTargetError(thrown) ? thrown : problemOfThrown(id, "open", thrown)
        }).pipe(Effect.filterOrFail(
          (targets) => targetsFault(targets, specs.length) === undefined,
          (targets) => pluginProblem(id, `open: ${targetsFault(targets, specs.length)}`)
        )),
        (targets) => Effect.forEach(targets, close, { concurrency: "unbounded", discard: true }),
        // Opening may start an engine and take minutes; the signal tells the plugin to stop.
        { interruptible: true }
      )
    return { plugin: ref, open, assets: assets.used } satisfies LoadedTargets
  })

  const loadReporter = Effect.fn("PluginHost.loadReporter")(function*(selection: Selection, run: PluginRun) {
    const { id, options, plugin, ref } = yield* plugins.resolvePlugin("reporter", selection)
    const reporter = yield* load<Reporter>(plugin)
    const assets = pluginAssets(access, plugin, options, id)
    const render = (view: DecisionView) =>
      Stream.unwrap(Effect.gen(function*() {
        const signal = yield* Effect.abortSignal
        const context = yield* pluginContext({ plugin, options, seed: run.seed, signal, assets })
        const seen = new Set<string>()
        return checkedStream<ReportFile>({
          where: id,
          doing: "render",
          start: () => reporter.render(view, context),
          fault: (file, row) => {
            const wrong = reportFileFault(file)
            if (wrong !== undefined) return `file ${row}: ${wrong}`
            if (seen.has(file.path)) return `file ${row}: /path is taken by an earlier file (got ${file.path})`
            seen.add(file.path)
            return undefined
          }
        })
      }))
    return { plugin: ref, render } satisfies LoadedReporter
  })

  return PluginHost.of({
    loadBenchmark,
    loadScorer: Effect.fn("PluginHost.loadScorer")((scorer: ResolvedScorer, run: ScorerRun) =>
      loadScorer(
        { access, resolveScorer: plugins.resolveScorer, load: ({ scorer: plugin }) => load<Scorer>(plugin) },
        scorer,
        run
      )
    ),
    loadTarget,
    loadReporter
  })
})

/**
 * Imports plugins and calls them: the border between foreign code and driftgate, where every value that comes back is
 * checked. Needs `Plugins` to find them and `AssetAccess` for their pinned files.
 */
export class PluginHost extends Context.Service<PluginHost, {
  readonly loadBenchmark: (suite: ResolvedSuite, run: PluginRun) => Effect.Effect<LoadedSuite, Problem>
  readonly loadScorer: (scorer: ResolvedScorer, run: ScorerRun) => Effect.Effect<LoadedScorer, Problem, Scope.Scope>
  /** `options` are those of the plugin, not of one spec. @default none */
  readonly loadTarget: (
    scheme: string,
    run: PluginRun & { readonly options?: Readonly<Record<string, Json>> }
  ) => Effect.Effect<LoadedTargets, Problem, Scope.Scope>
  readonly loadReporter: (reporter: Selection, run: PluginRun) => Effect.Effect<LoadedReporter, Problem>
}>()("driftgate/plugin/PluginHost") {
  static readonly layer = Layer.effect(PluginHost, make)
}
