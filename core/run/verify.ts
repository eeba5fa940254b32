import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { JournalRecord } from "../domain/journal.ts"
import { type OutcomeStatus, outcomeStatuses } from "../domain/outcome.ts"
import { unitKey } from "../domain/unit.ts"
import { foldJournal } from "./fold-journal.ts"
import { readUnits, type StoredRun, unitsDigest } from "./stored-run.ts"

/** What the journal of a run proves. */
export interface Proof {
  readonly run: string
  readonly planned: number
  readonly statuses: Readonly<Record<OutcomeStatus, number>>
  readonly sessions: number
  readonly attempts: number
  /** What does not hold, each with its line; empty when the journal is sound. */
  readonly faults: ReadonlyArray<string>
  /** Every planned unit ended exactly once, none is missing evidence that a rerun would fill. */
  readonly complete: boolean
}

const mostFaults = 20
const decodeRecord = Schema.decodeUnknownResult(JournalRecord, { onExcessProperty: "error" })

const shapeFault = (record: JournalRecord): string | undefined => {
  const decoded = decodeRecord(record)
  return decoded._tag === "Failure" ? String(decoded.failure).replace(/\s+/g, " ") : undefined
}

/**
 * Proves from plan and journal that every planned unit ended exactly once in its last attempt.
 *
 * Checked: the digest of units.ndjson, the plan that each session names, the shape of every record, that records stand
 * in a session and name planned units only, that attempts go up one by one and only while the unit is open, and that no
 * attempt has two answers, two ends or a score without an answer.
 */
export const verifyRun = Effect.fn("Verify.run")(function*(run: StoredRun) {
  const faults: Array<string> = []
  const note = (fault: string) => {
    if (faults.length < mostFaults) faults.push(fault)
    else if (faults.length === mostFaults) faults.push("and more")
  }

  const digest = yield* unitsDigest(run)
  if (digest !== run.plan.units.sha256) {
    note(`units.ndjson has sha256 ${digest}, the plan froze ${run.plan.units.sha256}`)
  }

  const planned = new Set<string>()
  yield* readUnits(run).pipe(
    Stream.runForEach((units) =>
      Effect.sync(() => {
        for (const unit of units) {
          const key = unitKey(unit)
          if (planned.has(key)) note(`units.ndjson plans ${unit.suite} ${unit.sample} #${unit.epoch} twice`)
          planned.add(key)
        }
      })
    )
  )
  if (planned.size !== run.plan.units.count) {
    note(`units.ndjson holds ${planned.size} units, the plan counts ${run.plan.units.count}`)
  }

  const { attempts, sessions, states } = yield* foldJournal({
    ...run,
    file: run.directory.journal,
    keyOf: (unit) => {
      const key = unitKey(unit)
      return planned.has(key) ? key : undefined
    },
    check: shapeFault,
    onFault: note
  })

  const statuses = Object.fromEntries(outcomeStatuses.map((status) => [status, 0])) as Record<OutcomeStatus, number>
  for (const key of planned) statuses[states.get(key)?.outcome?.status ?? "pending"]++
  const open = statuses.pending + statuses.errored + statuses.skipped
  return {
    run: run.plan.run,
    planned: run.plan.units.count,
    statuses,
    sessions,
    attempts,
    faults,
    complete: faults.length === 0 && open === 0
  } satisfies Proof as Proof
})
