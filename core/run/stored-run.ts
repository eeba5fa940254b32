import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { sha256 } from "../domain/digest.ts"
import type { Generation } from "../domain/generation.ts"
import type { Outcome, Pending } from "../domain/outcome.ts"
import { Plan, PlannedUnit } from "../domain/plan.ts"
import { InvalidProblem, UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { type Unit, unitKey } from "../domain/unit.ts"
import { type RunDirectory, runDirectory } from "./directory.ts"
import { foldJournal } from "./fold-journal.ts"
import { readJournal, readLines } from "./journal-reader.ts"

/** A run as it lies on disk. */
export interface StoredRun {
  readonly directory: RunDirectory
  readonly plan: Plan
  /** sha256 of the bytes of plan.json. */
  readonly planDigest: string
}

/** A planned unit and how it ended. */
export interface UnitResult {
  readonly unit: PlannedUnit
  readonly outcome: Outcome | Pending
}

const decodePlan = Schema.decodeUnknownEffect(Schema.fromJsonString(Plan))

/** A plan from the text of plan.json; fails with `InvalidProblem` `corrupt-plan`. */
export const parsePlan = (file: string, text: string): Effect.Effect<Plan, InvalidProblem> =>
  decodePlan(text).pipe(
    Effect.mapError((error) =>
      new InvalidProblem({
        reason: "corrupt-plan",
        what: `plan.json is not a plan: ${error.message.replace(/\s+/g, " ")}`,
        where: file,
        fix: "Restore the file from a copy, or start the run anew with another --out."
      })
    )
  )

/** Opens a run folder; fails with `UsageProblem` `file` when there is none, `InvalidProblem` when its plan is broken. */
export const openStoredRun = Effect.fn("StoredRun.open")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = runDirectory(path, path.resolve(folder))
  const text = yield* fs.readFileString(directory.plan).pipe(
    Effect.mapError(() =>
      new UsageProblem({
        reason: "file",
        what: "this is not a run folder: it holds no plan.json",
        where: folder,
        fix: "Name a folder under <out>/runs, such as ./driftgate-out/runs/NAME."
      })
    )
  )
  const plan = yield* parsePlan(directory.plan, text)
  return { directory, plan, planDigest: sha256(text) } satisfies StoredRun as StoredRun
})

const isPlannedUnit = Schema.is(PlannedUnit)

const parseUnit = (file: string, text: string, line: number) => {
  const corrupt = (what: string) =>
    new InvalidProblem({
      reason: "corrupt-plan",
      what: `line ${line} ${what}`,
      where: file,
      fix: "Restore the file from a copy, or start the run anew with another --out."
    })
  return Effect.try({ try: () => JSON.parse(text) as unknown, catch: () => corrupt("is not JSON") }).pipe(
    Effect.filterOrFail(isPlannedUnit, () => corrupt("is not a planned unit"))
  )
}

/** Streams the planned units in groups, in the order in which they are asked. */
export const readUnits = (run: StoredRun) =>
  readLines(run.directory.units).pipe(
    Stream.mapEffect((lines) => Effect.forEach(lines, ({ line, text }) => parseUnit(run.directory.units, text, line)))
  )

/** sha256 of units.ndjson as it lies on disk; fails with `InvalidProblem` `corrupt-plan` when it is not there. */
export const unitsDigest = Effect.fn("StoredRun.unitsDigest")(function*(run: StoredRun) {
  const fs = yield* FileSystem.FileSystem
  const hash = createHash("sha256")
  yield* fs.stream(run.directory.units).pipe(
    Stream.runForEach((bytes) => Effect.sync(() => hash.update(bytes))),
    Effect.mapError((error) =>
      error.reason._tag === "NotFound"
        ? new InvalidProblem({
          reason: "corrupt-plan",
          what: "there is no such file, and it names the units that were planned",
          where: run.directory.units,
          fix: "Restore the file from a copy, or start the run anew with another --out."
        })
        : new UnavailableProblem({
          reason: "folder",
          what: `the file can't be read: ${error.message}`,
          where: run.directory.units,
          fix: "Make it readable, then run again."
        })
    )
  )
  return hash.digest("hex")
})

/**
 * How each unit of a run ended, in the order of the plan; a unit that the journal does not end is `pending`.
 *
 * Fails with `InvalidProblem` when units.ndjson is not the frozen one or the journal does not hold together: a unit that
 * went missing, or ended twice, would otherwise be evidence that nobody misses.
 */
export const readResults = Effect.fn("StoredRun.readResults")(function*(run: StoredRun) {
  const digest = yield* unitsDigest(run)
  if (digest !== run.plan.units.sha256) {
    return yield* new InvalidProblem({
      reason: "corrupt-plan",
      what: `units.ndjson has sha256 ${digest}, the plan froze ${run.plan.units.sha256}`,
      where: run.directory.units,
      fix:
        "Restore the folder from a copy, or run again with another --out; `driftgate verify` says what does not hold."
    })
  }
  const units = new Map<string, PlannedUnit>()
  yield* Stream.runForEach(readUnits(run), (group) =>
    Effect.sync(() => {
      for (const unit of group) units.set(unitKey(unit), unit)
    }))
  const { states } = yield* foldJournal({
    ...run,
    file: run.directory.journal,
    keyOf: (unit) => {
      const key = unitKey(unit)
      return units.has(key) ? key : undefined
    }
  })
  return Array.from(units, ([key, unit]): UnitResult => ({
    unit,
    outcome: states.get(key)?.outcome ?? { status: "pending" }
  }))
})

/** The latest answer of each unit, streamed: of two answers to one unit the later line counts; `keep`: which units. */
export const readGenerations = Effect.fn("StoredRun.readGenerations")(function*(
  run: StoredRun,
  keep: (unit: Unit) => boolean = () => true
) {
  const latest = new Map<string, Generation>()
  yield* readJournal(run.directory.journal).pipe(
    Stream.runForEach((lines) =>
      Effect.sync(() => {
        for (const { record } of lines) {
          if (record.type === "generation" && keep(record.unit)) latest.set(unitKey(record.unit), record.generation)
        }
      })
    )
  )
  return latest
})
