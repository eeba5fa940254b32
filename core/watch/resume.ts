import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type Complete, findCheckpoints, inspectCheckpoint, type LayoutName } from "../checkpoints/layout.ts"
import { weightsDigest } from "../checkpoints/pin.ts"
import { Verdict } from "../domain/decision.ts"
import type { JudgedStep, Word } from "./outcome.ts"
import { readVerdict } from "./verdict-file.ts"

/** Whether a checkpoint may be trained on from, by what was written down of it; the reason where it may not. */
const objection = Effect.fnUntraced(function*(
  root: string,
  newest: Complete,
  step: number,
  accept: ReadonlySet<Word>
) {
  const path = yield* Path.Path
  const written = yield* readVerdict(root, step)
  if (written === undefined || written.checkpoint !== newest.folder) return "its verdict is never gated"
  if (!(accept as ReadonlySet<string>).has(written.word)) return `its verdict is ${written.word}`
  // Without a verdict no weights were judged that these could differ from.
  if (!(Verdict.literals as ReadonlyArray<string>).includes(written.word)) return undefined
  if (written.digest === undefined) return "its verdict does not say which weights were judged"
  const weights = newest.files.find(({ kind }) => kind === "weights")
  const digest = weights === undefined
    ? undefined
    : yield* weightsDigest(path.dirname(weights.path)).pipe(Effect.orElseSucceed(() => undefined))
  return digest === written.digest ? undefined : "its weights are not those that were judged"
})

/** Accepted steps as they were written down, by the checkpoints that are there; their weights are not read. */
const acceptedOf = Effect.fnUntraced(function*(
  root: string,
  present: ReadonlyArray<{ readonly seen: Complete; readonly step: number }>,
  accept: ReadonlySet<Word>
) {
  const steps: Array<JudgedStep> = []
  for (const { seen: { folder }, step } of present) {
    const written = yield* readVerdict(root, step)
    if (written?.checkpoint !== folder) continue
    const word = [...accept].find((one) => one === written.word)
    if (word === undefined) continue
    const { digest } = written
    steps.push({ step, folder, outcome: { word, reasons: [], ...(digest === undefined ? {} : { digest }) } })
  }
  return steps
})

/**
 * What keeps a trainer from being started beside checkpoints that are there already, and what is to be said of them.
 *
 * `accepted` holds the steps that were accepted earlier; it is empty unless the newest save of all is whole, is one of
 * them, and has the weights that were judged.
 */
export const resumed = Effect.fn("Watch.resumed")(function*(
  root: string,
  layout: LayoutName | undefined,
  accept: ReadonlySet<Word>
) {
  const lines: Array<string> = []
  const whole: Array<{ readonly seen: Complete; readonly step: number }> = []
  let cut = -1
  for (const { folder, step } of yield* findCheckpoints(root, { layout })) {
    const seen = yield* inspectCheckpoint(folder, { layout })
    if (seen.state === "complete") {
      whole.push({ seen, step })
      continue
    }
    cut = Math.max(cut, step)
    lines.push(`${folder} is not whole (${seen.reason}): a trainer that resumes may take it and fail; remove it`)
  }
  const newest = whole.at(-1)
  const why = newest === undefined ? undefined : yield* objection(root, newest.seen, newest.step, accept)
  const isGood = newest !== undefined && why === undefined && cut < newest.step
  return {
    accepted: isGood ? yield* acceptedOf(root, whole, accept) : [],
    refused: why === undefined
      ? undefined
      : `${newest!.seen.folder} is there already and ${why}: a trainer that resumes would go on from it. `
        + "Remove it, or set DRIFTGATE_ALLOW_RESUME=1",
    lines
  }
})
