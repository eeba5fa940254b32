import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { appendFileSync, mkdirSync, readFileSync } from "node:fs"
import { type AnchorSession, anchorsSchema } from "../domain/anchors.ts"
import { runDirectory } from "../run/directory.ts"
import { emptyFolder } from "../run/folder.fixture.ts"
import { readAnchors, writeAnchors } from "./anchors.ts"

const sessionAt = (at: number): AnchorSession => ({
  schema: anchorsSchema,
  at,
  scorer: "judged",
  behaviour: "b",
  anchors: "a",
  scores: [{ id: "refused", status: "scored", measures: { unsafe: 0 } }]
})
const directory = Effect.gen(function*() {
  return runDirectory(yield* Path.Path, yield* emptyFolder)
})

describe("what judges said of the anchors", () => {
  it.live("is read in the order of the sessions", () =>
    Effect.gen(function*() {
      const run = yield* directory
      assert.deepStrictEqual(yield* readAnchors(run), [])
      yield* writeAnchors(run, [sessionAt(1), sessionAt(2)])
      yield* writeAnchors(run, [sessionAt(3)])
      assert.deepStrictEqual(yield* readAnchors(run), [sessionAt(1), sessionAt(2), sessionAt(3)])
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("loses a line that a crash cut short, and not the one after it", () =>
    Effect.gen(function*() {
      const run = yield* directory
      yield* writeAnchors(run, [sessionAt(1)])
      appendFileSync(run.anchors, "{\"schema\":\"drift")
      assert.deepStrictEqual(yield* readAnchors(run), [sessionAt(1)])
      yield* writeAnchors(run, [sessionAt(2)])
      assert.deepStrictEqual(yield* readAnchors(run), [sessionAt(1), sessionAt(2)])
      assert.strictEqual(readFileSync(run.anchors, "utf8").split("\n").length, 3)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("is not taken for nothing when it can't be read, or is something else", () =>
    Effect.gen(function*() {
      const folder = yield* directory
      mkdirSync(folder.anchors)
      const unreadable = yield* Effect.flip(readAnchors(folder))
      assert.deepStrictEqual([unreadable._tag, unreadable.where], ["UnavailableProblem", folder.anchors])
      const strange = yield* directory
      appendFileSync(strange.anchors, JSON.stringify(sessionAt(1)) + "\n{}\n")
      const problem = yield* Effect.flip(readAnchors(strange))
      assert.deepStrictEqual([problem._tag, problem.reason], ["InvalidProblem", "corrupt-journal"])
      assert.include(problem.message, "line 2 ")
    }).pipe(Effect.provide(NodeServices.layer)))
})
