import { type CsvError, type Info, parse } from "csv-parse/sync"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { basename } from "node:path"
import { sha256 } from "../domain/digest.ts"
import { Measure } from "../domain/measures.ts"
import { UsageProblem } from "../domain/problem.ts"
import { Answer, decodeLines, requireGoal } from "./score.ts"
import { whyUnreadable } from "./unreadable.ts"

/** An answer with what people said of it, as a line of a labels file. */
export const Labelled = Schema.Struct({
  ...Answer.fields,
  labels: Schema.optionalKey(Schema.Struct(
    Object.fromEntries(Measure.literals.map((name) => [name, Schema.optionalKey(Schema.Literals([0, 1]))])) as {
      readonly [name in Measure]: Schema.optionalKey<Schema.Literals<readonly [0, 1]>>
    }
  ))
})
export type Labelled = typeof Labelled.Type

/** A labels file. */
interface LabelledFile {
  readonly name: string
  readonly sha256: string
  readonly rows: ReadonlyArray<Labelled>
}

const shape = `{id, response, labels?: {${
  Measure.literals.map((name) => `${name}?`).join(", ")
}: 0 or 1}, ${"goal?, suite?, context?, reference?, category?, complete?, reasoning?, metadata?}"}`
const texts = ["goal", "suite", "context", "reference", "category", "reasoning"] as const
const columnsOfCsv = ["id", "response", ...texts, "complete", ...Measure.literals]

type Cells = Readonly<Record<string, string>>

const csvProblem = (where: string, what: string) =>
  new UsageProblem({
    reason: "file",
    where,
    what,
    fix: `Give columns id, response and one or more of ${Measure.literals.join(", ")} with 0, 1 or nothing; else ${
      [...texts, "complete"].join(", ")
    }.`
  })

/** A row of CSV as a line of JSON would have it; what is empty is not there. */
const rowOf = (cells: Cells, where: string): Effect.Effect<Labelled, UsageProblem> => {
  const labels: Record<string, 0 | 1> = {}
  for (const measure of Measure.literals) {
    const cell = (cells[measure] ?? "").trim()
    if (cell === "") continue
    if (cell !== "0" && cell !== "1") {
      return Effect.fail(csvProblem(where, `${measure} is ${JSON.stringify(cell)}, which is neither 0 nor 1`))
    }
    labels[measure] = cell === "1" ? 1 : 0
  }
  const complete = (cells["complete"] ?? "").trim()
  if (!["", "true", "false"].includes(complete)) {
    return Effect.fail(csvProblem(where, `complete is ${JSON.stringify(complete)}, which is neither true nor false`))
  }
  const id = cells["id"] ?? ""
  if (id === "") return Effect.fail(csvProblem(where, "id is empty"))
  return Effect.succeed({
    id,
    response: cells["response"] ?? "",
    ...Object.fromEntries(texts.flatMap((name) => cells[name] ? [[name, cells[name]]] : [])),
    ...(complete === "" ? {} : { complete: complete === "true" }),
    labels
  })
}

const readCsv = Effect.fnUntraced(function*(file: string, text: string, goal: boolean) {
  const rows = yield* Effect.try({
    try: () => parse<{ readonly record: Cells; readonly info: Info }>(text, { bom: true, columns: true, info: true }),
    catch: (cause) => csvProblem(`${file}, line ${(cause as CsvError)["lines"] ?? "?"}`, (cause as Error).message)
  })
  const names = Object.keys(rows[0]?.record ?? {})
  const missing = ["id", "response"].find((name) => !names.includes(name))
  if (rows.length > 0 && missing !== undefined) return yield* csvProblem(`${file}, line 1`, `no column ${missing}`)
  const unknown = names.find((name) => !columnsOfCsv.includes(name))
  if (unknown !== undefined) {
    return yield* csvProblem(`${file}, line 1`, `there is no column ${JSON.stringify(unknown)}`)
  }
  return yield* Effect.forEach(rows, ({ info, record }) => {
    const where = `${file}, line ${info.lines}`
    return rowOf(record, where).pipe(Effect.tap((row) => goal ? requireGoal(row, where) : Effect.void))
  })
})

/**
 * Reads answers with labels: JSON lines like those of `driftgate score` with `labels: {unsafe: 0 | 1, ...}`, or a CSV
 * file (`.csv`) with a column for each measure. Fails with `UsageProblem` `file` that names the line, also for an id
 * that stands twice; `goal`: and for a line that does not say what was asked.
 */
export const readLabels = Effect.fn("Labels.read")(function*(file: string, { goal }: { readonly goal: boolean }) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(file).pipe(
    Effect.mapError((error) =>
      new UsageProblem({
        reason: "file",
        where: file,
        what: `the labels can't be read: ${whyUnreadable(error)}`,
        fix: "Name a file of JSON lines or CSV with --labels FILE."
      })
    )
  )
  const rows = file.toLowerCase().endsWith(".csv")
    ? yield* readCsv(file, text, goal)
    : yield* Stream.runCollect(
      decodeLines(Stream.fromIterable(text.split("\n")), Labelled, { source: file, shape, goal })
    )
  const seen = new Set<string>()
  for (const { id } of rows) {
    if (seen.has(String(id))) {
      return yield* new UsageProblem({
        reason: "file",
        where: file,
        what: `the id ${JSON.stringify(id)} stands twice`,
        fix: "Give each answer an id of its own: one that is counted twice makes limits too narrow."
      })
    }
    seen.add(String(id))
  }
  return { name: basename(file), sha256: sha256(text), rows } satisfies LabelledFile as LabelledFile
})

/** Fails with `UsageProblem` `file` unless a row is labelled for the measure. */
export const requireLabelled = Effect.fnUntraced(function*(file: string, { rows }: LabelledFile, measure: Measure) {
  if (rows.some(({ labels }) => labels?.[measure] !== undefined)) return
  return yield* new UsageProblem({
    reason: "file",
    where: file,
    what: `no line has a label of ${measure}`,
    fix: `Write labels: {"${measure}": 0} or 1 into each line, or choose another --measure.`
  })
})
