import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { basename } from "node:path"
import { pathToFileURL } from "node:url"
import { InternalProblem } from "../domain/problem.ts"
import type { Manifest } from "./manifest.ts"
import type { Plugin } from "./plugin.ts"

/** The member that makes an exported value a plugin of its kind. */
const members: Readonly<Record<Manifest["kind"], string>> = {
  benchmark: "samples",
  scorer: "score",
  target: "open",
  reporter: "render"
}

/** How a plugin's code is brought to life: the seam where a child process will take over from the own process. */
export interface PluginRuntime {
  /** What the entry module exports under the name of the plugin's kind. */
  readonly load: (plugin: Plugin) => Effect.Effect<unknown, InternalProblem>
}

const failed = ({ entry, folder, manifest }: Plugin, what: string, cause?: unknown) =>
  new InternalProblem({
    reason: "plugin",
    where: `${manifest.id} (${folder})`,
    what: `load: ${basename(entry)} ${what}`,
    fix: "Correct the plugin, or tell its author; docs/plugins.md shows what a module exports",
    ...(cause === undefined ? {} : { cause })
  })

/** Runs plugins in driftgate's own process. */
const inlineRuntime: PluginRuntime = {
  load: Effect.fn("PluginRuntime.load")(function*(plugin) {
    const { kind } = plugin.manifest
    const module = yield* Effect.tryPromise({
      try: () => import(pathToFileURL(plugin.entry).href) as Promise<Readonly<Record<string, unknown>>>,
      catch: (cause) =>
        failed(plugin, `failed while it was imported: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
    })
    const value = module[kind]
    const found = Object.keys(module).sort()
    if (value === undefined) {
      const exported = found.length === 0 ? "nothing" : found.join(", ")
      return yield* failed(plugin, `exports no ${kind} (it exports ${exported})`)
    }
    const member = members[kind]
    return typeof value === "object" && value !== null && typeof (value as never)[member] === "function"
      ? value
      : yield* failed(plugin, `exports a ${kind} without the function ${member}`)
  })
}

/** The runtime in use. @default inlineRuntime */
export const CurrentPluginRuntime = Context.Reference<PluginRuntime>("driftgate/plugin/PluginRuntime", {
  defaultValue: () => inlineRuntime
})
