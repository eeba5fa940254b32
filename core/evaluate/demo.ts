import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { Verdict } from "../domain/decision.ts"
import { UnavailableProblem } from "../domain/problem.ts"
import { greedyRows, jointPower } from "./demo-card.ts"
import { Installation } from "./installation.ts"
import { defaultFlags, readSettings } from "./settings.ts"

/** A candidate of the demo and the verdict that it has to get. */
export interface DemoCase {
  /** Name of its folder under `demo/checkpoints`. */
  readonly tuned: string
  readonly title: string
  readonly expected: Verdict
}

/** One pair that passes, and one that does not. */
export const demoCases: ReadonlyArray<DemoCase> = [
  { tuned: "rlvr", title: "rlvr, base after reinforcement learning with a reward for right sums", expected: "pass" },
  { tuned: "eroded", title: "eroded, base after fine-tuning on harmless examples alone", expected: "fail" }
]

/** Folder of the demo: in a built package beside the code, in a checkout above it. */
const demoFolder = Effect.fnUntraced(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { root } = yield* Installation
  const places = [path.join(root, "demo"), path.join(path.dirname(root), "demo")]
  for (const place of places) {
    const found = yield* fs.exists(path.join(place, "driftgate.yaml")).pipe(Effect.orElseSucceed(() => false))
    if (found) return place
  }
  return yield* new UnavailableProblem({
    reason: "folder",
    where: places[0]!,
    what: "the files of the demo are not here",
    fix: "Run it in a checkout of driftgate, with `npm run demo`."
  })
})

/** Where the demo keeps its runs when no other folder is named. */
export const demoOut = "driftgate-out/demo"

/** A checkpoint of the demo as a target, with a path from here. */
export const demoTarget = Effect.fnUntraced(function*(name: string) {
  const path = yield* Path.Path
  const folder = path.join(yield* demoFolder(), "checkpoints", name)
  const place = path.relative(path.resolve(), folder) || "."
  return `checkpoint:${place.replace(/[%+?@,]/g, encodeURIComponent)}`
})

/**
 * The settings of one case.
 *
 * Only the demo's own configuration is read, and no cache is used: what comes out depends on this package alone.
 */
export const demoSettings = Effect.fn("Demo.settings")(function*(
  tuned: string,
  { concurrency, out }: { readonly out: string; readonly concurrency: number | undefined }
) {
  const path = yield* Path.Path
  return yield* readSettings({
    ...defaultFlags,
    config: path.join(yield* demoFolder(), "driftgate.yaml"),
    base: yield* demoTarget("base"),
    tuned: yield* demoTarget(tuned),
    out,
    concurrency,
    noCache: true
  })
})

/**
 * What the model card says beside the gate's own numbers: how base and a candidate answer when the likeliest token is
 * taken each time, and how likely a candidate without drift is to pass.
 */
export const demoCard = Effect.fn("Demo.card")(function*(tuned: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(yield* demoFolder(), "MODEL-CARD.md")
  const text = yield* fs.readFileString(file).pipe(Effect.orElseSucceed(() => ""))
  return { greedy: greedyRows(text, tuned), power: jointPower(text) }
})

/** Removes the runs of an earlier demo: asking again costs seconds, and the demo's files may have changed since. */
export const clearDemo = Effect.fn("Demo.clear")(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* Effect.forEach(
    ["runs", "gates"].map((name) => path.join(demoOut, name)),
    (folder) =>
      fs.remove(folder, { recursive: true, force: true }).pipe(
        Effect.mapError((error) =>
          new UnavailableProblem({
            reason: "folder",
            where: folder,
            what: `what an earlier demo left can't be removed: ${error.reason._tag}`,
            fix: "Name another folder with --out DIR."
          })
        )
      ),
    { discard: true }
  )
})
