import { exitCodes } from "../domain/problem.ts"
import type { Followed } from "./follow.ts"
import { isAccepted, type JudgedStep, lastGood, type Word } from "./outcome.ts"

/** The gate said no, or nothing was gated. */
const refusedCode = 3
/** Nothing could be started. */
export const notStartedCode = 4

export interface Ending {
  readonly code: number
  /** Lines for people, the most important one first. */
  readonly lines: ReadonlyArray<string>
}

/**
 * How a followed run ends.
 *
 * `trainer` is the exit code of a child that ended by itself, undefined without one; `stopped` says that something was
 * stopped because of an outcome. Only a run whose last step was accepted ends with 0.
 */
export const endingOf = (
  followed: Followed,
  { accept, before, stopped, trainer, ungated = [] }: {
    readonly accept: ReadonlySet<Word>
    /** The newest checkpoint, where it was there and accepted before the run; counts only while nothing was judged. */
    readonly before?: JudgedStep | undefined
    /** Folders of models that are no step and hold other weights than those that were accepted. */
    readonly ungated?: ReadonlyArray<string> | undefined
    readonly stopped: boolean
    readonly trainer: number | undefined
  }
): Ending => {
  const { refused, unfinished } = followed
  const steps = followed.steps.length === 0 && before !== undefined ? [before] : followed.steps
  const good = lastGood(steps)
  const goodLine = good === undefined
    ? "no step of this run passed"
    : `the last good step is ${good.step}: ${good.folder}`
  const never = ungated.map((folder) =>
    `${folder} holds a model that was never gated: only folders of steps are, and its weights are of no accepted one. `
    + "Gate it with `driftgate gate` before it is used"
  )
  const cut = unfinished.map(({ folder, reason }) =>
    `${folder} was never whole and is not judged: ${reason}. Remove or rename it before training goes on: `
    + "trainers take the newest folder by its name"
  ).concat(never)
  if (refused !== undefined) {
    const { reasons, word } = refused.outcome
    const code = stopped
      ? refusedCode
      : word === "inconclusive" || word === "incomplete"
      ? exitCodes[word]
      : refusedCode
    const why = reasons.length === 0 ? "" : `: ${reasons.slice(0, 5).join("; ")}`
    return { code, lines: [`step ${refused.step} is not accepted: ${word}${why}`, goodLine, ...cut] }
  }
  const last = steps.at(-1)
  const later = unfinished.filter(({ step }) => last === undefined || step > last.step)
  // A trainer that broke has a code of its own, and nothing that it left was accepted by mistake.
  const broke = trainer !== undefined && trainer !== 0
  if (last === undefined) {
    return broke
      ? { code: trainer, lines: [`the trainer ended with code ${trainer} before it saved a checkpoint`, ...cut] }
      : {
        code: refusedCode,
        lines: ["never gated: no checkpoint was found that is whole", ...cut]
      }
  }
  if (!isAccepted(last.outcome, accept, true)) {
    return {
      code: refusedCode,
      lines: [`never gated: the last step, ${last.step}, is ${last.outcome.word}`, goodLine, ...cut]
    }
  }
  if (broke) {
    return { code: trainer, lines: [`the trainer ended with code ${trainer}`, goodLine, ...cut] }
  }
  if (later.length > 0) {
    return { code: refusedCode, lines: ["never gated: a later save than the last gated one was cut", goodLine, ...cut] }
  }
  if (ungated.length > 0) {
    return {
      code: refusedCode,
      lines: [
        never[0]!,
        goodLine,
        ...cut.filter((line) => line !== never[0])
      ]
    }
  }
  if (followed.steps.length === 0) {
    return {
      code: exitCodes.pass,
      lines: [`no checkpoint was saved, and the newest one was accepted before: step ${last.step}: ${last.folder}`]
    }
  }
  return { code: exitCodes.pass, lines: [`all ${steps.length} checkpoints accepted; ${goodLine}`] }
}
