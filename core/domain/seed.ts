/** 32 bits that depend on every UTF-16 unit of a text and on a start value. Source: MurmurHash3's mixing steps. */
export const hash32 = (text: string, start: number): number => finished(mixed(text, start), text.length)

const mixed = (text: string, start: number): number => {
  let h = start | 0
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0xcc9e2d51)
    h = (h << 15) | (h >>> 17)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  return h
}

const finished = (state: number, length: number): number => {
  let h = state ^ length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The seed with which both arms answer a unit: 31 bits, since some servers read a signed integer. */
export const unitSeed = (seed: number, suite: string, sample: string, epoch: number): number =>
  unitSeeds(seed, suite)(sample, epoch)

/** `unitSeed` for many units of one suite. */
export const unitSeeds = (seed: number, suite: string): (sample: string, epoch: number) => number => {
  const before = mixed(`${suite}\u0000`, seed)
  return (sample, epoch) => {
    const after = `\u0000${epoch}`
    return finished(mixed(after, mixed(sample, before)), suite.length + 1 + sample.length + after.length) >>> 1
  }
}

/** A stream of 32-bit integers. Source: Steele, Lea and Flood's SplitMix with 32-bit constants. */
const splitMix32 = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}

/** A permutation of 0..n-1 that depends on the seed and the label alone (Fisher-Yates). */
export const permutation = (n: number, seed: number, label: string): Uint32Array => {
  const next = splitMix32(hash32(label, seed))
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((next() / 0x1_0000_0000) * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}
