import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Result from "effect/Result"
import { digestOf } from "../domain/digest.ts"
import { checkManifest } from "./manifest-check.ts"
import { manifestJsonSchema } from "./manifest-compile.ts"
import { generatedFrom, validate } from "./manifest.generated.ts"
import { manifests, suite } from "./plugin-tree.fixture.ts"

const fresh = new Ajv2020({ strict: true, strictTuples: false, allErrors: true }).compile(manifestJsonSchema())

const source = { id: "up", url: "https://example.org/a", sha256: "0".repeat(64), bytes: 1, licence: "MIT" }
const values: Readonly<Record<string, readonly [value: unknown, good: boolean]>> = {
  "each kind at its smallest": [manifests.target("t"), true],
  "a benchmark with suites": [manifests.benchmark("b"), true],
  "an asset with an extract and a condition": [
    manifests.scorer("s", {
      assets: [{
        name: "a",
        sources: [source],
        extract: { pointer: "/[id=x]/y", sha256: "f".repeat(64) },
        when: { list: ["x"] }
      }]
    }),
    true
  ],
  "an asset with an alternative whose text is found in another way": [
    manifests.scorer("s", {
      assets: [{
        name: "a",
        sources: [{ ...source, extract: { rule: "python-literal", name: "A.b", at: "/0", cell: "/cells/0/source" } }],
        extract: { sha256: "f".repeat(64) }
      }]
    }),
    true
  ],
  "an extract by a rule that there is not": [
    manifests.scorer("s", {
      assets: [{
        name: "a",
        sources: [{ ...source, extract: { rule: "python-run", name: "A" } }],
        extract: { sha256: "f".repeat(64) }
      }]
    }),
    false
  ],
  "an asset without a source": [manifests.scorer("s", { assets: [{ name: "a", sources: [] }] }), false],
  "a digest in upper case": [
    manifests.scorer("s", { assets: [{ name: "a", sources: [{ ...source, sha256: "F".repeat(64) }] }] }),
    false
  ],
  "a suite with an unknown measure": [manifests.benchmark("b", { suites: [suite("b", { gates: ["harm"] })] }), false],
  "a suite with a field too many": [manifests.benchmark("b", { suites: [suite("b", { extra: 1 })] }), false],
  "an empty entry": [manifests.target("t", { entry: "" }), false],
  "a list": [[], false],
  "null": [null, false]
}

describe("the compiled check of manifests", () => {
  it("was compiled from the schema as it is now", () => {
    assert.strictEqual(
      generatedFrom,
      digestOf(manifestJsonSchema()),
      "run: node --conditions=driftgate-source core/plugin/manifest-compile.ts"
    )
  })
  for (const [name, [value, good]] of Object.entries(values)) {
    it(`${good ? "accepts" : "refuses"} ${name}, as ajv does at run time`, () => {
      assert.strictEqual(validate(value), good)
      assert.strictEqual(fresh(value), good)
    })
  }
})

describe("the texts that a manifest extracts", () => {
  const extract = { rule: "python-literal", name: "A" }
  const detailsOf = (asset: object) => {
    const manifest = manifests.scorer("s", { assets: [{ name: "a", ...asset }] })
    const checked = checkManifest({ name: "s", file: "s/plugin.json", manifest })
    return Result.isFailure(checked) ? checked.failure.details : []
  }
  const sha256 = "f".repeat(64)

  it("need their digest", () => {
    assert.deepStrictEqual(detailsOf({ sources: [source, { ...source, extract }] }), [
      "/assets/0/sources/1/extract needs the sha256 of the text in /assets/0/extract"
    ])
  })

  it("are found in each alternative by its own rule or by the asset's pointer", () => {
    assert.deepStrictEqual(detailsOf({ sources: [source, { ...source, extract }], extract: { sha256 } }), [
      "/assets/0/sources/0 does not say how the text is found: /extract here, or /assets/0/extract/pointer"
    ])
    const pointed = { sources: [source, { ...source, extract }], extract: { sha256, pointer: "/a" } }
    assert.deepStrictEqual(detailsOf(pointed), [])
  })
})

describe("a scorer that says it is exact", () => {
  const told = (more: object) => {
    const checked = checkManifest({ name: "s", file: "plugin.json", manifest: manifests.scorer("s", more) })
    return Result.isFailure(checked) ? checked.failure.details : []
  }
  it("compares by itself: it asks no model and no other scorer", () => {
    assert.deepStrictEqual(told({ exact: true, uses: [] }), [])
    assert.deepStrictEqual(told({ exact: false, uses: ["other"] }), [])
    assert.deepStrictEqual(told({ exact: true, uses: ["other"] }), [
      "/exact is for a scorer that compares by itself, and this one has /uses"
    ])
    assert.deepStrictEqual(told({ exact: true, roles: [{ name: "judge", needs: ["messages"] }] }), [
      "/exact is for a scorer that compares by itself, and this one has /roles"
    ])
  })
})
