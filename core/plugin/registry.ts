import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { PluginRef } from "../domain/plan.ts"
import { type InternalProblem, UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { contentDigestSync, ownDigestSync } from "./content.ts"
import type { Measure } from "./contract.ts"
import { discoverSync, type Discovery, type DiscoveryOptions } from "./discover.ts"
import { problemOfFaults } from "./fault.ts"
import type { Manifest, SuiteManifest } from "./manifest.ts"
import { makeOptionsCheck, optionDefaults, optionsProblem } from "./options.ts"
import type { Options, Plugin } from "./plugin.ts"
import { askedScorers, deepest, mergedRoles, type ResolvedScorer } from "./scorer.ts"
import { canonicalSelection, type ParsedSelection, parseSelection, type Selection } from "./selection.ts"
import { didYouMean } from "./suggest.ts"
import { overridden, type ResolvedSuite } from "./suite.ts"

/** A suite and the benchmark that offers it. */
interface ListedSuite {
  readonly suite: SuiteManifest
  readonly benchmark: Plugin
}

/** A target or reporter with its options. */
interface ResolvedPlugin {
  readonly id: string
  readonly ref: PluginRef
  readonly options: Options
  readonly plugin: Plugin
}

const unreadable = (cause: unknown) =>
  new UnavailableProblem({
    reason: "folder",
    what: `plugins could not be read: ${(cause as Error).message}`,
    fix: "Make this path readable, then run the command again"
  })

/**
 * Finds plugins without failing on those that can't be used, for `plugin list` and `plugin check`; imports no plugin.
 *
 * Fails with `UnavailableProblem` when the file system refuses to be read.
 */
export const discover = (options: DiscoveryOptions): Effect.Effect<Discovery, UnavailableProblem> =>
  Effect.try({ try: () => discoverSync(options), catch: unreadable })

const unknown = {
  benchmark: { word: "suite", reason: "suite", list: "driftgate suites list" },
  scorer: { word: "scorer", reason: "scorer", list: "driftgate plugin list" },
  target: { word: "target scheme", reason: "spec", list: "driftgate plugin list" },
  reporter: { word: "reporter", reason: "flag", list: "driftgate plugin list" }
} as const

const notFound = (kind: Manifest["kind"], id: string, known: ReadonlyArray<string>) =>
  new UsageProblem({
    reason: unknown[kind].reason,
    what: `there is no ${unknown[kind].word} ${JSON.stringify(id)}`,
    fix: `${didYouMean(id, known)}\`${unknown[kind].list}\` shows all there are`
  })

const make = Effect.fnUntraced(function*(discovery: DiscoveryOptions) {
  const { faults, plugins } = yield* discover(discovery)
  if (Arr.isReadonlyArrayNonEmpty(faults)) return yield* problemOfFaults(faults)
  const suites: ReadonlyArray<ListedSuite> = plugins.flatMap((benchmark) =>
    (benchmark.manifest.suites ?? []).map((suite) => ({ suite, benchmark }))
  )
  const checkOptions = yield* makeOptionsCheck
  const refs = new Map<string, PluginRef>()

  const ref = Effect.fnUntraced(function*(plugin: Plugin) {
    const known = refs.get(plugin.file)
    if (known !== undefined) return known
    const digestOf = plugin.source === "own" ? ownDigestSync : contentDigestSync
    const digest = yield* Effect.try({ try: () => digestOf(plugin.folder), catch: unreadable })
    const made: PluginRef = { id: plugin.manifest.id, version: plugin.manifest.version, digest }
    refs.set(plugin.file, made)
    return made
  })

  const parse = (kind: Manifest["kind"], selection: Selection) => {
    const parsed = parseSelection(selection)
    return Result.isSuccess(parsed) ? Effect.succeed(parsed.success) : Effect.fail(
      new UsageProblem({
        reason: unknown[kind].reason,
        where: String(selection),
        what: `options: ${parsed.failure}`,
        fix: `Write a ${unknown[kind].word} as ID or ID?option=value&option=value`
      })
    )
  }

  const find = Effect.fnUntraced(function*(kind: Manifest["kind"], id: string) {
    const ofKind = plugins.filter(({ manifest }) => manifest.kind === kind)
    return ofKind.find(({ manifest }) => manifest.id === id)
      ?? (yield* notFound(kind, id, ofKind.map(({ manifest }) => manifest.id)))
  })

  const resolved = Effect.fnUntraced(function*(plugin: Plugin, parsed: ParsedSelection) {
    const options = yield* checkOptions(plugin, parsed, parsed.id)
    const id = canonicalSelection(parsed.id, options, optionDefaults(plugin))
    return { id, options, ref: yield* ref(plugin), plugin } satisfies ResolvedPlugin
  })

  const resolveSuite = Effect.fn("Plugins.resolveSuite")(function*(selection: Selection) {
    const parsed = yield* parse("benchmark", selection)
    const listed = suites.find(({ suite }) => suite.id === parsed.id)
      ?? (yield* notFound("benchmark", parsed.id, suites.map(({ suite }) => suite.id)))
    const { id, options, plugin: benchmark, ref: plugin } = yield* resolved(listed.benchmark, parsed)
    const manifest = overridden(listed.suite, options, parsed.given)
    if (manifest.id !== parsed.id && suites.some(({ suite }) => suite.id === manifest.id)) {
      return yield* optionsProblem(benchmark, parsed.id, [
        `/as must not be the id of another suite (got ${manifest.id})`
      ])
    }
    return {
      id: manifest.id === parsed.id ? id : manifest.id,
      selection: id,
      plugin,
      manifest,
      options,
      entry: benchmark.entry,
      suite: parsed.id,
      benchmark
    } satisfies ResolvedSuite
  })

  const scorerFrom = (
    selection: Selection,
    askedBy: ReadonlyArray<string>
  ): Effect.Effect<ResolvedScorer, UsageProblem | UnavailableProblem | InternalProblem> =>
    Effect.gen(function*() {
      const parsed = yield* parse("scorer", selection)
      const { id, options, plugin: scorer, ref: plugin } = yield* resolved(yield* find("scorer", parsed.id), parsed)
      if (askedBy.includes(id)) {
        return yield* new UsageProblem({
          reason: "scorer",
          where: id,
          what: `the scorer asks itself: ${[...askedBy.slice(askedBy.indexOf(id)), id].join(" -> ")}`,
          fix: "Correct `uses` in these plugins, or choose other scorers in their options"
        })
      }
      if (askedBy.length === deepest) {
        return yield* new UsageProblem({
          reason: "scorer",
          where: askedBy[0]!,
          what: `scorers ask one another ${deepest} deep and more: ${[...askedBy, id].join(" -> ")}`,
          fix: `Choose scorers that ask at most ${deepest - 1} others in a row`
        })
      }
      const uses = yield* Effect.forEach(askedScorers(scorer, options), (asked) => scorerFrom(asked, [...askedBy, id]))
      const allowed = scorer.manifest.uses
      const foreign = uses.find((asked) => allowed !== undefined && !allowed.includes(asked.scorer.manifest.id))
      if (foreign !== undefined) {
        return yield* optionsProblem(scorer, parsed.id, [`it can ask ${allowed?.join(", ")}, not ${foreign.id}`])
      }
      const { measures = [], roles = [] } = scorer.manifest
      // One measure of several scorers: each of them has to give it.
      const measure = options["measure"] as Measure | undefined
      const without = measure === undefined ? undefined : uses.find((asked) => !asked.measures.includes(measure))
      if (without !== undefined) {
        return yield* optionsProblem(scorer, parsed.id, [
          `/measure is ${measure}, which ${without.id} does not give (it gives ${without.measures.join(", ")})`
        ])
      }
      return {
        id,
        plugin,
        options,
        measures: measures.includes(options["measure"] as Measure) ? [options["measure"] as Measure] : measures,
        roles: mergedRoles([...roles, ...uses.flatMap((asked) => asked.roles)]),
        uses,
        scorer
      }
    })

  return Plugins.of({
    all: plugins,
    suites,
    ref,
    resolveSuite,
    resolveScorer: Effect.fn("Plugins.resolveScorer")((selection: Selection) => scorerFrom(selection, [])),
    resolvePlugin: Effect.fn("Plugins.resolvePlugin")(function*(kind: "target" | "reporter", selection: Selection) {
      const parsed = yield* parse(kind, selection)
      return yield* resolved(yield* find(kind, parsed.id), parsed)
    })
  })
})

type Resolving<A> = Effect.Effect<A, UsageProblem | UnavailableProblem | InternalProblem>

/**
 * The plugins that were found, by what their manifests say; their code is not imported (`PluginHost` does that).
 *
 * The layer fails with `UsageProblem` when any plugin can't be used: none is ever left out silently.
 */
export class Plugins extends Context.Service<Plugins, {
  /** In the order of discovery. */
  readonly all: ReadonlyArray<Plugin>
  readonly suites: ReadonlyArray<ListedSuite>
  /** A plugin by content; reads its files once. */
  readonly ref: (plugin: Plugin) => Effect.Effect<PluginRef, UnavailableProblem>
  /** Fails with `UsageProblem` of reason `suite` or `options`. */
  readonly resolveSuite: (selection: Selection) => Resolving<ResolvedSuite>
  /** Fails with `UsageProblem` of reason `scorer` or `options`, also when scorers ask each other in a circle. */
  readonly resolveScorer: (selection: Selection) => Resolving<ResolvedScorer>
  /** A target by its scheme, a reporter by its id. */
  readonly resolvePlugin: (kind: "target" | "reporter", selection: Selection) => Resolving<ResolvedPlugin>
}>()("driftgate/plugin/Plugins") {
  static readonly layer = (options: DiscoveryOptions) => Layer.effect(Plugins, make(options))
}
