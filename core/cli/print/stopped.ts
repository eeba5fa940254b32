import { concernsOneUnit } from "../../run/endpoint-loss.ts"
import type { Failures, RunProgress } from "../../run/progress.ts"
import type { SuiteTally } from "../../run/tally.ts"

/** Whether all that is left failed for reasons of its own, such as a prompt that is too long for the model. */
const failsAgain = (arms: RunProgress["arms"]): boolean => {
  const count = (status: "pending" | "skipped" | "errored") =>
    arms.reduce((sum, { suites }) => sum + suites.reduce((sum, { statuses }) => sum + statuses[status], 0), 0)
  const own = arms.flatMap(({ failures }) => failures).filter(({ reason }) => concernsOneUnit(reason))
    .reduce((sum, { count }) => sum + count, 0)
  return count("pending") + count("skipped") === 0 && own > 0 && own === count("errored")
}

/** What a person is told when units are left. */
export const howToGoOn = (why: string, progress?: Pick<RunProgress, "arms">): string =>
  progress !== undefined && failsAgain(progress.arms)
    ? `not finished: ${why}\n  What was answered is on disk. The same command would fail alike: mend what the units failed with.`
    : `not finished: ${why}\n  What was answered is on disk. The same command asks only what is left.`

/** What a person is told when a judge failed on answers. */
export const notJudged = (failures: ReadonlyArray<Failures>): string => {
  const count = failures.reduce((sum, { count }) => sum + count, 0)
  return `not finished: ${count} ${count === 1 ? "answer" : "answers"} could not be judged\n` +
    "  Mend what the judge failed with, then run the same command again."
}

/** What a person is told when every answer is there, and in some suite none has a score. */
export const howToJudge = (suites: ReadonlyArray<SuiteTally>, run: string): string | undefined => {
  const left = suites.some(({ statuses }) => statuses.pending + statuses.errored + statuses.skipped > 0)
  const without = suites.filter(({ statuses }) => statuses.scored === 0)
  const unread = without.filter(({ statuses }) => statuses.unscored > 0)
  if (left || without.length === 0) return undefined
  const names = (of: ReadonlyArray<SuiteTally>) => of.map(({ suite }) => suite).join(", ")
  return unread.length > 0
    ? `not finished: no answer has a score in ${names(unread)}\n` +
      `  The answers are kept: \`driftgate rescore ${run} --scorer SUITE=ID\` judges them again.`
    : `not finished: no answer can be scored in ${names(without)}\n` +
      "  All were blocked or empty, and nothing is left to ask."
}
