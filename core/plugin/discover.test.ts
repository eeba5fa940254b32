import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { symlinkSync } from "node:fs"
import { join } from "node:path"
import { folderOf, inRoot, manifests, pluginFiles, suite } from "./plugin-tree.fixture.ts"
import { discover, Plugins } from "./registry.ts"

const idsOf = (root: string, more = {}) =>
  Effect.map(
    discover(inRoot(root, more)),
    ({ plugins }) => plugins.map(({ manifest, source }) => `${source} ${manifest.id}`)
  )

/** What the command prints when the plugins in these files can't all be used. */
const messageOf = Effect.fnUntraced(function*(files: Readonly<Record<string, unknown>>, more = {}) {
  const root = yield* folderOf(files)
  const problem = yield* Effect.flip(Effect.provide(Plugins, Plugins.layer(inRoot(root, more))))
  return problem.message.replaceAll(root, "ROOT")
})

describe("discovery", () => {
  it.effect("finds driftgate's own plugins of each kind", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        ...pluginFiles("plugins/targets/t", manifests.target("t")),
        ...pluginFiles("plugins/scorers/s", manifests.scorer("s")),
        ...pluginFiles("benchmarks/b", manifests.benchmark("b")),
        ...pluginFiles("reports/r", manifests.reporter("r"))
      })
      assert.deepStrictEqual(yield* idsOf(root), ["own t", "own s", "own b", "own r"])
    }))

  it.effect("finds the plugins/ and benchmarks/ folders of the working directory", () =>
    Effect.gen(function*() {
      const firstPartyRoot = yield* folderOf({})
      const cwd = yield* folderOf({
        ...pluginFiles("plugins/mine", manifests.scorer("mine")),
        ...pluginFiles("benchmarks/ours", manifests.benchmark("ours"))
      })
      assert.deepStrictEqual(yield* idsOf(cwd, { firstPartyRoot }), ["folder mine", "folder ours"])
    }))

  it.effect("does not take its own source tree for the user's folders when the built package runs in it", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        ...pluginFiles("benchmarks/b", manifests.benchmark("b")),
        ...pluginFiles("dist/benchmarks/b", manifests.benchmark("b"))
      })
      assert.deepStrictEqual(yield* idsOf(root, { firstPartyRoot: join(root, "dist") }), ["own b"])
    }))

  it.effect("finds installed packages by the driftgate field, scoped ones too, and passes over the others", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        "node_modules/plain/package.json": { name: "plain", dependencies: { driftgate: "^0.1.0" } },
        "node_modules/a-scorer/package.json": { name: "a-scorer", driftgate: manifests.scorer("from-package") },
        "node_modules/a-scorer/index.js": "",
        "node_modules/@scope/b/package.json": { name: "@scope/b", driftgate: manifests.reporter("from-scope") },
        "node_modules/@scope/b/index.js": ""
      })
      assert.deepStrictEqual(yield* idsOf(root), ["package from-scope", "package from-package"])
    }))

  it.effect("takes folders and package names of the explicit list, relative to the config file", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        ...pluginFiles("elsewhere/near", manifests.scorer("near")),
        "elsewhere/node_modules/far/package.json": { driftgate: manifests.scorer("far") },
        "elsewhere/node_modules/far/index.js": ""
      })
      const more = { configFolder: join(root, "elsewhere"), explicit: ["./near", "far"] }
      assert.deepStrictEqual(yield* idsOf(root, more), ["explicit near", "explicit far"])
    }))

  it.effect("counts a package that is both listed and installed once", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        "node_modules/p/package.json": { driftgate: manifests.scorer("p") },
        "node_modules/p/index.js": ""
      })
      assert.deepStrictEqual(yield* idsOf(root, { explicit: ["p"] }), ["explicit p"])
    }))

  it.effect("serves index.js by index.ts where only that exists", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        "benchmarks/b/plugin.json": manifests.benchmark("b"),
        "benchmarks/b/index.ts": ""
      })
      const { plugins } = yield* discover(inRoot(root))
      assert.strictEqual(plugins[0]?.entry, join(root, "benchmarks/b/index.ts"))
    }))

  it.effect("imports nothing: a plugin whose module throws is listed", () =>
    Effect.gen(function*() {
      const root = yield* folderOf(
        pluginFiles("plugins/scorers/s", manifests.scorer("s"), "throw new Error('imported')")
      )
      assert.deepStrictEqual(yield* idsOf(root), ["own s"])
    }))
})

describe("a plugin that can't be used fails the command, naming plugin, stage and path", () => {
  it.effect("manifest: not JSON", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({ "benchmarks/b/plugin.json": "{" })
      assert.match(message, /^b \(ROOT\/benchmarks\/b\/plugin\.json\): manifest: not JSON: SyntaxError/u)
    }))

  it.effect("manifest: fields that are missing, wrong or unknown, all at once", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({
        "benchmarks/b/plugin.json": { id: "B!", kind: "scorer", version: "1", extra: 1 }
      })
      assert.strictEqual(
        message,
        "B! (ROOT/benchmarks/b/plugin.json): manifest: /contract is missing; /entry is missing; /extra is not known; "
          + "/id must match pattern \"^[a-z0-9][a-z0-9-]*$\" (got \"B!\"); "
          + "/version must match pattern \"^[1-9][0-9]*-[A-Z]$\" (got \"1\")\n"
          + "  Correct this file, or remove the plugin; docs/plugins.md describes every field"
      )
    }))

  it.effect("manifest: what belongs to another kind", () =>
    Effect.gen(function*() {
      const message = yield* messageOf(
        pluginFiles("plugins/scorers/s", manifests.scorer("s", { measures: [], suites: [suite("x")] }))
      )
      assert.include(
        message,
        "/suites belongs to a benchmark, this is a scorer; /measures must name at least one measure"
      )
    }))

  it.effect("contract: a range that this version does not meet", () =>
    Effect.gen(function*() {
      const message = yield* messageOf(pluginFiles("plugins/scorers/s", manifests.scorer("s", { contract: "^2.0.0" })))
      assert.strictEqual(
        message,
        "s (ROOT/plugins/scorers/s/plugin.json): contract: it needs contract ^2.0.0, this driftgate offers 1.1.0\n"
          + "  Install a version of the plugin that fits, or another version of driftgate"
      )
    }))

  it.effect("contract: no range at all", () =>
    Effect.gen(function*() {
      const message = yield* messageOf(pluginFiles("plugins/scorers/s", manifests.scorer("s", { contract: "soon" })))
      assert.include(message, "contract: /contract is not a range of versions (got \"soon\")")
    }))

  it.effect("options: a schema that is not of an object", () =>
    Effect.gen(function*() {
      const message = yield* messageOf(
        pluginFiles("plugins/scorers/s", manifests.scorer("s", { options: { type: "array" } }))
      )
      assert.include(message, "s (ROOT/plugins/scorers/s/plugin.json): options: /options/type must be \"object\"")
    }))

  it.effect("options: an asset that depends on what is no option", () =>
    Effect.gen(function*() {
      const source = { id: "up", sha256: "0".repeat(64), bytes: 1, licence: "MIT" }
      const assets = [{ name: "list", sources: [source], when: { lst: ["a"] } }]
      const message = yield* messageOf(pluginFiles("plugins/scorers/s", manifests.scorer("s", { assets })))
      assert.include(message, "options: the asset list depends on lst, which is not an option")
    }))

  it.effect("entry: a file that does not exist", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({ "plugins/scorers/s/plugin.json": manifests.scorer("s") })
      assert.include(message, "s (ROOT/plugins/scorers/s/plugin.json): entry: /entry does not exist (got ./index.js)")
    }))

  it.effect("entry: a path that leaves the folder", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({
        "plugins/scorers/s/plugin.json": manifests.scorer("s", { entry: "../../x.js" }),
        "plugins/x.js": ""
      })
      assert.include(message, "entry: /entry must stay inside the plugin's folder (got ../../x.js)")
    }))

  it.effect("entry: a link that leaves the folder", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({ "plugins/scorers/s/plugin.json": manifests.scorer("s"), "outside.js": "" })
      symlinkSync(join(root, "outside.js"), join(root, "plugins/scorers/s/index.js"))
      const { faults } = yield* discover(inRoot(root))
      assert.deepStrictEqual(faults.map(({ details, stage }) => [stage, ...details]), [
        ["entry", "/entry leads out of the plugin's folder (got ./index.js)"]
      ])
    }))

  it.effect("entry: TypeScript in an installed package, which Node does not run", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({
        "node_modules/p/package.json": { driftgate: manifests.scorer("p", { entry: "./index.ts" }) },
        "node_modules/p/index.ts": ""
      })
      assert.include(message, "entry: /entry must be JavaScript in an installed package")
    }))

  it.effect("an installed package that is broken, as well", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({ "node_modules/p/package.json": { driftgate: { id: "p" } } })
      assert.match(message, /^p \(ROOT\/node_modules\/p\/package\.json\): manifest: \/kind is missing/u)
    }))

  it.effect("a listed folder that is no plugin, and a listed package that is not installed", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({ "empty/x": "" }, { explicit: ["./empty", "not-there"] })
      assert.strictEqual(
        message,
        "2 plugins can't be used\n"
          + "  ./empty (ROOT/empty): manifest: the folder has neither a plugin.json nor a package.json with a driftgate field\n"
          + "  not-there (ROOT/node_modules/not-there): manifest: there is no such folder or package\n"
          + "  Correct or remove each of them; docs/plugins.md describes every field"
      )
    }))

  it.effect("duplicate: two plugins of a kind with one id, naming both", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({
        ...pluginFiles("plugins/scorers/a", manifests.scorer("same")),
        ...pluginFiles("plugins/scorers/b", manifests.scorer("same"))
      })
      assert.include(
        message,
        "same (ROOT/plugins/scorers/b/plugin.json): duplicate: the scorer id same is already taken by "
          + "ROOT/plugins/scorers/a/plugin.json"
      )
    }))

  it.effect("duplicate: two benchmarks that offer one suite, naming both", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({
        ...pluginFiles("benchmarks/a", manifests.benchmark("a", { suites: [suite("one")] })),
        ...pluginFiles("benchmarks/b", manifests.benchmark("b", { suites: [suite("one")] }))
      })
      assert.include(message, "duplicate: the suite id one is already taken by ROOT/benchmarks/a/plugin.json")
    }))
})

describe("ids of different kinds", () => {
  it.effect("may be equal: a target and a scorer do not meet", () =>
    Effect.gen(function*() {
      const root = yield* folderOf({
        ...pluginFiles("plugins/targets/x", manifests.target("x")),
        ...pluginFiles("plugins/scorers/x", manifests.scorer("x"))
      })
      assert.deepStrictEqual(yield* idsOf(root), ["own x", "own x"])
    }))
})
