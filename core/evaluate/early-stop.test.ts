import { assert, describe, it } from "@effect/vitest"
import type { Outcome } from "../domain/outcome.ts"
import { plainPolicy } from "../gate/scenario.fixture.ts"
import type { Sample } from "../plugin/contract.ts"
import { unitNumbers } from "../run/arm.ts"
import { frozen, sample, suiteToPlan } from "../run/plan.fixture.ts"
import { steeringOf } from "./early-stop.ts"

const answered: Outcome = { status: "scored", measures: { refused: 0 }, complete: true }
const many = (of: (i: number) => Sample) => Array.from({ length: 300 }, (_, i) => of(i))

/** How many pairs of two benign suites are asked until the rest is left out, when no answer differs. */
const askedOf = (second: (i: number) => Sample): number => {
  const suites = [many((i) => sample(`${i}`)), many(second)].map((samples, index) =>
    suiteToPlan(`s${index}`, samples, { kind: "benign", gates: ["refused"] })
  )
  const { plan } = frozen(suites)
  const populations = suites.map(({ population }) => population)
  const steering = steeringOf({ plan, populations, policy: plainPolicy(), calibrations: [], sequential: true })
  steering.begin()
  let asked = 0
  for (const place of unitNumbers(plan).order()) {
    if (steering.need(place) !== "ask") break
    asked++
    for (const arm of ["base", "tuned"]) {
      steering.launched(place)
      steering.ended(arm, place, answered)
      steering.settled(place)
    }
  }
  return asked
}

describe("a pool that is stopped by its evidence", () => {
  it("ends once enough different goals were asked", () => {
    assert.isBelow(askedOf((i) => sample(`other ${i}`)), 120)
  })

  it("counts copies of goal and words once", () => {
    // 88 pairs are the least; the second suite's are copies, asked in turn with them.
    assert.isAtLeast(askedOf((i) => sample(`${i}`)), 2 * 88 - 1)
  })

  it("is asked in full when its suites share goals in other words: those pairs are not independent", () => {
    assert.strictEqual(
      askedOf((i) => ({ ...sample(`${i}`), messages: [{ role: "user", content: `In other words: ${i}` }] })),
      600
    )
  })
})
