import { Ajv2020 } from "ajv/dist/2020.js"
import standalone from "ajv/dist/standalone/index.js"
import * as Schema from "effect/Schema"
import { writeFileSync } from "node:fs"
import { digestOf } from "../domain/digest.ts"
import { Manifest } from "./manifest.ts"

/** JSON Schema (2020-12) of a plugin's manifest, closed at every depth. */
export const manifestJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(Manifest, { onExcessProperty: "error" })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema, $defs: definitions }
}

/**
 * Source text of `manifest.generated.ts`: ajv's check of a manifest, compiled ahead of time.
 *
 * Loading ajv and compiling the schema costs about 150 ms, which every `suites list` would pay.
 */
export const compileManifestCheck = (): string => {
  const schema = manifestJsonSchema()
  const ajv = new Ajv2020({
    // The generated non-empty arrays are open tuples, which strict mode takes for a slip.
    strict: true,
    strictTuples: false,
    allErrors: true,
    // With code points counted, the generated module would need a part of ajv at run time.
    unicode: false,
    logger: false,
    code: { source: true, esm: true, lines: true }
  })
  const code = standalone.default(ajv, ajv.compile(schema))
    .replace("\"use strict\";", "")
    .replace(
      /export const validate = (\w+);\s*export default \w+;/u,
      (_, name: string) => `export const validate: ManifestCheck = ${name}`
    )
  return `// dprint-ignore-file
// @ts-nocheck
// Generated from manifest.ts by \`node --conditions=driftgate-source core/plugin/manifest-compile.ts\`.
/* oxlint-disable */
import type { ErrorObject } from "ajv"

export const generatedFrom = "${digestOf(schema)}"

interface ManifestCheck {
  (value: unknown): boolean
  errors?: ReadonlyArray<ErrorObject> | null
}

${code}`
}

if (import.meta.main) writeFileSync(new URL("manifest.generated.ts", import.meta.url), compileManifestCheck())
