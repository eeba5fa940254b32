import { normalisedGoal } from "../domain/digest.ts"
import { type Grouping, makeGrouping } from "../domain/grouping.ts"
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

/** What joins a sample that declares no cluster with others: its goal and its prompt. */
export const keysOf = (sample: Sample): ReadonlyArray<string | undefined> => [
  undefined,
  goalOf(sample),
  promptOf(sample)
]

/** The samples of a suite in groups: by the cluster that they declare, else by goal and by prompt. */
export const groupSamples = (samples: ReadonlyArray<Sample>): Grouping => {
  const grouping = makeGrouping(3)
  for (const sample of samples) {
    const { cluster } = sample
    grouping.add(cluster === undefined ? keysOf(sample) : [cluster])
  }
  return grouping
}

/** The group of each sample of a suite, by its place. */
export const sampleGroups = (samples: ReadonlyArray<Sample>): Int32Array => {
  const { groupOf } = groupSamples(samples)
  return Int32Array.from(samples, (_, place) => groupOf(place))
}
