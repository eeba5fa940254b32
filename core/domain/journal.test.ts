import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { JournalRecord } from "./journal.ts"

const isRecord = Schema.is(JournalRecord)

const answered = (usage: object) => ({
  type: "generation",
  unit: { suite: "s", sample: "a", epoch: 0 },
  attempt: 1,
  generation: { kind: "answer", text: "words", complete: true, usage },
  at: 0
})

describe("a record of an answer", () => {
  it("counts tokens from 0 up", () => {
    assert.isTrue(isRecord(answered({ prompt: 0, completion: 0, reasoning: 0 })))
    for (const below of [{ prompt: -1 }, { completion: -1 }, { reasoning: -1 }]) {
      assert.isFalse(isRecord(answered({ prompt: 9, completion: 4, reasoning: 2, ...below })))
    }
  })
})
