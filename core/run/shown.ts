import { createHash } from "node:crypto"
import { canonicalJson } from "../domain/digest.ts"
import type { Sample } from "../plugin/contract.ts"

/** Texts that are hashed at once, in UTF-16 units. */
const hashedAtOnce = 1 << 16
/** Metadata objects whose JSON is remembered, so that not every sample has one of its own kept. */
const mostRemembered = 10_000

type Shown = Pick<Sample, "goal" | "category" | "context" | "reference" | "metadata">

/**
 * sha256 over what a scorer is shown of each sample beside its id, cluster and answer, in 64 hex digits.
 *
 * `add` takes the samples in their order. A reference that is corrected later is another digest, so that answers judged
 * by the one are not compared with answers judged by the other.
 */
export const shownHash = () => {
  const hash = createHash("sha256")
  const remembered = new Map<object, string>()
  let waiting = ""
  let shared: ReadonlyArray<string | undefined> = []
  const metadataText = (metadata: NonNullable<Shown["metadata"]>): string => {
    let text = remembered.get(metadata)
    if (text === undefined) {
      text = canonicalJson(metadata)
      if (remembered.size < mostRemembered) remembered.set(metadata, text)
    }
    return text
  }
  return {
    add: ({ category, context, goal, metadata, reference }: Shown): void => {
      // What samples share with the one before is left out: a line without it means the same again.
      if (goal !== shared[0] || category !== shared[1] || context !== shared[2] || reference !== shared[3]) {
        shared = [goal, category, context, reference]
        waiting += JSON.stringify(shared)
      }
      waiting += metadata === undefined ? "\n" : `${metadataText(metadata)}\n`
      if (waiting.length < hashedAtOnce) return
      hash.update(waiting)
      waiting = ""
    },
    digest: (): string => hash.update(waiting).digest("hex")
  }
}
