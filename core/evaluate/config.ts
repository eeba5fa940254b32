import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml"
import { UsageProblem } from "../domain/problem.ts"
import { explainErrors } from "../plugin/schema-error.ts"
import { Config } from "./config-schema.ts"
import { whyUnreadable } from "./unreadable.ts"

/** The published JSON Schema of `driftgate.yaml`. */
export const configJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(Config, { onExcessProperty: "error" })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema, $defs: definitions }
}

/** The keys at the top of a document; a schema with a name of its own is a reference to its definition. */
const keysOf = (schema: Readonly<Record<string, unknown>>): ReadonlyArray<string> => {
  const { $defs = {}, $ref, properties } = schema as {
    readonly $defs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    readonly $ref?: string
    readonly properties?: object
  }
  const named = $ref === undefined ? undefined : $defs[$ref.replace("#/$defs/", "")]
  return Object.keys(properties ?? named?.["properties"] ?? {})
}

const nameOf = (key: unknown): unknown => isScalar(key) ? String(key.value) : key

const fault = (where: string, what: string, fix: string) => new UsageProblem({ reason: "config", where, what, fix })

/**
 * The value of a YAML text, and where things stand in it.
 *
 * Fails with `UsageProblem` of the given reason when it is not YAML, or when its aliases unfold to far more than was
 * written.
 */
export const readYaml = Effect.fn("Config.readYaml")(function*({ file, reason, text }: {
  readonly file: string
  readonly text: string
  readonly reason: "config" | "policy"
}) {
  const lines = new LineCounter()
  const broken = (where: string, why: string) =>
    new UsageProblem({ reason, where, what: `this is not YAML: ${why}`, fix: "Correct the file and run again." })
  const document = yield* Effect.try({
    try: () => parseDocument(text, { lineCounter: lines, prettyErrors: false }),
    catch: (cause) => broken(file, (cause as Error).message)
  })
  const at = (offset: number) => {
    const { col, line } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const [first] = document.errors
  if (first !== undefined) return yield* broken(at(first.pos[0]), first.message)
  const value = yield* Effect.try({
    try: (): unknown => document.toJS(),
    catch: (cause) => broken(file, (cause as Error).message)
  })
  return { value, document, at }
})

/**
 * Parses YAML and checks it by a JSON Schema; every error names file, line, column, path and what was expected.
 */
export const parseYaml = Effect.fn("Config.parseYaml")(function*(input: {
  readonly file: string
  readonly text: string
  readonly schema: Readonly<Record<string, unknown>>
  /** Where all keys are described. */
  readonly described: string
}) {
  const { at, document, value: read } = yield* readYaml({ file: input.file, text: input.text, reason: "config" })
  const value = read ?? {}
  const ajv = new Ajv2020({ strict: true, strictTuples: false, allErrors: true, allowUnionTypes: true, logger: false })
  const validate = ajv.compile(input.schema)
  if (!validate(value)) {
    const [first] = validate.errors!
    const path = first!.instancePath.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    const extra = first!.params["additionalProperty"]
    const found = document.getIn(path, true)
    // A key that does not belong there is shown itself, not what it holds.
    const node = isMap(found) && typeof extra === "string"
      ? found.items.find(({ key }) => nameOf(key) === extra)?.key
      : found
    const offset = isNode(node) ? node.range?.[0] ?? 0 : 0
    const known = keysOf(input.schema)
    return yield* fault(
      at(offset),
      explainErrors(validate.errors!, value).join("; "),
      typeof extra === "string" && path.length === 0
        ? `Keys are: ${known.join(", ")}. ${input.described}`
        : input.described
    )
  }
  return value
})

/** Reads `driftgate.yaml`; a missing file is an empty configuration unless it was asked for by name. */
export const readConfig = Effect.fn("Config.read")(function*(file: string, required: boolean) {
  const fs = yield* FileSystem.FileSystem
  const exists = yield* fs.exists(file).pipe(Effect.orElseSucceed(() => false))
  if (!exists && !required) return {} satisfies Config as Config
  const text = yield* fs.readFileString(file).pipe(
    Effect.mapError((error) =>
      fault(file, `the file can't be read: ${whyUnreadable(error)}`, "Name another with --config FILE.")
    )
  )
  return (yield* parseYaml({
    file,
    text,
    schema: configJsonSchema(),
    described: "schema/driftgate.schema.json in the package describes every key."
  })) as Config
})
