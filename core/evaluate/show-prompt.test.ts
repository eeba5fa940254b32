import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import type { Flags } from "./settings.ts"
import { showPrompts } from "./show-prompt.ts"
import { inSmallTree, ranOnce, type SmallTree } from "./small-tree.fixture.ts"

const shownOf = Effect.fnUntraced(
  function*(tree: SmallTree, rows: ReadonlyArray<object>, scorer: string, flags: Partial<Flags> = {}) {
    const lines = Stream.fromIterable(rows.map((row) => JSON.stringify(row)))
    const shown = yield* showPrompts(scorer, yield* tree.settings(flags), lines)
    return yield* Stream.runCollect(shown)
  },
  Effect.scoped
)

describe("the prompts that a scorer would ask", () => {
  it.live("are shown without a model in any role, and none is opened", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const [shown] = yield* shownOf(tree, [{ id: 1, goal: "g", response: "well" }], "judged")
        assert.deepInclude(shown, { id: 1, role: "judge", input: { prompt: "well" } })
        assert.deepStrictEqual(tree.calls(), [])
      })
    ))

  it.live("have the digest that the journal has of the call", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const { directory } = yield* ranOnce(tree, { scorers: ["b=judged"], roles: ["judge=echo:judge"] })
        const journaled = readFileSync(directory.journal, "utf8").trim().split("\n")
          .map((line) => JSON.parse(line) as { readonly type: string; readonly request?: string })
          .filter(({ type }) => type === "judge").map(({ request }) => request)
        const answers = ["yes, one", "no, two", "no, three"].map((response, id) => ({ id, goal: "g", response }))
        const shown = yield* shownOf(tree, answers, "judged")
        assert.strictEqual(new Set(journaled).size, 3)
        assert.deepStrictEqual(shown.map(({ request }) => request).toSorted(), journaled.toSorted())
      })
    ))

  it.live("are none of a scorer that asks nobody, nor of an empty answer", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* shownOf(tree, [{ id: "a", response: "yes" }], "words"), [{ id: "a", role: null }])
        assert.deepStrictEqual(yield* shownOf(tree, [{ id: "a", goal: "g", response: "" }], "judged"), [{
          id: "a",
          role: null
        }])
      })
    ))

  it.live("are two where the reasoning is judged as well", () =>
    inSmallTree((tree) =>
      Effect.gen(function*() {
        const row = { id: 1, goal: "g", response: "well", reasoning: "hm" }
        const shown = yield* shownOf(tree, [row], "judged", { reasoning: "both" })
        assert.deepStrictEqual(shown.map(({ input }) => input), [{ prompt: "well" }, { prompt: "hm" }])
      })
    ))
})
