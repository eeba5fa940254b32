import { createHash } from "node:crypto"
import type { Reference } from "./reference.ts"
import { isBlank } from "./words.ts"

const prime = (1n << 61n) - 1n
const word64 = (1n << 64n) - 1n
const word32 = 0xffffffffn

/** How a word of a text enters its window's signature: one value a permutation. */
export const hashingBy = (permutations: Reference["permutations"]): (word: string) => Uint32Array => {
  const known = new Map<string, Uint32Array>()
  return (word) => {
    const before = known.get(word)
    if (before !== undefined) return before
    const hash = BigInt(createHash("sha1").update(word, "utf8").digest().readUInt32LE(0))
    // numpy multiplies and adds in 64 bits, without a word about what is lost.
    const values = Uint32Array.from(permutations, ([a, b]) => Number((((a * hash + b) & word64) % prime) & word32))
    known.set(word, values)
    return values
  }
}

/** The MinHash of a set of words; that of no words is all ones. */
export const signatureBy = (
  hashOf: (word: string) => Uint32Array,
  words: ReadonlyArray<string>,
  length: number
): Uint32Array => {
  const signature = new Uint32Array(length).fill(0xffffffff)
  for (const word of new Set(words)) {
    const values = hashOf(word)
    for (let i = 0; i < length; i++) if (values[i]! < signature[i]!) signature[i] = values[i]!
  }
  return signature
}

/** The share of equal values: an estimate of the Jaccard similarity of two sets, in [0,1]. */
export const similarity = (a: Uint32Array, b: Uint32Array): number => {
  let equal = 0
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++
  return equal / a.length
}

/** How a text is cut: windows of `words` words, the next one beginning `words - overlap` further on. */
export interface Window {
  readonly words: number
  readonly overlap: number
}

/** Windows over the pieces of a text, as HarmBench lays them: at least one, and the last one may be short. */
export const windowsOf = (
  pieces: ReadonlyArray<string>,
  { overlap, words: size }: Window
): ReadonlyArray<ReadonlyArray<string>> => {
  const windows: Array<ReadonlyArray<string>> = []
  const last = Math.max(1, pieces.length - overlap)
  for (let from = 0; from < last; from += size - overlap) windows.push(pieces.slice(from, from + size))
  return windows
}

/** The highest similarity of any window of a text to any of the reference, in [0,1]. */
export const highest = (reference: Reference, pieces: ReadonlyArray<string>, window: Window): number => {
  const hashOf = hashingBy(reference.permutations)
  let best = 0
  for (const part of windowsOf(pieces, window)) {
    const signature = signatureBy(hashOf, part.filter((piece) => !isBlank(piece)), reference.permutations.length)
    for (const other of reference.signatures) best = Math.max(best, similarity(signature, other))
  }
  return best
}
