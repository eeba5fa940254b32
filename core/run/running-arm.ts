import type { Outcome } from "../domain/outcome.ts"
import { type Arm, isOpen, type UnitNumbers, unitNumbers } from "./arm.ts"
import type { Place } from "./order.ts"
import type { Failures } from "./progress.ts"
import { sampleGroups } from "./sample-groups.ts"
import { makeTally, type Tally } from "./tally.ts"

/** An arm while it runs, and the count of what has ended in it. */
export interface RunningArm {
  readonly arm: Arm
  readonly tally: Tally
  readonly numbers: UnitNumbers
  /** Counts a unit that has ended, and tells it on. */
  readonly ended: (place: Place, outcome: Outcome) => void
  /** Counts a unit that is put to the model, or answered from the cache. */
  readonly ask: () => void
  readonly asked: () => number
  /** Counts a failure; the first message of each reason is kept. */
  readonly failed: (error: { readonly reason: string; readonly message: string }) => void
  readonly failures: () => ReadonlyArray<Failures>
}

/**
 * Counts what earlier sessions ended for good, and writes down that a new one begins; `at` in Unix milliseconds.
 *
 * `told` hears of every unit that ends. What an earlier gate did not need is open again where models are asked.
 */
export const startArm = (
  arm: Arm,
  version: string,
  at: number,
  told: (arm: string, place: Place, outcome: Outcome) => void = () => {}
): RunningArm => {
  const { asks, plan, planDigest, states } = arm
  const tally = makeTally(plan.suites.map(({ clustered, epochs, id, samples }, index) => ({
    id,
    planned: samples * epochs,
    // One sample asked again, or several that ask for the same, are no observations of their own.
    ...(clustered
      ? { groups: () => sampleGroups(arm.suites[index]!.samples) }
      : epochs > 1
      ? { groups: () => Int32Array.from({ length: samples }, (_, sample) => sample) }
      : {})
  })))
  const numbers = unitNumbers(plan)
  const ended = (place: Place, outcome: Outcome) => {
    tally.add(place.suite, place.sample, outcome)
    told(arm.name, place, outcome)
  }
  for (const place of states.size === 0 ? [] : numbers.order()) {
    const outcome = states.get(numbers.of(place))?.outcome
    if (outcome === undefined) continue
    if (!isOpen(states, numbers.of(place)) || (!asks && outcome.status === "not-needed")) ended(place, outcome)
  }
  arm.journal.append({ type: "session", schema: "driftgate.journal/1", run: plan.run, plan: planDigest, version, at })
  let asked = 0
  const failures = new Map<string, Failures>()
  return {
    arm,
    tally,
    numbers,
    ended,
    ask: () => asked++,
    asked: () => asked,
    failed: ({ message, reason }) => {
      const known = failures.get(reason) ?? { reason, count: 0, message: message.slice(0, 500) }
      failures.set(reason, { ...known, count: known.count + 1 })
    },
    failures: () => [...failures.values()]
  }
}
