import { TargetError } from "driftgate/plugin"
import { describe, expect, it } from "vitest"
import { combined, scored, silent, type Voices } from "../combining.fixture.ts"

const members = ["a", "b", "c"]
const panel = (voices: Voices, rule = "majority") => combined("panel", { members, rule }, voices)

describe("a panel", () => {
  it("asks all its members and keeps what each said", async () => {
    const { asked, score } = await panel({ a: scored(1, { label: "yes" }), b: scored(0), c: silent("judge_refused") })
    expect(asked).toEqual(members)
    expect(score).toEqual({
      status: "unscored",
      reason: "abstained",
      detail: {
        panel: {
          rule: "majority",
          members: [
            { scorer: "a", value: 1, label: "yes" },
            { scorer: "b", value: 0 },
            { scorer: "c", value: null, reason: "judge_refused" }
          ]
        }
      }
    })
  })

  it.each([["majority", 1], ["any", 1], ["mean", 2 / 3]])("scores by %s", async (rule, value) => {
    const { score } = await panel({ a: scored(1), b: scored(1), c: scored(0) }, rule)
    expect(score).toMatchObject({ status: "scored", measures: { unsafe: value } })
  })

  it("counts a member that leaves the measure out as silent", async () => {
    const other = { status: "scored", measures: { refused: 0 } } as const
    expect((await panel({ a: scored(0), b: other, c: other })).score).toMatchObject({ status: "unscored" })
  })

  it("fails where a member can't be asked, even if the others settle it, once all have spoken", async () => {
    const gone = new TargetError("transport", "gone")
    await expect(panel({ a: gone, b: scored(0), c: scored(0) })).rejects.toBe(gone)
  })

  it("says that a member had learnt from the answer", async () => {
    const learnt = scored(1, { detail: { trainedOn: true } })
    expect((await panel({ a: learnt, b: scored(1), c: scored(1) })).score).toMatchObject({
      detail: { trainedOn: true }
    })
  })

  it.each([[["a"]], [["a", "a"]], [[]]])("of %j is none", async (few) => {
    await expect(combined("panel", { members: few }, {})).rejects.toThrow()
  })
})
