import * as Effect from "effect/Effect"
import { reopens, type UnitState } from "../domain/fold.ts"
import type { Plan } from "../domain/plan.ts"
import type { Sample, Target } from "../plugin/contract.ts"
import type { LoadedScorer } from "../plugin/scoring.ts"
import type { Price } from "./budget.ts"
import type { Digests } from "./digests.ts"
import type { RunDirectory } from "./directory.ts"
import { foldJournal } from "./fold-journal.ts"
import type { JournalWriter } from "./journal-writer.ts"
import { askingOrder, type Place } from "./order.ts"

/** A suite as the runner needs it: samples in the plan's order and the digests of their prompts. */
export interface SuiteToRun {
  readonly samples: ReadonlyArray<Sample>
  readonly prompts: Digests
  readonly scorer: Pick<LoadedScorer, "score">
  /** Whether the scorer asks models in roles. */
  readonly asksJudges: boolean
}

/** One target's part of a run: a frozen plan, an open journal, and where each unit stands. */
export interface Arm {
  readonly name: string
  readonly plan: Plan
  /** sha256 of the bytes of plan.json. */
  readonly planDigest: string
  readonly target: Target
  /** Whether open units are asked; otherwise only stored answers are judged. */
  readonly asks: boolean
  readonly directory: RunDirectory
  readonly journal: JournalWriter
  readonly suites: ReadonlyArray<SuiteToRun>
  readonly states: UnitStates
  readonly price: Price | undefined
  /** Whether answers may come from the response cache and go there. */
  readonly cache: boolean
}

/** The units of a plan by number, so that a run of any length needs no list of them. */
export interface UnitNumbers {
  readonly count: number
  readonly of: (place: Place) => number
  readonly order: () => Generator<Place>
}

export const unitNumbers = (plan: Plan): UnitNumbers => {
  const offsets: Array<number> = []
  let count = 0
  for (const { epochs, samples } of plan.suites) {
    offsets.push(count)
    count += samples * epochs
  }
  return {
    count,
    of: ({ epoch, sample, suite }) => offsets[suite]! + epoch * plan.suites[suite]!.samples + sample,
    order: () => askingOrder(plan.suites, plan.seed)
  }
}

/** Where each unit of a plan stands, by its number. */
export type UnitStates = Map<number, UnitState>

/**
 * Reads where each unit stands from a journal.
 *
 * Fails with `InvalidProblem` when a line is corrupt, was written for another plan, names a unit that the plan does not
 * hold, or does not follow from the lines before it.
 */
export const readStates = Effect.fn("Arm.readStates")(function*(
  { plan, planDigest }: Pick<Arm, "plan" | "planDigest">,
  suites: ReadonlyArray<{ readonly samples: ReadonlyArray<Sample> }>,
  file: string
) {
  const numbers = unitNumbers(plan)
  const places = new Map(
    plan.suites.map(({ epochs, id }, suite) =>
      [id, { epochs, suite, samples: new Map(suites[suite]!.samples.map(({ id }, i) => [id, i])) }] as const
    )
  )
  const { states } = yield* foldJournal({
    plan,
    planDigest,
    file,
    keyOf: (unit) => {
      const place = places.get(unit.suite)
      const sample = place?.samples.get(unit.sample)
      return place === undefined || sample === undefined || unit.epoch >= place.epochs
        ? undefined
        : numbers.of({ suite: place.suite, sample, epoch: unit.epoch })
    }
  })
  return states satisfies UnitStates
})

/** Whether a unit still has to be asked or judged. */
export const isOpen = (states: UnitStates, number: number): boolean => reopens(states.get(number))
