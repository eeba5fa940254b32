import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { emptyFolder } from "../run/folder.fixture.ts"
import { onDisk } from "../run/run-folder.fixture.ts"
import { answerDigest, readLedgerJournal } from "./ledger-journal.ts"

const scored = (sample: string, tuned: number) => ({
  type: "scored",
  unit: { suite: "s", sample, epoch: 0 },
  answer: "a",
  base: [-1],
  tuned: [tuned]
})

const reading = (...lines: ReadonlyArray<unknown>) =>
  Effect.gen(function*() {
    const file = join(yield* emptyFolder, "logprobs.ndjson")
    writeFileSync(file, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line) + "\n")).join(""))
    return yield* readLedgerJournal(file)
  })

it.effect("the later of two lines on one answer counts, and a torn last line does not", () =>
  onDisk(Effect.gen(function*() {
    const found = yield* reading(scored("a", -2), scored("b", -2), scored("a", -3), `{"type":"scored","unit"`)
    assert.deepStrictEqual([...found.values()].map(({ tuned, unit }) => [unit.sample, tuned]), [["a", [-3]], ["b", [
      -2
    ]]])
  })))

it.effect("a file that is not there holds nothing", () =>
  onDisk(Effect.gen(function*() {
    assert.strictEqual((yield* readLedgerJournal("/nowhere/logprobs.ndjson")).size, 0)
  })))

it.effect("a line that is no record is named, with what to do", () =>
  onDisk(Effect.gen(function*() {
    for (const bad of ["{}\n", "not json\n", `${JSON.stringify(scored("a", -2)).replace("-2", "null")}\n`]) {
      const problem = yield* Effect.flip(reading(scored("a", -2), bad))
      assert.include(problem.message, "logprobs.ndjson: line 2 is not")
      assert.include(problem.message, "Delete the file")
    }
  })))

it("an answer is known by its tokens and by the prompts before them", () => {
  const digests = [[[1], [2], [3]], [[1], [2], [4]], [[1, 2], [3]], [[1], [23]]].map((parts) => answerDigest(...parts))
  assert.strictEqual(new Set(digests).size, digests.length)
})
