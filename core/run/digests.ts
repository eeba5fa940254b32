/** Digests of a suite's prompts, by the place of each sample. */
export interface Digests {
  /** 32 hex digits. */
  readonly at: (place: number) => string
}

const bytesOfEach = 16

/** Room for digests, 16 bytes each: as texts, those of 200,000 prompts would be 11 MB among what is collected. */
export const digestTable = (count: number): Digests & {
  /** Keeps the first 32 digits of a digest in hex. */
  readonly set: (place: number, digest: string) => void
} => {
  const bytes = Buffer.alloc(count * bytesOfEach)
  return {
    at: (place) => bytes.toString("hex", place * bytesOfEach, (place + 1) * bytesOfEach),
    set: (place, digest) => {
      bytes.write(digest, place * bytesOfEach, bytesOfEach, "hex")
    }
  }
}
