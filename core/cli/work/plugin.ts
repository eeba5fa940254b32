import * as Effect from "effect/Effect"
import { pluginsLayer } from "../../evaluate/layers.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { Plugins } from "../../plugin/registry.ts"
import { Output } from "../output.ts"
import { columns } from "../print/columns.ts"

/** `driftgate plugin list`: imports no plugin. */
export const list = Effect.fn("cli.pluginList")(function*(flags: Flags, json: boolean) {
  const settings = yield* readSettings(flags)
  yield* Effect.gen(function*() {
    const output = Output.make(json)
    const { all } = yield* Plugins
    const rows = all.map(({ folder, manifest, source }) => ({
      id: manifest.id,
      kind: manifest.kind,
      version: manifest.version,
      gives: manifest.kind === "scorer" ? manifest.measures ?? [] : (manifest.suites ?? []).map(({ id }) => id),
      roles: (manifest.roles ?? []).map(({ name }) => name),
      source,
      folder
    }))
    if (json) {
      for (const row of rows) yield* output.record({ type: "plugin", plugin: row })
      return
    }
    const lines = columns([
      ["plugin", "kind", "version", "from", "gives"],
      ...rows.map((row) => [
        row.id,
        row.kind,
        row.version,
        row.source,
        [...row.gives, ...row.roles.map((role) => `needs role ${role}`)].join(", ")
      ])
    ])
    for (const line of lines) yield* output.line(line)
  }).pipe(Effect.provide(pluginsLayer({ explicit: settings.plugins, configFolder: settings.configFolder })))
})
