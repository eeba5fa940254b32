import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { CalibrationRecord } from "../domain/calibration.ts"
import type { Policy } from "../domain/policy.ts"
import { InternalProblem } from "../domain/problem.ts"
import { calibrationFile } from "../plugin/content.ts"
import { readCalibrations } from "./calibrations.ts"
import { Installation } from "./installation.ts"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(CalibrationRecord)))

/**
 * The records that lie with driftgate's own scorers, in the order of their ids.
 *
 * Only these are found without being named: whoever ships a plugin could also ship a record that praises it. Fails with
 * `InternalProblem` when one can't be read.
 */
const shippedCalibrations = Effect.fn("Calibrations.shipped")(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { root } = yield* Installation
  const scorers = path.join(root, "plugins", "scorers")
  const ids = yield* fs.readDirectory(scorers).pipe(Effect.orElseSucceed((): ReadonlyArray<string> => []))
  const found = yield* Effect.forEach(
    ids.toSorted(),
    Effect.fnUntraced(function*(id) {
      const file = path.join(scorers, id, calibrationFile)
      if (!(yield* fs.exists(file).pipe(Effect.orElseSucceed(() => false)))) return []
      return yield* fs.readFileString(file).pipe(
        Effect.flatMap(decode),
        Effect.mapError((cause) =>
          new InternalProblem({
            reason: "plugin",
            where: file,
            what: `the calibration records of ${id} can't be read: ${cause.message.replace(/\s+/g, " ")}`,
            fix: "Restore the file: install driftgate again.",
            cause
          })
        )
      )
    })
  )
  return found.flat()
})

/** Whether two records would answer the same question: one that was named stands in for one that was shipped. */
const alike = (a: CalibrationRecord, b: CalibrationRecord): boolean =>
  a.scorer.id === b.scorer.id && a.measure === b.measure

/**
 * Records that a command named, which its plan has to use, and with them those shipped that none of the former replaces.
 *
 * A policy that demands no records, like `smoke`, is given none unasked.
 */
export const knownCalibrations = Effect.fn("Calibrations.known")(function*(
  files: ReadonlyArray<string>,
  { judge }: Policy
) {
  const asked = yield* readCalibrations(files)
  const shipped = judge.required.length === 0 ? [] : yield* shippedCalibrations()
  return { asked, all: [...asked, ...shipped.filter((record) => !asked.some((own) => alike(own, record)))] }
})
