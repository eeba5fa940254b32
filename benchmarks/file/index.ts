import type { Benchmark, Sample } from "driftgate/plugin"
import { hash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { decoded, faultAt, type Format, formatOf, type Row, rowsOf } from "./rows.ts"

const optionalFields = ["id", "reference", "context", "category", "cluster"] as const

/** Which field of a row a part of a sample is read from; `as`, `kind`, `measure` and `scorer` are read by the host. */
interface Options {
  readonly path: string
  readonly format: "auto" | Format
  readonly encoding: string
  readonly goal?: string
  readonly prompt?: string
  readonly id?: string
  readonly reference?: string
  readonly context?: string
  readonly category?: string
  readonly cluster?: string
}

type Part = "goal" | "prompt" | (typeof optionalFields)[number]

const read = async (path: string): Promise<Uint8Array> => {
  try {
    return await readFile(path)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    if (code === "ENOENT") {
      throw faultAt(path, undefined, "there is no such file", "Check path=, which starts from here")
    }
    throw faultAt(path, undefined, `it can't be read (${String(code)})`, "Check that it is a file that you may read")
  }
}

/** Text of a field; numbers and booleans of JSON are written out, null and a missing field are undefined. */
const textOf = (path: string, row: Row, field: string): string | undefined => {
  const value = Object.hasOwn(row.fields, field) ? row.fields[field] : undefined
  if (value === undefined || value === null) return undefined
  if (typeof value === "string") return value
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  throw faultAt(path, row.line, `the field ${field} is not a text`, "Put a string there, or map another field")
}

/** Control characters, which no id may hold: they would break keys and lines. */
const control = /[\u0000-\u001f\u007f]/u

const filled = (text: string | undefined): string | undefined => (text?.trim() === "" ? undefined : text)

const sampleOf = (path: string, row: Row, options: Options): Sample => {
  /** A field that the user named has to be there and filled; one found by its own name may be absent or empty. */
  const part = (name: Part): string | undefined => {
    const field = options[name]
    if (field === undefined) return filled(textOf(path, row, name))
    const text = filled(textOf(path, row, field))
    if (text !== undefined) return text
    const fields = Object.keys(row.fields).join(", ")
    throw faultAt(path, row.line, `${name}=${field}: this row has no text there`, `Its fields are: ${fields}`)
  }
  const prompt = part("prompt") ?? part("goal")
  const goal = part("goal") ?? prompt
  if (goal === undefined || prompt === undefined) {
    const fields = Object.keys(row.fields).join(", ")
    throw faultAt(path, row.line, "there is neither a prompt nor a goal", `Map one with prompt= or goal= to: ${fields}`)
  }
  const rest = Object.fromEntries(optionalFields.flatMap((name) => {
    const text = part(name)
    return text === undefined ? [] : [[name, text]]
  }))
  return {
    id: hash("sha256", prompt, "hex").slice(0, 16),
    ...rest,
    goal,
    messages: [{ role: "user", content: prompt }]
  }
}

/** Any JSONL, CSV or TSV file; ids are a field of the rows or the start of the prompt's sha256. */
export const benchmark: Benchmark<Options> = {
  async *samples(_suite, { options }) {
    const path = resolve(options.path)
    const text = decoded(path, await read(path), options.encoding)
    const rows = rowsOf(path, text, options.format === "auto" ? formatOf(path) : options.format)
    if (rows.length === 0) throw faultAt(path, undefined, "the file has no rows", "Write one sample a row")
    const lines = new Map<string, number>()
    for (const row of rows) {
      const sample = sampleOf(path, row, options)
      if (control.test(sample.id)) {
        const what = "the id holds a control character, such as a tab or a line break"
        throw faultAt(path, row.line, what, "Give the row an id in one line of printed characters")
      }
      const before = lines.get(sample.id)
      if (before !== undefined) {
        const what = `the id ${JSON.stringify(sample.id)} is already that of line ${before}`
        throw faultAt(path, row.line, what, "Give each row an id of its own, or map one with id=")
      }
      lines.set(sample.id, row.line)
      yield sample
    }
  }
}
