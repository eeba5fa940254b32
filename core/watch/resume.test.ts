import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { weightsDigest } from "../checkpoints/pin.ts"
import { safetensors, save } from "../checkpoints/trainer.fixture.ts"
import type { Word } from "./outcome.ts"
import { resumed } from "./resume.ts"
import { writeVerdict } from "./verdict-file.ts"

/** What is said of going on from a step that was judged with this outcome; `changed` writes other weights afterwards. */
const objection = (
  word: Word,
  { changed = false, digest }: { readonly changed?: boolean; readonly digest: "own" | "none" },
  accept: ReadonlyArray<Word> = ["pass"]
) =>
  Effect.gen(function*() {
    const root = yield* Effect.acquireRelease(
      Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "driftgate-resume-")))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const folder = save(root, "transformers", 2)
    const judged = digest === "own" ? { digest: yield* weightsDigest(folder) } : {}
    yield* writeVerdict(root, "run", { step: 2, folder, outcome: { word, reasons: [], ...judged } })
    if (changed) writeFileSync(join(folder, "model.safetensors"), safetensors(4, 77))
    return (yield* resumed(root, undefined, new Set(accept))).refused ?? "none"
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

it.live("training goes on from an accepted step only with the weights that were judged (peers 23)", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* objection("pass", { digest: "own" }), "none")
    assert.match(
      yield* objection("pass", { digest: "own", changed: true }),
      /its weights are not those that were judged/
    )
    assert.match(yield* objection("pass", { digest: "none" }), /does not say which weights were judged/)
    assert.match(yield* objection("inconclusive", { digest: "none" }, ["inconclusive"]), /does not say which weights/)
    assert.match(yield* objection("fail", { digest: "own" }), /its verdict is fail/)
    // Nobody judged anything where the service was away, and a policy may accept that.
    assert.strictEqual(yield* objection("unreachable", { digest: "none" }, ["pass", "unreachable"]), "none")
  }))

it.live("accepted steps count for a run that saves nothing only while the newest save of all is one of them", () =>
  Effect.gen(function*() {
    const root = yield* Effect.acquireRelease(
      Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "driftgate-resume-")))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const judged = Effect.fnUntraced(function*(step: number, word: Word) {
      const folder = save(root, "transformers", step)
      yield* writeVerdict(root, "run", {
        step,
        folder,
        outcome: { word, reasons: [], digest: yield* weightsDigest(folder) }
      })
      return folder
    })
    const accepted = Effect.map(
      resumed(root, undefined, new Set<Word>(["pass"])),
      ({ accepted }) => accepted.map(({ outcome, step }) => `${step} ${outcome.word}`)
    )
    assert.deepStrictEqual(yield* accepted, [])
    yield* judged(2, "fail")
    assert.deepStrictEqual(yield* accepted, [])
    const folder = yield* judged(4, "pass")
    assert.deepStrictEqual(yield* accepted, ["4 pass"])
    // A later save that was cut is what a trainer would take for the result.
    const later = save(root, "transformers", 6)
    truncateSync(join(later, "model.safetensors"), 20)
    assert.deepStrictEqual(yield* accepted, [])
    rmSync(later, { recursive: true })
    writeFileSync(join(folder, "model.safetensors"), safetensors(4, 77))
    assert.deepStrictEqual(yield* accepted, [])
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
