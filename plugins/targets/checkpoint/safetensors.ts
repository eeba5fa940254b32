import { InputError } from "driftgate/plugin"
import { type FileHandle, open } from "node:fs/promises"
import { objectOf, parseObject } from "./json.ts"

export type Dtype = "F32" | "F16" | "BF16"

/** Further types of the format, which engines of their own read; bytes of one number. */
const foreign: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1
}

/** A tensor in a file. */
export interface Tensor {
  readonly name: string
  readonly file: string
  readonly dtype: Dtype
  readonly shape: ReadonlyArray<number>
  /** Byte in the file at which its values start. */
  readonly start: number
}

const widths: Readonly<Record<Dtype, number>> = { F32: 4, F16: 2, BF16: 2 }

const isDtype = (value: unknown): value is Dtype => typeof value === "string" && Object.hasOwn(widths, value)

/** How many numbers a shape holds. */
export const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((size, width) => size * width, 1)

const recopy = "The file was cut off or changed after it was written: copy it again, or wait until the trainer is done"

const broken = (file: string, what: string): InputError => new InputError(`${file}: ${what}`, { fix: recopy })

// The format's own limit on headers. Source: safetensors' README.
const largestHeader = 100_000_000

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const tensorOf = (file: string, name: string, value: unknown, from: number, quantised: boolean) => {
  const { data_offsets: offsets, dtype, shape } = objectOf(value) ?? {}
  const width = isDtype(dtype)
    ? widths[dtype]
    : quantised && typeof dtype === "string" && Object.hasOwn(foreign, dtype)
    ? foreign[dtype]
    : undefined
  if (width === undefined) {
    throw new InputError(`${file}: the tensor ${name} is ${JSON.stringify(dtype) ?? "without a dtype"}`, {
      fix: `Weights in ${Object.keys(widths).join(", ")} are supported: quantised ones need an engine of their own`
    })
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw broken(file, `the tensor ${name} has no shape`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw broken(file, `the tensor ${name} has no place`)
  }
  const [begin, end] = offsets as [number, number]
  const bytes = sizeOf(shape) * width
  if (end - begin !== bytes) throw broken(file, `the tensor ${name} has ${end - begin} bytes and should have ${bytes}`)
  return { tensor: { name, file, dtype: dtype as Dtype, shape, start: from + begin } satisfies Tensor, end: from + end }
}

const withFile = async <A>(file: string, use: (handle: FileHandle) => Promise<A>): Promise<A> => {
  let handle: FileHandle
  try {
    handle = await open(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw new InputError(`${file}: the weights can't be read (${code})`, {
      fix: code === "ENOENT"
        ? "Copy the missing file too"
        : "Give the user who runs driftgate the right to read it; trainers write weights for their own user only",
      cause
    })
  }
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

const readExactly = async (handle: FileHandle, file: string, from: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, from + filled)
    if (bytesRead === 0) throw broken(file, `it ends after ${from + filled} bytes`)
    filled += bytesRead
  }
  return bytes
}

/**
 * What a safetensors file holds, checked against its length; a file that is cut off is an `InputError`.
 *
 * `quantised` lets types through that are only described here and can't be read with `readValues`.
 */
export const readTensors = (
  file: string,
  { quantised = false }: { readonly quantised?: boolean } = {}
): Promise<ReadonlyArray<Tensor>> =>
  withFile(file, async (handle) => {
    const { size } = await handle.stat()
    const length = size < 8 ? 0n : (await readExactly(handle, file, 0, 8)).readBigUInt64LE(0)
    if (length < 2n || length > BigInt(largestHeader)) throw broken(file, "this is no safetensors file")
    const from = 8 + Number(length)
    if (from > size) throw broken(file, `it ends after ${size} bytes, within its list of tensors`)
    const header = parseObject((await readExactly(handle, file, 8, Number(length))).toString("utf8"), file)
    const found = Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, value]) => tensorOf(file, name, value, from, quantised))
    const end = found.reduce((last, tensor) => Math.max(last, tensor.end), from)
    if (end !== size) throw broken(file, `it has ${size} bytes and should have ${end}`)
    return found.map(({ tensor }) => tensor)
  })

const bits = new DataView(new ArrayBuffer(4))

/** The nearest float32 of a half-precision number given by its 16 bits; both kinds fit without rounding. */
const half = (value: number): number => {
  const sign = value & 0x8000 ? -1 : 1
  const exponent = (value >> 10) & 31
  const fraction = value & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const brain = (value: number): number => {
  bits.setUint32(0, value << 16)
  return bits.getFloat32(0)
}

const tables = new Map<Dtype, Float32Array>()

const tableOf = (dtype: "F16" | "BF16"): Float32Array => {
  const known = tables.get(dtype)
  if (known !== undefined) return known
  const table = Float32Array.from({ length: 65_536 }, (_, value) => dtype === "F16" ? half(value) : brain(value))
  tables.set(dtype, table)
  return table
}

/** Reads a tensor's values into `into`, which has room for exactly as many. */
export const readValues = (tensor: Tensor, into: Float32Array): Promise<void> =>
  withFile(tensor.file, async (handle) => {
    const { dtype, file, start } = tensor
    const bytes = await readExactly(handle, file, start, into.length * widths[dtype])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (dtype === "F32") {
      for (let i = 0; i < into.length; i++) into[i] = view.getFloat32(4 * i, true)
      return
    }
    const table = tableOf(dtype)
    for (let i = 0; i < into.length; i++) into[i] = table[view.getUint16(2 * i, true)]!
  })
