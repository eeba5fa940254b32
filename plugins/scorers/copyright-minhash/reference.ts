import { isMade, type Pickled, readPickle } from "./pickle.ts"

/** The MinHashes of one protected text, and the permutations that all of them were made with. */
export interface Reference {
  /** a and b of each permutation `(a h + b) mod (2^61 - 1)`. */
  readonly permutations: ReadonlyArray<readonly [a: bigint, b: bigint]>
  /** One signature a window, as many values as there are permutations. */
  readonly signatures: ReadonlyArray<Uint32Array>
}

/** Everything that a pickled list of datasketch's MinHash refers to, by numpy 1 and 2, protocols 2 to 5. */
const allowed: ReadonlySet<string> = new Set([
  "copyreg._reconstructor",
  "builtins.object",
  "_codecs.encode",
  "datasketch.minhash.MinHash",
  "datasketch.hashfunc.sha1_hash32",
  "_hashlib.openssl_sha1",
  "numpy.ndarray",
  "numpy.dtype",
  ...["core", "_core"].flatMap((module) => [
    `numpy.${module}.multiarray._reconstruct`,
    `numpy.${module}.numeric._frombuffer`
  ])
])

const bytesOf = (value: Pickled | undefined): Uint8Array => {
  if (value instanceof Uint8Array) return value
  // Protocol 2 has no bytes: it writes them as an encoded text.
  if (isMade(value) && value.by === "_codecs.encode") {
    const [text, encoding] = value.from
    if (typeof text === "string" && encoding === "latin1") return Uint8Array.from(text, (c) => c.charCodeAt(0))
  }
  throw new Error("an array has no bytes")
}

interface Numbers {
  readonly shape: ReadonlyArray<number>
  readonly at: (row: number, column: number) => bigint
}

const numbers = (
  shape: Pickled | undefined,
  dtype: Pickled | undefined,
  fortran: boolean,
  raw: Uint8Array
): Numbers => {
  if (!isMade(dtype) || dtype.by !== "numpy.dtype" || dtype.from[0] !== "u8") {
    throw new Error("an array is not of uint64")
  }
  const order = Array.isArray(dtype.state) ? dtype.state[1] : "<"
  if (order !== "<") throw new Error("an array is not little-endian")
  const sizes = Array.isArray(shape) ? shape.map(Number) : []
  const [rows = 0, columns = 1] = sizes
  if (sizes.length < 1 || sizes.length > 2 || raw.length !== rows * columns * 8) {
    throw new Error("an array's shape and its bytes don't agree")
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  return {
    shape: sizes,
    at: (row, column) => view.getBigUint64(8 * (fortran ? column * rows + row : row * columns + column), true)
  }
}

const arrayOf = (value: Pickled | undefined): Numbers => {
  if (!isMade(value)) throw new Error("an array is missing")
  if (value.by.endsWith("_frombuffer")) {
    const [raw, dtype, shape, order] = value.from
    return numbers(shape, dtype, order === "F", bytesOf(raw))
  }
  if (value.by.endsWith("_reconstruct") && Array.isArray(value.state)) {
    const [, shape, dtype, fortran, raw] = value.state
    return numbers(shape, dtype, fortran === true, bytesOf(raw))
  }
  throw new Error("an array is missing")
}

const memberOf = (value: Pickled): (name: string) => Pickled | undefined => {
  const isOne = isMade(value)
    && (value.by === "datasketch.minhash.MinHash" || value.by === "copyreg._reconstructor")
    && value.state instanceof Map
  if (!isOne) throw new Error("it holds something else than MinHashes")
  const members = value.state as Map<Pickled, Pickled>
  return (name) => members.get(name)
}

const permutationsOf = (value: Pickled | undefined): Reference["permutations"] => {
  // Some versions keep a pair of arrays, others an array of two rows.
  if (Array.isArray(value)) {
    const [a, b] = value.map(arrayOf)
    return Array.from({ length: a?.shape[0] ?? 0 }, (_, i) => [a!.at(i, 0), b!.at(i, 0)] as const)
  }
  const both = arrayOf(value)
  if (both.shape[0] !== 2) throw new Error("its permutations are no pairs")
  return Array.from({ length: both.shape[1] ?? 0 }, (_, i) => [both.at(0, i), both.at(1, i)] as const)
}

const signatureOf = (value: Pickled | undefined): Uint32Array => {
  const values = arrayOf(value)
  return Uint32Array.from({ length: values.shape[0] ?? 0 }, (_, i) => {
    const hash = values.at(i, 0)
    if (hash > 0xffffffffn) throw new Error("a hash is wider than 32 bits")
    return Number(hash)
  })
}

/**
 * Reads one of HarmBench's files, a pickled list of datasketch's MinHash, without executing anything in it.
 *
 * Throws where it holds anything else, hashes by another scheme than datasketch's before 2.0, or hashes that were made
 * with differing permutations.
 */
export const readReference = (bytes: Uint8Array): Reference => {
  const value = readPickle(bytes, allowed)
  if (!Array.isArray(value) || value.length === 0) throw new Error("it holds no list of MinHashes")
  const members = value.map(memberOf)
  const [first] = members
  const permutations = permutationsOf(first!("permutations"))
  const seed = first!("seed")
  const signatures = members.map((member) => {
    const scheme = member("scheme") ?? "legacy"
    if (scheme !== "legacy") throw new Error("its hashes are by a newer scheme of datasketch")
    if (member("seed") !== seed) throw new Error("its hashes are by differing seeds")
    const signature = signatureOf(member("hashvalues"))
    if (signature.length !== permutations.length || signature.length === 0) {
      throw new Error("it has not as many hashes as permutations")
    }
    return signature
  })
  return { permutations, signatures }
}
