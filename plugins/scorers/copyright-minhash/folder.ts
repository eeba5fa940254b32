import { InputError } from "driftgate/plugin"
import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"

/** HarmBench's largest file is far below this. */
const largest = 256 * 1024 * 1024

/** Digest of each file of MinHashes in a folder, by behaviour, once the folder is the one that was named. */
export type Hashes = ReadonlyMap<string, string>

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

const bytesOf = async (file: string): Promise<Uint8Array> => {
  if ((await stat(file)).size > largest) {
    throw new InputError(`${file} is too large`, { fix: "Name HarmBench's own files." })
  }
  return readFile(file)
}

/**
 * The files of a folder of MinHashes. Its digest is the sha256 of the lines `sha256  name` of its `.pkl` files, sorted by
 * name; throws an `InputError` that tells the digest where it is not the expected one.
 */
export const openFolder = async (folder: string, expected: string): Promise<Hashes> => {
  const names = await readdir(folder).then(
    (all) => all.filter((name) => name.endsWith(".pkl")).sort((a, b) => (a < b ? -1 : 1)),
    (cause: unknown) => {
      throw new InputError(`copyright-minhash: ${folder} can't be read`, {
        fix: "Name the folder data/copyright_classifier_hashes of a HarmBench checkout with the option hashes.",
        cause
      })
    }
  )
  const digests = new Map<string, string>()
  for (const name of names) digests.set(name.slice(0, -".pkl".length), sha256(await bytesOf(join(folder, name))))
  const found = sha256(Array.from(digests, ([name, digest]) => `${digest}  ${name}.pkl\n`).join(""))
  if (found === expected) return digests
  throw new InputError(
    `copyright-minhash: the ${digests.size} files in ${folder} have the digest ${found}, not ${expected}`,
    { fix: "Restore the files, or name their digest with the option sha256 when these are the ones that you mean." }
  )
}

/** The bytes of a behaviour's file, which has to be the one that the folder held when it was opened. */
export const readHashes = async (folder: string, hashes: Hashes, behaviour: string): Promise<Uint8Array> => {
  const expected = hashes.get(behaviour)
  if (expected === undefined) {
    throw new InputError(`copyright-minhash: ${folder} has no ${JSON.stringify(`${behaviour}.pkl`)}`, {
      fix: "Use the files of the HarmBench release that the suite is from."
    })
  }
  const bytes = await bytesOf(join(folder, `${behaviour}.pkl`))
  if (sha256(bytes) === expected) return bytes
  throw new InputError(`copyright-minhash: ${behaviour}.pkl changed while it was in use`, { fix: "Run again." })
}
