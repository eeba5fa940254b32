import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { type Refusal, unfinished } from "./inspection.ts"
import { objectOf, refusedRead } from "./reading.ts"

// The format's own limit. Source: safetensors' README.
const largestHeader = 100_000_000

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0

/** The last byte that a header gives to a tensor, counted from the header's end; undefined where it is no header. */
const lastOffset = (text: string): number | undefined => {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    return undefined
  }
  const tensors = Object.entries(objectOf(header) ?? {}).filter(([name]) => name !== "__metadata__")
  const ends = tensors.map(([, tensor]) => {
    const offsets = objectOf(tensor)?.["data_offsets"]
    return Array.isArray(offsets) && isCount(offsets[1]) ? offsets[1] : undefined
  })
  // A file without tensors says nothing about a model.
  return ends.length === 0 || ends.includes(undefined) ? undefined : Math.max(...ends as ReadonlyArray<number>)
}

/**
 * Checks that a safetensors file is as long as its header says: 8 bytes, the header, and all tensors.
 *
 * Values are not read. A file that is shorter, longer or no safetensors file is a refusal that another look may lift.
 */
export const checkLength = Effect.fn("Checkpoints.checkLength")(
  function*(file: string) {
    const fs = yield* FileSystem.FileSystem
    const cut = (what: string) => Effect.fail<Refusal>(unfinished(`${file} ${what}`))
    const handle = yield* fs.open(file).pipe(Effect.catch(refusedRead(file)))
    const size = Number((yield* handle.stat.pipe(Effect.catch(refusedRead(file)))).size)
    const read = (from: number, length: number) =>
      handle.readAlloc(length, { position: BigInt(from) }).pipe(
        Effect.map(Option.getOrElse(() => new Uint8Array(0))),
        Effect.catch(refusedRead(file))
      )
    const first = yield* read(0, 8)
    if (first.length < 8) return yield* cut(`is truncated: it has ${size} bytes`)
    const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true)
    if (length < 2n || length > BigInt(largestHeader)) return yield* cut("is no safetensors file")
    const from = 8 + Number(length)
    if (from > size) return yield* cut(`is truncated: it has ${size} bytes, and its list of tensors ends at ${from}`)
    const header = yield* read(8, Number(length))
    const last = header.length === Number(length) ? lastOffset(new TextDecoder().decode(header)) : undefined
    if (last === undefined) return yield* cut("has no list of tensors that can be read")
    if (from + last !== size) return yield* cut(`has ${size} bytes and should have ${from + last}`)
  },
  Effect.scoped
)
