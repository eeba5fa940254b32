/** Hex digits that are kept of a digest. */
export const digestDigits = 32

/** Digests of a suite's prompts, by the place of each sample. */
export interface Digests {
  /** 32 hex digits. */
  readonly at: (place: number) => string
  /** Writes the 32 digits into bytes. */
  readonly copy: (place: number, bytes: Buffer, offset: number) => void
}

/** Room for digests, as the ASCII that files hold: as texts, those of 200,000 prompts would be among what is collected. */
export const digestTable = (count: number): Digests & {
  /** Keeps the first 32 digits of a digest in hex. */
  readonly set: (place: number, digest: string) => void
} => {
  const bytes = Buffer.alloc(count * digestDigits)
  return {
    at: (place) => bytes.toString("latin1", place * digestDigits, (place + 1) * digestDigits),
    // 32 bytes are copied faster here than by a call.
    copy: (place, target, offset) => {
      for (let i = 0, from = place * digestDigits; i < digestDigits; i++) target[offset + i] = bytes[from + i]!
    },
    set: (place, digest) => {
      bytes.write(digest, place * digestDigits, digestDigits, "latin1")
    }
  }
}
