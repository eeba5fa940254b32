import { normalisedGoal } from "../domain/digest.ts"
import { makeGrouping } from "../domain/grouping.ts"
import { messagesFault } from "../plugin/border.ts"
import type { Sample } from "../plugin/contract.ts"
import { promptDigest } from "./population.ts"

/** What tells a sample's prompt from others: its text where it is one question, so that few are digested. */
export const promptOf = ({ messages }: Sample): string | undefined => {
  // What is wrong with messages is said where the suite is planned.
  if (messagesFault(messages) !== undefined) return undefined
  const [only] = messages
  return messages.length === 1 && only!.role === "user" ? `text ${only!.content}` : promptDigest(messages)
}

/** What tells a sample's goal from others; undefined where it says nothing. */
export const goalOf = ({ goal }: Sample): string | undefined => {
  const normalised = normalisedGoal(goal)
  return normalised === "" ? undefined : normalised
}

/** The group of each sample of a suite, by its place: the cluster that it declares, else by goal and by prompt. */
export const sampleGroups = (samples: ReadonlyArray<Sample>): Int32Array => {
  const grouping = makeGrouping(3)
  for (const sample of samples) {
    const { cluster } = sample
    grouping.add(cluster === undefined ? [undefined, goalOf(sample), promptOf(sample)] : [cluster])
  }
  return Int32Array.from(samples, (_, place) => grouping.groupOf(place))
}
