import { hash } from "node:crypto"

/** sha256 of a text or of bytes, in 64 lower-case hex digits. */
export const sha256 = (data: string | Uint8Array): string => hash("sha256", data, "hex")

/**
 * JSON with object keys sorted at every depth and no white space, so that equal values have equal text.
 *
 * Undefined members are left out as `JSON.stringify` does; a number that JSON cannot hold throws.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    return `{${members.join(",")}}`
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${value} has no JSON form`)
  return JSON.stringify(value) ?? "null"
}

/** sha256 of a value's canonical JSON. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value))

/** What carries meaning in a goal: letters with their marks, digits, symbols, and the signs of code and sums. */
const meaningless = /[^\p{L}\p{M}\p{N}\p{S}#%&*/@\\]+/gu

/**
 * A goal as suites share it: Unicode-normalised, lower case, the punctuation of prose and spacing folded, so that copies
 * meet. Empty when nothing is left: such a goal says nothing about who shares it.
 */
export const normalisedGoal = (goal: string): string =>
  goal.normalize("NFKC").toLowerCase().replace(meaningless, " ").trim()

const nothing = sha256("")

/** Whether the first digits of the sha256 of a normalised goal are those of no words at all. */
export const saysNothing = (digest: string): boolean => nothing.startsWith(digest)
