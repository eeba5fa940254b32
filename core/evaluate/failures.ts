import * as Data from "effect/Data"
import type { TargetError } from "../plugin/contract.ts"
import type { Failures } from "../run/progress.ts"

/** Labelled answers that a judge failed on: there is no record of a scorer that could not be asked. */
export class NotJudged extends Data.TaggedError("NotJudged")<{ readonly failures: ReadonlyArray<Failures> }> {}

/** Counts errors of judges by reason, in the order in which the reasons first came up. */
export const makeFailures = () => {
  const found = new Map<string, Failures>()
  return {
    add: ({ message, reason }: TargetError): void => {
      const known = found.get(reason) ?? { reason, count: 0, message: message.slice(0, 500) }
      found.set(reason, { ...known, count: known.count + 1 })
    },
    all: (): ReadonlyArray<Failures> => [...found.values()]
  }
}
