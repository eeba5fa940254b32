import type { Ajv2020 as Ajv, ValidateFunction } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { InternalProblem, UsageProblem } from "../domain/problem.ts"
import type { Json } from "./contract.ts"
import { problemOfFaults } from "./fault.ts"
import type { Options, Plugin } from "./plugin.ts"
import { explainErrors, shown } from "./schema-error.ts"
import { type ParsedSelection, valueOfText } from "./selection.ts"
import { nearest } from "./suggest.ts"

type JsonSchema = Readonly<Record<string, unknown>>

const properties = (plugin: Plugin): Readonly<Record<string, JsonSchema>> =>
  (plugin.manifest.options?.["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>

/** The default of each option that has one. */
export const optionDefaults = (plugin: Plugin): Options =>
  Object.fromEntries(
    Object.entries(properties(plugin))
      .filter(([, schema]) => schema["default"] !== undefined)
      .map(([key, schema]) => [key, schema["default"] as Json])
  )

const describeOption = (key: string, schema: JsonSchema, required: boolean): string => {
  const { enum: values, items, maximum, minimum, type } = schema
  const choices = values ?? (items as JsonSchema | undefined)?.["enum"]
  const range = minimum !== undefined && maximum !== undefined
    ? `${minimum} to ${maximum}`
    : minimum !== undefined
    ? `at least ${minimum}`
    : maximum !== undefined
    ? `at most ${maximum}`
    : undefined
  const parts = [
    ...(type === undefined ? [] : [Array.isArray(type) ? type.join(" or ") : String(type)]),
    ...(Array.isArray(choices) ? [`of ${choices.map(shown).join(", ")}`] : []),
    ...(range === undefined ? [] : [range]),
    ...(schema["default"] === undefined ? [] : [`default ${shown(schema["default"])}`]),
    ...(required ? ["required"] : [])
  ]
  return parts.length === 0 ? key : `${key} (${parts.join(", ")})`
}

/** What a plugin can be told, as error messages and help show it. */
const describeOptions = (plugin: Plugin): string => {
  const required = new Set((plugin.manifest.options?.["required"] ?? []) as ReadonlyArray<string>)
  const known = Object.entries(properties(plugin)).map(([key, schema]) =>
    describeOption(key, schema, required.has(key))
  )
  return known.length === 0 ? "it takes no options" : `options are: ${known.join("; ")}`
}

const settings = {
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  useDefaults: true,
  // Done apart, where it is needed.
  validateSchema: false
} as const

/** ajv costs some 50 ms to load, so that it is loaded only when there is a schema to check against. */
const loadAjv = Effect.gen(function*() {
  const [{ Ajv2020 }, formats] = yield* Effect.tryPromise({
    try: () => Promise.all([import("ajv/dist/2020.js"), import("ajv-formats")]),
    catch: (cause) =>
      new InternalProblem({ reason: "defect", what: "ajv could not be loaded", fix: "Install driftgate again", cause })
  })
  const make = (coerceTypes: boolean): Ajv => {
    const ajv = new Ajv2020({ ...settings, coerceTypes, logger: false })
    formats.default.default(ajv)
    // Marks an option that names a scorer, which the host then resolves.
    return ajv.addFormat("scorer", true)
  }
  return { text: make(true), data: make(false) }
})

const notFinite = (value: unknown, path: string): ReadonlyArray<string> =>
  typeof value === "number"
    ? Number.isFinite(value) ? [] : [`${path} must be a finite number`]
    : typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}/${key}`))
    : []

/** The options in the plugin's own types, before its schema has seen them. */
const rawOptions = (plugin: Plugin, { form, given }: ParsedSelection): Result.Result<Record<string, Json>, string> => {
  if (form === "data") return Result.succeed(structuredClone(given) as Record<string, Json>)
  const known = properties(plugin)
  const values: Array<readonly [string, Json]> = []
  for (const [key, text] of Object.entries(given)) {
    const value = valueOfText(text as string, Object.hasOwn(known, key) ? known[key] : undefined)
    if (Result.isFailure(value)) return Result.fail(`/${key}: ${value.failure}`)
    values.push([key, value.success])
  }
  return Result.succeed(Object.fromEntries(values))
}

/** Why options are refused. `where` is the id that the user wrote. */
export const optionsProblem = (plugin: Plugin, where: string, details: ReadonlyArray<string>): UsageProblem =>
  new UsageProblem({
    reason: "options",
    where,
    what: `options: ${details.join("; ")}`,
    fix: describeOptions(plugin)
  })

const unknownOptions = (plugin: Plugin, given: Options): ReadonlyArray<string> => {
  const { additionalProperties, patternProperties } = plugin.manifest.options ?? {}
  if ((additionalProperties !== undefined && additionalProperties !== false) || patternProperties !== undefined) {
    return []
  }
  const known = Object.keys(properties(plugin))
  return Object.keys(given).filter((key) => !known.includes(key)).map((key) => {
    const meant = nearest(key, known)
    return `there is no option ${key}${meant === undefined ? "" : `, did you mean ${meant}?`}`
  })
}

/** Checks options against the schema of a plugin and fills in its defaults. */
interface OptionsCheck {
  (plugin: Plugin, selection: ParsedSelection, where: string): Effect.Effect<Options, UsageProblem | InternalProblem>
}

/**
 * Makes an `OptionsCheck` that compiles each schema once.
 *
 * An option that the schema does not list is refused unless the schema itself says `additionalProperties`.
 */
export const makeOptionsCheck: Effect.Effect<OptionsCheck> = Effect.gen(function*() {
  const ajv = yield* Effect.cached(loadAjv)
  const compiled = { text: new Map<string, ValidateFunction>(), data: new Map<string, ValidateFunction>() }
  const validatorOf = Effect.fnUntraced(function*(plugin: Plugin, form: ParsedSelection["form"]) {
    const known = compiled[form].get(plugin.file)
    if (known !== undefined) return known
    const schema = plugin.manifest.options!
    const instance = (yield* ajv)[form]
    const validate = yield* Effect.try({
      try: () => {
        // Compiling the standard's schema of schemas takes 0.1 s; that our own plugins keep to it is tested.
        if (plugin.source !== "own") instance.validateSchema(schema, true)
        return instance.compile(schema)
      },
      catch: (cause) =>
        problemOfFaults([{
          plugin: plugin.manifest.id,
          stage: "options",
          path: plugin.file,
          details: [`/options is not a JSON Schema that ajv accepts: ${(cause as Error).message}`]
        }])
    })
    compiled[form].set(plugin.file, validate)
    return validate
  })
  return Effect.fnUntraced(function*(plugin, selection, where) {
    const unknown = unknownOptions(plugin, selection.given)
    if (unknown.length > 0) return yield* optionsProblem(plugin, where, unknown)
    if (plugin.manifest.options === undefined) return {}
    const raw = rawOptions(plugin, selection)
    if (Result.isFailure(raw)) return yield* optionsProblem(plugin, where, [raw.failure])
    const validate = yield* validatorOf(plugin, selection.form)
    const options = raw.success
    const details = validate(options) ? notFinite(options, "") : explainErrors(validate.errors ?? [], options)
    return details.length > 0 ? yield* optionsProblem(plugin, where, details) : Object.freeze(options)
  })
})
