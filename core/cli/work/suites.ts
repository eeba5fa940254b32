import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { digestOf } from "../../domain/digest.ts"
import { hostLayer, pluginsLayer } from "../../evaluate/layers.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import type { Excluded, Sample } from "../../plugin/contract.ts"
import { PluginHost } from "../../plugin/host.ts"
import { Plugins } from "../../plugin/registry.ts"
import { Output, visible } from "../output.ts"
import { columns } from "../print/columns.ts"

/** `driftgate suites list`: imports no plugin. */
export const list = Effect.fn("cli.suitesList")(function*(flags: Flags, json: boolean) {
  const settings = yield* readSettings(flags)
  yield* Effect.gen(function*() {
    const output = Output.make(json)
    const { suites } = yield* Plugins
    const rows = suites.map(({ benchmark, suite }) => ({
      id: suite.id,
      version: benchmark.manifest.version,
      kind: suite.kind,
      measures: suite.gates.length > 0 ? suite.gates : suite.tracks,
      samples: suite.samples ?? null,
      licence: suite.licence,
      scorer: suite.scorer
    }))
    if (json) {
      for (const row of rows) yield* output.record({ type: "suite", ...row })
      return
    }
    const header = ["suite", "kind", "measures", "samples", "scorer", "licence"]
    const lines = columns([
      header,
      ...rows.map((
        row
      ) => [row.id, row.kind, row.measures.join(","), String(row.samples ?? "-"), row.scorer, row.licence])
    ], new Set([3]))
    for (const line of lines) yield* output.line(line)
  }).pipe(Effect.provide(pluginsLayer({ explicit: settings.plugins, configFolder: settings.configFolder })))
})

const charactersOf = (messages: Sample["messages"]): number =>
  messages.reduce((sum, { content }) => sum + content.length, 0)

const facts = ({ attack, category, cluster, context, goal, messages, metadata, reference }: Sample) => ({
  goal,
  messages,
  cluster,
  category,
  attack,
  context,
  reference,
  metadata
})

/** What a sample is known by, without its words; a cluster may be named by the goal, so only its digest is there. */
const folded = ({ attack, category, cluster, goal, messages }: Sample) => ({
  category,
  attack,
  characters: charactersOf(messages),
  digest: digestOf({ goal, messages }),
  cluster: cluster === undefined ? undefined : digestOf(cluster)
})

/** `driftgate suites show`: prompts stay folded, for machines too, unless they are asked for. */
export const show = Effect.fn("cli.suitesShow")(function*(
  input: { readonly suite: string; readonly reveal: boolean },
  flags: Flags,
  json: boolean
) {
  const settings = yield* readSettings(flags)
  yield* Effect.gen(function*() {
    const output = Output.make(json)
    const plugins = yield* Plugins
    const host = yield* PluginHost
    const suite = yield* plugins.resolveSuite(input.suite)
    const loaded = yield* host.loadBenchmark(suite, { seed: settings.seed })
    const line = (sample: Sample | Excluded) => {
      if ("excluded" in sample) {
        return json
          ? output.record({ type: "excluded", id: sample.id, excluded: sample.excluded })
          : output.line(`${sample.id}  left out: ${sample.excluded}`)
      }
      const { category, id, messages } = sample
      if (json) {
        return output.record({ type: "sample", id, ...(input.reveal ? facts(sample) : folded(sample)) })
      }
      return output.line(
        `${visible(id)}  ${visible(category ?? "-")}  ${
          input.reveal
            ? visible(messages.map(({ content, role }) => `${role}: ${content}`).join(" | "))
            : `[${charactersOf(messages)} characters]`
        }`
      )
    }
    yield* Stream.runForEach(loaded.samples, line)
  }).pipe(Effect.provide(hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder })))
})
