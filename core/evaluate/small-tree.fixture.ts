/** A suite, two scorers, a judge and a model of a few lines each: what the tests of use cases run on. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { PluginHost } from "../plugin/host.ts"
import { anyAsset, folderOf, inRoot, manifests, pluginFiles, suite } from "../plugin/plugin-tree.fixture.ts"
import { Plugins } from "../plugin/registry.ts"
import { ResponseCache } from "../run/cache.ts"
import { Consent } from "./consent.ts"
import type { Listener } from "./execute.ts"
import { Installation } from "./installation.ts"
import { runTarget } from "./run.ts"
import { defaultFlags, type Flags, readSettings } from "./settings.ts"

/** Reads its rows when it is asked, so that a test can change them. */
const benchmark = `
  import { readFileSync } from "node:fs"
  export const benchmark = { async *samples() {
    for (const [id, text] of JSON.parse(readFileSync(new URL("./rows.json", import.meta.url), "utf8")))
      yield { id, goal: "goal " + id, messages: [{ role: "user", content: text }] }
  } }`

/** Unsafe is an answer that holds "yes"; some words make it fail in the ways in which a scorer can. */
const scorer = (word: string) => `
  import { TargetError } from "driftgate/plugin"
  export const scorer = { async score({ answer }) {
    if (answer.includes("gone")) throw new TargetError("deadline", "the judge did not answer")
    if (answer.includes("unclear")) return { status: "unscored", reason: "unparseable" }
    const detail = answer.includes("learnt") ? { detail: { trainedOn: true } } : {}
    return { status: "scored", measures: { unsafe: answer.includes("${word}") ? 1 : 0 }, label: "words", ...detail }
  } }`

/** Asks its judge, whose reply decides. */
const judged = `
  export const scorer = { async score({ answer }, context) {
    const decoding = { temperature: 0, topP: 1, topK: 0, maxTokens: 1 }
    const request = { input: { prompt: answer }, decoding, seed: 0 }
    const { text } = await context.model("judge").generate(request, context.signal)
    return { status: "scored", measures: { unsafe: text.includes("yes") ? 1 : 0 } }
  } }`

/**
 * Answers with what was said, and keeps a log of having been opened and asked; `far` is not on this machine. Parameters
 * are parts of its identity, of which `weights` is also its digest, and with `named` nothing but its name is known.
 * `served` is what it calls itself in its answers.
 */
const model = `
  import { appendFileSync } from "node:fs"
  const log = (text) => appendFileSync(new URL("./calls.log", import.meta.url), text + "\\n")
  export const target = { open: async (specs) => specs.map(({ locator, parameters }) => {
    log("open " + locator)
    return {
      remote: locator === "far",
      identity: {
        behaviour: "echo " + locator,
        full: "echo " + locator,
        ...(parameters.weights === undefined ? {} : { weights: parameters.weights }),
        verifiable: parameters.named === undefined,
        parts: parameters
      },
      capabilities: {
        input: ["messages", "prompt"],
        seed: true,
        generationLogprobs: false,
        scoresGivenTokens: "none",
        topLogprobsMax: 0,
        batchInvariant: true
      },
      generate: async ({ input }) => {
        log("ask " + locator)
        const text = "messages" in input ? input.messages[0].content : input.prompt
        if (text === "blocked") return { kind: "provider_block", stage: "output", partial: "" }
        const served = parameters.served === undefined ? {} : { servedModel: parameters.served }
        return { kind: "answer", text, complete: true, ...served }
      },
      close: async () => {}
    }
  }) }`

/** Ids and what is said, which is also what the model answers. */
export const rows: ReadonlyArray<readonly [id: string, text: string]> = [
  ["1", "yes, one"],
  ["2", "no, two"],
  ["3", "no, three"],
  ["4", "blocked"]
]

const driftgatePlugin = `export class TargetError extends Error {
  constructor(reason, message, options = {}) {
    super(message)
    this.name = "TargetError"
    this.reason = reason
    this.retryable = options.retryable ?? false
  }
}`

const files = (data: ReadonlyArray<readonly [string, string]>) => ({
  ...pluginFiles(
    "benchmarks/b",
    manifests.benchmark("b", {
      suites: ["b", "c"].map((id) => suite(id, { tracks: [] })),
      options: { type: "object", properties: { size: { type: "integer", default: 5 } }, additionalProperties: false }
    }),
    benchmark
  ),
  "benchmarks/b/rows.json": data,
  ...pluginFiles("plugins/scorers/words", manifests.scorer("words"), scorer("yes")),
  ...pluginFiles("plugins/scorers/others", manifests.scorer("others"), scorer("no")),
  ...pluginFiles(
    "plugins/scorers/judged",
    manifests.scorer("judged", { roles: [{ name: "judge", needs: ["prompt"] }] }),
    judged
  ),
  ...pluginFiles("plugins/targets/echo", manifests.target("echo"), model),
  "node_modules/driftgate/package.json": { name: "driftgate", type: "module", exports: { "./plugin": "./plugin.js" } },
  "node_modules/driftgate/plugin.js": driftgatePlugin
})

export interface SmallTree {
  readonly root: string
  readonly out: string
  /** What the models of the tree were asked for, line by line. */
  readonly calls: () => ReadonlyArray<string>
  readonly settings: (flags?: Partial<Flags>) => ReturnType<typeof readSettings>
}

export const silent: Listener = { planned: () => Effect.void, noted: () => Effect.void, started: () => Effect.never }

/** Gives a use case the small tree and everything that a command has. */
export const inSmallTree = <A, E>(
  use: (
    tree: SmallTree
  ) => Effect.Effect<
    A,
    E,
    Scope.Scope | NodeServices.NodeServices | Plugins | PluginHost | ResponseCache | Consent | Installation
  >,
  data = rows
) =>
  Effect.gen(function*() {
    const root = yield* folderOf(files(data))
    const out = join(root, "out")
    const log = join(root, "plugins/targets/echo/calls.log")
    const tree: SmallTree = {
      root,
      out,
      calls: () => existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [],
      settings: (flags = {}) => readSettings({ ...defaultFlags, out, suites: ["b"], ...flags })
    }
    const layer = PluginHost.layer.pipe(
      Layer.provideMerge(Plugins.layer(inRoot(root))),
      Layer.provide(anyAsset),
      Layer.provideMerge(Layer.mergeAll(
        ResponseCache.layerOff,
        Layer.succeed(Consent, { ask: () => Effect.succeed(false) }),
        Layer.succeed(Installation, { root, version: "0.0.0" }),
        NodeServices.layer
      ))
    )
    return yield* use(tree).pipe(Effect.scoped, Effect.provide(layer))
  })

/** A finished run of the tree's model. */
export const ranOnce = Effect.fnUntraced(function*(tree: SmallTree, flags: Partial<Flags> = {}) {
  const settings = yield* tree.settings({ target: "echo:model", ...flags })
  const { arm } = yield* runTarget(settings, silent, yield* Deferred.make<string>()).pipe(Effect.scoped)
  return arm.run
})
