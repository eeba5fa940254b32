import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { UnavailableProblem, UsageProblem } from "../../domain/problem.ts"
import { Installation } from "../../evaluate/installation.ts"

const name = "driftgate_callback.py"

const usage = {
  trl: "from driftgate_callback import DriftGateCallback",
  axolotl: "plugins: [driftgate_callback.Plugin]",
  verl: "VERL_USE_EXTERNAL_MODULES=driftgate_callback"
} as const

/** `driftgate trainer-callback --print`: the file that the package carries, byte for byte. */
export const work = Effect.fn("cli.trainerCallback")(function*({ print, trainer }: {
  readonly print: boolean
  readonly trainer: keyof typeof usage
}) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { root } = yield* Installation
  if (!print) {
    return yield* new UsageProblem({
      reason: "flag",
      where: "driftgate trainer-callback",
      what: "the file is only written to stdout, when --print is given",
      fix: `driftgate trainer-callback --print > ${name}, beside the training script; then ${usage[trainer]}`
    })
  }
  const places = [root, path.dirname(root)].map((folder) => path.join(folder, "python", name))
  for (const place of places) {
    const text = yield* fs.readFileString(place).pipe(Effect.orElseSucceed(() => undefined))
    if (text === undefined) continue
    const stdio = yield* Stdio.Stdio
    yield* Stream.run(Stream.succeed(text), stdio.stdout()).pipe(Effect.ignore)
    return
  }
  return yield* new UnavailableProblem({
    reason: "folder",
    where: places[0]!,
    what: "this package does not carry the callback",
    fix: "Install driftgate again, or install the Python package driftgate-trl."
  })
})
