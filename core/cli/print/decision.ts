import * as Effect from "effect/Effect"
import type { StoredDecision } from "../../evaluate/decision.ts"
import { table } from "../../gate/table.ts"
import { hasColors } from "../colors.ts"
import { Ended } from "../ended.ts"
import { Output } from "../output.ts"

/** Prints a decision and ends with its exit code: only `pass` is 0. */
export const printDecision = Effect.fn("cli.printDecision")(function*({ decision, folder }: StoredDecision) {
  const output = yield* Output
  for (const line of table(decision, { color: hasColors(process.stdout) })) yield* output.line(line)
  yield* output.line(`\ndecision and flips: ${folder}`)
  yield* output.record({ type: "artifact", path: `${folder}/decision.json` })
  yield* output.record({ type: "artifact", path: `${folder}/flips.jsonl` })
  if ((decision.ledger?.suites.length ?? 0) > 0) {
    yield* output.record({ type: "artifact", path: `${folder}/logprobs.ndjson` })
  }
  yield* output.record({
    type: "verdict",
    verdict: decision.verdict,
    exitCode: decision.exitCode,
    reasons: decision.reasons,
    annotations: decision.annotations,
    notAsked: decision.notAsked,
    folder
  })
  if (decision.verdict !== "pass") return yield* new Ended({ code: decision.exitCode })
})
