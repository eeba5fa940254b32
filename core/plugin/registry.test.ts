import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { manifests, pluginFiles, suite, withPlugins } from "./plugin-tree.fixture.ts"
import { judgingScorers } from "./scorer.ts"
import type { Selection } from "./selection.ts"

const options = {
  type: "object",
  properties: {
    k: { type: "integer", minimum: 1, maximum: 666, default: 1 },
    attacks: { type: "array", items: { enum: ["pair", "gcg", "a,b"] }, default: ["pair"] },
    whole: { type: "boolean", default: false },
    share: { type: "number" },
    path: { type: "string" },
    map: { type: "object" }
  }
}

const files = {
  ...pluginFiles("benchmarks/wild", manifests.benchmark("wild", { options, suites: [suite("in-the-wild")] })),
  ...pluginFiles("benchmarks/plain", manifests.benchmark("plain")),
  ...pluginFiles(
    "benchmarks/file",
    manifests.benchmark("file", {
      options: {
        type: "object",
        required: ["path"],
        properties: {
          path: { type: "string" },
          as: { type: "string" },
          measure: { enum: ["unsafe", "refused", "wrong"] },
          kind: { enum: ["harmful", "benign", "task"] },
          scorer: { type: "string" }
        }
      }
    })
  ),
  ...pluginFiles("plugins/scorers/words", manifests.scorer("words", { measures: ["unsafe", "refused"] }))
}

const suiteOf = (selection: Selection) => withPlugins(files, (plugins) => plugins.resolveSuite(selection))
const refusalOf = (selection: Selection) => Effect.map(Effect.flip(suiteOf(selection)), ({ message }) => message)

const known =
  "options are: k (integer, 1 to 666, default 1); attacks (array, of \"pair\", \"gcg\", \"a,b\", default [\"pair\"]); "
  + "whole (boolean, default false); share (number); path (string); map (object)"

describe("a suite's options", () => {
  it.effect("are typed by the plugin's schema, with defaults filled in", () =>
    Effect.gen(function*() {
      const { options } = yield* suiteOf("in-the-wild?k=4&whole=true&share=0.5&attacks=gcg,a%2Cb&map=%7B%22x%22:1%7D")
      assert.deepStrictEqual(options, { k: 4, whole: true, share: 0.5, attacks: ["gcg", "a,b"], map: { x: 1 } })
    }))

  it.effect("make one canonical id, whatever their order, without those that equal their defaults", () =>
    Effect.gen(function*() {
      const texts = [
        "in-the-wild?whole=true&k=4",
        "in-the-wild?k=4&whole=true&attacks=pair",
        "in-the-wild?k=04&whole=true"
      ]
      const ids = yield* Effect.forEach(texts, (text) => Effect.map(suiteOf(text), ({ id }) => id))
      assert.deepStrictEqual(new Set(ids), new Set(["in-the-wild?k=4&whole=true"]))
    }))

  it.effect("leave the bare id when all equal their defaults", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* suiteOf("in-the-wild?k=1")).id, "in-the-wild")
    }))

  it.effect("may be given as data, where types are not coerced", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* suiteOf({ id: "in-the-wild", options: { k: 4 } })).id, "in-the-wild?k=4")
      const message = yield* refusalOf({ id: "in-the-wild", options: { k: "4" } })
      assert.include(message, "in-the-wild: options: /k must be integer (got \"4\")")
    }))

  for (
    const text of [
      "in-the-wild?attacks=a%2Cb,gcg&k=2",
      "in-the-wild?path=data/a%26b%3D%3F%25.jsonl",
      "in-the-wild?map=%7B%22b%22%3A%5B1%5D%7D",
      "in-the-wild?attacks="
    ]
  ) {
    it.effect(`come back from the canonical id: ${text}`, () =>
      Effect.gen(function*() {
        const first = yield* suiteOf(text)
        const again = yield* suiteOf(first.id)
        assert.deepStrictEqual(again.options, first.options)
        assert.strictEqual(again.id, first.id)
      }))
  }

  it.effect("that are out of range are refused with the value and what there is", () =>
    Effect.gen(function*() {
      const message = yield* refusalOf("in-the-wild?k=1000")
      assert.strictEqual(message, `in-the-wild: options: /k must be <= 666 (got 1000)\n  ${known}`)
    }))

  it.effect("that do not exist are refused with the one that was meant", () =>
    Effect.gen(function*() {
      const message = yield* refusalOf("in-the-wild?shares=1")
      assert.strictEqual(message, `in-the-wild: options: there is no option shares, did you mean share?\n  ${known}`)
    }))

  it.effect("that are none of the choices are refused with the choices", () =>
    Effect.gen(function*() {
      const message = yield* refusalOf("in-the-wild?attacks=dan")
      assert.include(message, "options: /attacks/0 must be one of \"pair\", \"gcg\", \"a,b\" (got \"dan\")")
    }))

  it.effect("that no JSON number can hold are refused", () =>
    Effect.gen(function*() {
      assert.include(yield* refusalOf("in-the-wild?share=1e999"), "in-the-wild: options: /share")
    }))

  it.effect("given twice are refused", () =>
    Effect.gen(function*() {
      const message = yield* refusalOf("in-the-wild?k=1&k=2")
      assert.strictEqual(
        message,
        "in-the-wild?k=1&k=2: options: /k is given twice\n  Write a suite as ID or ID?option=value&option=value"
      )
    }))

  it.effect("without a value are refused", () =>
    Effect.gen(function*() {
      assert.include(yield* refusalOf("in-the-wild?k"), "options: \"k\" is not of the form option=value")
    }))

  it.effect("with a broken percent code are refused", () =>
    Effect.gen(function*() {
      assert.include(
        yield* refusalOf("in-the-wild?path=%zz"),
        "options: /path: \"%zz\" has a % that is not followed by"
      )
    }))

  it.effect("are all refused by a plugin that has none", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* refusalOf("plain?k=1"), "plain: options: there is no option k\n  it takes no options")
    }))

  it.effect("that the schema requires are asked for", () =>
    Effect.gen(function*() {
      assert.include(
        yield* refusalOf("file"),
        "file: options: /path is missing\n  options are: path (string, required)"
      )
    }))

  it.effect("can't reach the prototype of the options", () =>
    Effect.gen(function*() {
      assert.include(yield* refusalOf("in-the-wild?__proto__=1"), "there is no option __proto__")
    }))

  it.effect("are refused, naming plugin and file, when the schema itself is no schema", () =>
    Effect.gen(function*() {
      const broken = pluginFiles(
        "benchmarks/b",
        manifests.benchmark("b", { options: { type: "object", properties: { k: { type: "numeral" } } } })
      )
      const problem = yield* Effect.flip(withPlugins(broken, (plugins) => plugins.resolveSuite("b?k=1")))
      assert.match(
        problem.message,
        /^b \(.*\/benchmarks\/b\/plugin\.json\): options: \/options is not a JSON Schema that ajv/u
      )
    }))
})

describe("a suite that does not exist", () => {
  it.effect("is an error that says which was meant and how to list them", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* refusalOf("in-the-wlid"),
        "there is no suite \"in-the-wlid\"\n  Did you mean in-the-wild? `driftgate suites list` shows all there are"
      )
    }))

  it.effect("suggests nothing where nothing is near", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* refusalOf("zebra"),
        "there is no suite \"zebra\"\n  `driftgate suites list` shows all there are"
      )
    }))
})

describe("the options as, kind, measure and scorer of a benchmark", () => {
  it.effect("name the suite, its measure, its kind and its scorer", () =>
    Effect.gen(function*() {
      const resolved = yield* suiteOf("file?path=a.csv&as=house&measure=refused&scorer=words")
      assert.strictEqual(resolved.id, "house")
      assert.strictEqual(resolved.suite, "file")
      assert.strictEqual(resolved.selection, "file?as=house&measure=refused&path=a.csv&scorer=words")
      const { gates, id, kind, scorer, tracks } = resolved.manifest
      assert.deepStrictEqual({ id, gates, tracks, kind, scorer }, {
        id: "house",
        gates: ["refused"],
        tracks: [],
        kind: "benign",
        scorer: "words"
      })
    }))

  it.effect("leave the manifest's words where they are not given", () =>
    Effect.gen(function*() {
      const { manifest } = yield* suiteOf("file?path=a.csv")
      assert.deepStrictEqual([manifest.id, manifest.gates, manifest.kind], ["file", ["unsafe"], "harmful"])
    }))

  it.effect("let an explicit kind win over what the measure implies", () =>
    Effect.gen(function*() {
      const { manifest } = yield* suiteOf("file?path=a.csv&measure=refused&kind=harmful")
      assert.strictEqual(manifest.kind, "harmful")
    }))

  it.effect("can't take the name of another suite", () =>
    Effect.gen(function*() {
      assert.include(
        yield* refusalOf("file?path=a.csv&as=in-the-wild"),
        "file: options: /as must not be the id of another suite (got in-the-wild)"
      )
    }))
})

describe("a scorer", () => {
  const judge = { name: "judge", needs: ["messages"] }
  const scorers = {
    ...pluginFiles("plugins/scorers/judged", manifests.scorer("judged", { roles: [judge] })),
    ...pluginFiles(
      "plugins/scorers/either",
      manifests.scorer("either", {
        measures: ["unsafe", "wrong"],
        options: { type: "object", properties: { measure: { enum: ["unsafe", "wrong"], default: "wrong" } } }
      })
    ),
    ...pluginFiles(
      "plugins/scorers/fixed",
      manifests.scorer("fixed", { uses: ["judged"], roles: [{ name: "judge", needs: ["topLogprobs"] }] })
    ),
    ...pluginFiles(
      "plugins/scorers/panel",
      manifests.scorer("panel", {
        options: {
          type: "object",
          properties: { members: { type: "array", items: { type: "string", format: "scorer" } } }
        }
      })
    ),
    ...pluginFiles(
      "plugins/scorers/narrow",
      manifests.scorer("narrow", {
        uses: ["either"],
        options: { type: "object", properties: { first: { type: "string", format: "scorer", default: "either" } } }
      })
    ),
    ...pluginFiles(
      "plugins/scorers/chooser",
      manifests.scorer("chooser", {
        measures: ["unsafe", "wrong"],
        options: {
          type: "object",
          properties: {
            of: { type: "string", format: "scorer" },
            measure: { enum: ["unsafe", "wrong"], default: "unsafe" }
          }
        }
      })
    ),
    ...pluginFiles("plugins/scorers/hen", manifests.scorer("hen", { uses: ["egg"] })),
    ...pluginFiles("plugins/scorers/egg", manifests.scorer("egg", { uses: ["hen"] }))
  }
  const scorerOf = (selection: Selection) => withPlugins(scorers, (plugins) => plugins.resolveScorer(selection))

  it.effect("brings the roles of the scorers it asks, each with all that is needed of it", () =>
    Effect.gen(function*() {
      const { roles, uses } = yield* scorerOf("fixed")
      assert.deepStrictEqual(roles, [{ name: "judge", needs: ["topLogprobs", "messages"] }])
      assert.deepStrictEqual(uses.map(({ id }) => id), ["judged"])
    }))

  it.effect("asks those that its options of the format scorer name, with their options", () =>
    Effect.gen(function*() {
      const { id, uses } = yield* scorerOf("panel?members=judged,either%3Fmeasure%3Dunsafe")
      assert.deepStrictEqual(uses.map((used) => used.id), ["judged", "either?measure=unsafe"])
      assert.strictEqual(id, "panel?members=judged,either%3Fmeasure%3Dunsafe")
    }))

  it.effect("gives only the measure that its option measure names", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* scorerOf("either?measure=unsafe")).measures, ["unsafe"])
      assert.deepStrictEqual((yield* scorerOf("either")).measures, ["wrong"])
    }))

  it.effect("may not ask one that its manifest does not list", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(scorerOf("narrow?first=judged"))
      assert.include(message, "narrow: options: it can ask either, not judged")
    }))

  it.effect("that asks itself by way of another is an error that shows the circle", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(scorerOf("hen"))
      assert.strictEqual(
        message,
        "hen: the scorer asks itself: hen -> egg -> hen\n"
          + "  Correct `uses` in these plugins, or choose other scorers in their options"
      )
    }))

  it.effect("that decides on one measure needs others that give it", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(scorerOf("chooser?of=judged&measure=wrong"))
      assert.include(
        message,
        "chooser: options: /measure is wrong, which judged does not give (it gives unsafe)"
      )
      assert.deepStrictEqual((yield* scorerOf("chooser?of=either&measure=wrong")).measures, ["wrong"])
    }))

  it.effect("may ask one that asks another, up to a depth", () =>
    Effect.gen(function*() {
      const nested = (depth: number): string =>
        depth === 0 ? "judged" : `chooser?of=${encodeURIComponent(nested(depth - 1))}`
      const resolved = yield* scorerOf(nested(3))
      assert.deepStrictEqual(judgingScorers(resolved), ["judged"])
      assert.deepStrictEqual(resolved.roles.map(({ name }) => name), ["judge"])
      const { message } = yield* Effect.flip(scorerOf(nested(4)))
      assert.include(message, "scorers ask one another 4 deep and more: chooser?of=")
    }))

  it.effect("that does not exist is an error that says which was meant", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(scorerOf("pannel"))
      assert.strictEqual(
        message,
        "there is no scorer \"pannel\"\n  Did you mean panel? `driftgate plugin list` shows all there are"
      )
    }))
})
