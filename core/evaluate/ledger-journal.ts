import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { sha256 } from "../domain/digest.ts"
import { LedgerRecord, type ScoredTokens } from "../domain/ledger.ts"
import { InvalidProblem } from "../domain/problem.ts"
import { unitKey } from "../domain/unit.ts"
import { readLines } from "../run/journal-reader.ts"

/** Name of an answer by its token ids, with the prompts that stand before it: another answer is scored anew. */
export const answerDigest = (...parts: ReadonlyArray<ReadonlyArray<number>>): string =>
  sha256(parts.map((tokens) => tokens.join(" ")).join("\n")).slice(0, 16)

const isRecord = Schema.is(LedgerRecord)

/**
 * What a gate's `logprobs.ndjson` holds, by unit: of two lines on one unit the later counts.
 *
 * A torn last line is left out. Fails with `InvalidProblem` `corrupt-journal` that names any other line which is no
 * record.
 */
export const readLedgerJournal = Effect.fn("LedgerJournal.read")(function*(file: string) {
  const corrupt = (line: number, what: string) =>
    new InvalidProblem({
      reason: "corrupt-journal",
      what: `line ${line} ${what}`,
      where: file,
      fix: "Delete the file: the same command scores the answers again."
    })
  const scored = new Map<string, ScoredTokens>()
  yield* readLines(file).pipe(
    Stream.runForEach((lines) =>
      Effect.forEach(lines, ({ line, text }) =>
        Effect.gen(function*() {
          const record = yield* Effect.try({
            try: () => JSON.parse(text) as unknown,
            catch: () => corrupt(line, "is not JSON")
          })
          if (!isRecord(record)) return yield* corrupt(line, "is not a record of scored answers")
          if (record.type === "scored") scored.set(unitKey(record.unit), record)
        }), { discard: true })
    )
  )
  return scored
})
