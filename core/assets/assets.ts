import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { sha256 } from "../domain/digest.ts"
import type { UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { AssetAccess, type OpenedAsset } from "../plugin/access.ts"
import type { Asset, AssetSource, ExtractRule } from "../plugin/manifest.ts"
import { type Disk, makeDisk } from "./disk.ts"
import { download } from "./download.ts"
import { extractFrom } from "./extract.ts"
import { type AssetFolders, assetFolders, cachePath, extractPath, placesOf } from "./folders.ts"
import { missing, notPulled, withoutAddress, wrongBytes, wrongExtract } from "./messages.ts"

/** What `pull` brought. */
interface PulledAsset extends OpenedAsset {
  /** `cache` when it was already here, else the mirror path or the address it came from. */
  readonly from: string
  /** Better alternatives that could not be downloaded, with the reason. */
  readonly failed: ReadonlyArray<string>
}

/** The state of one file in which an alternative may lie. */
interface AssetState {
  readonly source: string
  readonly place: "mirror" | "cache"
  readonly path: string
  readonly state: "verified" | "wrong" | "missing"
  /** Of the bytes found. */
  readonly sha256?: string
}

/** Pinned data: found, verified at every opening, and brought here on request only. */
export class Assets extends Context.Service<Assets, {
  /** A verified file; never downloads. */
  readonly open: (asset: Asset) => Effect.Effect<OpenedAsset, UnavailableProblem>
  /** Brings the best alternative that can be had into the cache: from the cache, the mirror or the network. */
  readonly pull: (asset: Asset) => Effect.Effect<PulledAsset, UnavailableProblem>
  /** The state of every place of every alternative. */
  readonly verify: (asset: Asset) => Effect.Effect<ReadonlyArray<AssetState>, UnavailableProblem>
}>()("driftgate/assets/Assets") {
  /** Folders from the environment. */
  static readonly layer: Layer.Layer<Assets | AssetAccess, UsageProblem> = Layer.unwrap(
    Effect.map(assetFolders, (folders) => Assets.layerIn(folders))
  )

  /** Given folders. */
  static readonly layerIn = (folders: AssetFolders): Layer.Layer<Assets | AssetAccess> =>
    Layer.effectContext(Effect.sync(() => {
      const assets = make(folders, makeDisk())
      return Context.make(Assets, assets).pipe(Context.add(AssetAccess, { open: assets.open }))
    }))
}

interface Found {
  readonly source: AssetSource
  readonly path: string
}

/** How the text of an asset is found in the file of an alternative. */
const ruleOf = (asset: Asset, source: AssetSource): ExtractRule | undefined => {
  if (source.extract !== undefined) return source.extract
  const pointer = asset.extract?.pointer
  return pointer === undefined ? undefined : { rule: "json-pointer", pointer }
}

const whereOf = (rule: ExtractRule): string => {
  if (rule.rule === "json-pointer") return rule.pointer
  return rule.rule === "python-arguments" ? `the calls of ${rule.call}` : `${rule.name}${rule.at ?? ""}`
}

const make = (folders: AssetFolders, disk: Disk): Assets["Service"] => {
  /** The verified file of one alternative, or undefined; a file with other bytes is an error, never passed over. */
  const find = Effect.fnUntraced(function*(asset: Asset, source: AssetSource) {
    for (const place of placesOf(folders, source)) {
      const found = yield* disk.digest(place.path)
      if (found === undefined) continue
      if (found.sha256 !== source.sha256) return yield* wrongBytes(asset, source, place, found)
      return { source, path: place.path } satisfies Found
    }
    return undefined
  })

  const extract = Effect.fnUntraced(function*(asset: Asset, file: Found) {
    if (asset.extract === undefined) return file.path
    const { sha256: pinned } = asset.extract
    const target = extractPath(folders, pinned)
    if ((yield* disk.digest(target))?.sha256 === pinned) return target
    const rule = ruleOf(asset, file.source)
    if (rule === undefined) return yield* wrongExtract(asset, file.path, `the manifest does not say how to read it`)
    const text = extractFrom(yield* disk.bytes(file.path), rule)
    if (Result.isFailure(text)) return yield* wrongExtract(asset, file.path, text.failure)
    const found = sha256(text.success)
    if (found !== pinned) {
      return yield* wrongExtract(
        asset,
        file.path,
        `the text at ${whereOf(rule)} has sha256 ${found}, not the pinned ${pinned}`
      )
    }
    yield* disk.write(target, text.success)
    return target
  })

  const opened = (asset: Asset, file: Found): Effect.Effect<OpenedAsset, UnavailableProblem> =>
    Effect.map(extract(asset, file), (path) => ({
      path,
      use: { name: asset.name, sha256: asset.extract?.sha256 ?? file.source.sha256, source: file.source.id }
    }))

  const open = Effect.fn("Assets.open")(function*(asset: Asset) {
    for (const source of asset.sources) {
      const file = yield* find(asset, source)
      if (file !== undefined) return yield* opened(asset, file)
    }
    const looked = asset.sources.flatMap((source) => placesOf(folders, source).map(({ path }) => path))
    return yield* missing(asset, looked)
  })

  /** Bytes of one alternative from the mirror, else from its address; why not; or that it is nowhere to be had. */
  const bring = Effect.fnUntraced(function*(asset: Asset, source: AssetSource) {
    for (const place of placesOf(folders, source)) {
      if (place.kind === "cache") continue
      const found = yield* disk.digest(place.path)
      if (found === undefined) continue
      if (found.sha256 !== source.sha256) return yield* wrongBytes(asset, source, place, found)
      return yield* Effect.map(disk.bytes(place.path), (bytes) => ({ bytes, from: place.path }))
    }
    const { url } = source
    if (url === undefined) return "absent"
    return yield* download({ url, sha256: source.sha256, bytes: source.bytes }).pipe(
      Effect.map((bytes) => ({ bytes, from: url })),
      Effect.catch(({ why }) => Effect.succeed({ why: `${url}: ${why}` }))
    )
  })

  const pull = Effect.fn("Assets.pull")(function*(asset: Asset) {
    const failed: Array<string> = []
    const absent: Array<string> = []
    for (const source of asset.sources) {
      const path = cachePath(folders, source.sha256)
      const here = (yield* disk.digest(path))?.sha256 === source.sha256
      const brought = here ? undefined : yield* bring(asset, source)
      if (brought === "absent") {
        absent.push(`${source.id}: it has no address and is not in a mirror`)
        continue
      }
      if (brought !== undefined && "why" in brought) {
        failed.push(`${source.id}: ${brought.why}`)
        continue
      }
      if (brought !== undefined) yield* disk.write(path, brought.bytes)
      return { ...(yield* opened(asset, { source, path })), from: brought?.from ?? "cache", failed }
    }
    return yield* failed.length === 0 ? withoutAddress(asset) : notPulled(asset, [...failed, ...absent])
  })

  const verify = Effect.fn("Assets.verify")(function*(asset: Asset) {
    const places = asset.sources.flatMap((source) => placesOf(folders, source).map((place) => ({ source, place })))
    return yield* Effect.forEach(
      places,
      ({ place, source }) =>
        Effect.map(disk.digest(place.path), (found): AssetState => ({
          source: source.id,
          place: place.kind,
          path: place.path,
          ...(found === undefined
            ? { state: "missing" }
            : { state: found.sha256 === source.sha256 ? "verified" : "wrong", sha256: found.sha256 })
        }))
    )
  })

  return { open, pull, verify }
}
