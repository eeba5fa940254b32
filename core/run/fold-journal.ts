import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { advance, faultOf, type UnitState } from "../domain/fold.ts"
import type { JournalRecord, UnitRecord } from "../domain/journal.ts"
import type { Plan } from "../domain/plan.ts"
import { InvalidProblem } from "../domain/problem.ts"
import type { Unit } from "../domain/unit.ts"
import { readJournal } from "./journal-reader.ts"

/** What a journal says of the units of its plan. */
export interface Folded<Key> {
  readonly states: Map<Key, UnitState>
  readonly sessions: number
  readonly attempts: number
}

/** A journal that is read, and what becomes of its faults. */
export interface FoldInput<Key> {
  readonly plan: Plan
  /** sha256 of the bytes of plan.json. */
  readonly planDigest: string
  readonly file: string
  /** Under what a unit is kept; undefined: the plan does not hold it. */
  readonly keyOf: (unit: Unit) => Key | undefined
  /** What is wrong with a record's shape. @default nothing that the reader lets through */
  readonly check?: (record: JournalRecord) => string | undefined
  /** Hears of a record that does not hold, which is then passed over. @default the first one ends the reading */
  readonly onFault?: (fault: string) => void
}

/** The plan, and how reasoning counts in each suite of it. */
const policiesOf = ({ suites }: Plan) => new Map(suites.map(({ id, reasoning }) => [id, reasoning]))

/**
 * Reads a journal to its end: where each unit of its plan stands.
 *
 * Every record must belong to a session of this plan and to a planned unit, and follow from the unit's records before
 * it. Without `onFault` the first that does not fails with `InvalidProblem` `corrupt-journal` that names its line.
 */
export const foldJournal = Effect.fn("Journal.fold")(function*<Key>(
  { check, file, keyOf, onFault, plan, planDigest }: FoldInput<Key>
) {
  const policies = policiesOf(plan)
  const states = new Map<Key, UnitState>()
  let sessions = 0
  let attempts = 0
  let told = false

  const follow = (record: UnitRecord): string | undefined => {
    const { epoch, sample, suite } = record.unit
    const key = keyOf(record.unit)
    if (key === undefined) return `${suite} ${sample} #${epoch} is not planned`
    const state = states.get(key)
    const fault = faultOf(state, record)
    if (fault !== undefined) return fault
    if (record.attempt > (state?.attempt ?? 0)) attempts++
    states.set(key, advance(state, record, policies.get(suite)))
    return undefined
  }

  const take = (record: JournalRecord): string | undefined => {
    const shape = check?.(record)
    if (shape !== undefined) return shape
    if (record.type === "session") {
      sessions++
      return record.plan === planDigest
        ? undefined
        : `written for another plan (${record.plan}); plan.json has sha256 ${planDigest}`
    }
    const homeless = sessions === 0 && !told
    told ||= homeless
    return (record.type === "close" ? undefined : follow(record)) ??
      (homeless ? `a ${record.type} before any session` : undefined)
  }

  yield* readJournal(file).pipe(
    Stream.runForEach((lines) =>
      Effect.suspend(() => {
        for (const { line, record } of lines) {
          const what = take(record)
          if (what === undefined) continue
          if (onFault === undefined) return corrupt(file, `line ${line}: ${what}`)
          onFault(`line ${line}: ${what}`)
        }
        return Effect.void
      })
    )
  )
  return { states, sessions, attempts } satisfies Folded<Key> as Folded<Key>
})

const corrupt = (where: string, what: string) =>
  new InvalidProblem({
    reason: "corrupt-journal",
    what,
    where,
    fix: "Restore the folder from a copy, or start anew with another --out; `driftgate verify` says what does not hold."
  })
