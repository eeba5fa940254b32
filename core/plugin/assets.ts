import * as Effect from "effect/Effect"
import { canonicalJson } from "../domain/digest.ts"
import type { AssetUse } from "../domain/plan.ts"
import type { Problem } from "../domain/problem.ts"
import type { AssetAccess, OpenedAsset } from "./access.ts"
import type { Json } from "./contract.ts"
import type { Asset } from "./manifest.ts"
import type { Options, Plugin } from "./plugin.ts"
import { pluginProblem } from "./thrown.ts"

const holds = (option: Json | undefined, values: ReadonlyArray<Json>): boolean => {
  const given = (Array.isArray(option) ? option : [option]).map(canonicalJson)
  return values.some((value) => given.includes(canonicalJson(value)))
}

/** The pinned files that a plugin needs with these options: what `pull` has to fetch for it. */
const neededAssets = (plugin: Plugin, options: Options): ReadonlyArray<Asset> =>
  (plugin.manifest.assets ?? []).filter(({ when }) =>
    Object.entries(when ?? {}).every(([option, values]) => holds(options[option], values))
  )

/** The pinned files of one plugin: each opened at most once, and remembered. */
export interface PluginAssets {
  readonly open: (name: string) => Effect.Effect<OpenedAsset, Problem>
  /** Opens all that these options need. */
  readonly openAll: Effect.Effect<ReadonlyArray<AssetUse>, Problem>
  /** Those opened so far, by name. */
  readonly used: () => ReadonlyArray<AssetUse>
}

/** Access to the pinned files of a plugin, and a record of those it took. */
export const pluginAssets = (
  access: AssetAccess["Service"],
  plugin: Plugin,
  options: Options,
  where: string
): PluginAssets => {
  const needed = new Map(neededAssets(plugin, options).map((asset) => [asset.name, asset]))
  const opened = new Map<string, OpenedAsset>()
  const used = () => [...opened.values()].map(({ use }) => use).sort((a, b) => (a.name < b.name ? -1 : 1))
  const open = Effect.fnUntraced(function*(name: string) {
    const known = opened.get(name)
    if (known !== undefined) return known
    const asset = needed.get(name)
    if (asset === undefined) {
      const declared = (plugin.manifest.assets ?? []).some((other) => other.name === name)
      return yield* pluginProblem(
        where,
        declared
          ? `it asked for the asset ${name}, which its plugin.json declares for other options`
          : `it asked for the asset ${JSON.stringify(name)}, which its plugin.json does not declare`
      )
    }
    const file = yield* access.open(asset)
    opened.set(name, file)
    return file
  })
  return { open, used, openAll: Effect.map(Effect.forEach(needed.keys(), open), used) }
}
