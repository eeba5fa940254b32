// Writes what derives from the source: the published JSON Schemas and the compiled manifest check. `--check` compares.
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { AnchorSession } from "../core/domain/anchors.ts"
import { Decision, Flip } from "../core/domain/decision.ts"
import { RunEnvironment } from "../core/domain/environment.ts"
import { JournalRecord } from "../core/domain/journal.ts"
import { LedgerRecord } from "../core/domain/ledger.ts"
import { Plan, PlannedUnit } from "../core/domain/plan.ts"
import { Trajectory } from "../core/domain/trajectory.ts"
import { configJsonSchema } from "../core/evaluate/config.ts"
import { compileManifestCheck, manifestJsonSchema } from "../core/plugin/manifest-compile.ts"
import { Api } from "../core/server/api.ts"
import { singleFile } from "./python/single-file.ts"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const jsonSchema = (schema: Schema.Top) => {
  const { definitions, schema: own } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...own, $defs: definitions }
}
const json = (value: unknown) => JSON.stringify(value, null, 2) + "\n"

const files: Readonly<Record<string, string>> = {
  "schema/plan.schema.json": json(jsonSchema(Plan)),
  "schema/unit.schema.json": json(jsonSchema(PlannedUnit)),
  "schema/environment.schema.json": json(jsonSchema(RunEnvironment)),
  "schema/journal.schema.json": json(jsonSchema(JournalRecord)),
  "schema/anchors.schema.json": json(jsonSchema(AnchorSession)),
  "schema/logprobs.schema.json": json(jsonSchema(LedgerRecord)),
  "schema/decision.schema.json": json(jsonSchema(Decision)),
  "schema/flips.schema.json": json(jsonSchema(Flip)),
  "schema/trajectory.schema.json": json(jsonSchema(Trajectory)),
  "schema/driftgate.schema.json": json(configJsonSchema()),
  "schema/plugin.schema.json": json(manifestJsonSchema()),
  "schema/openapi.json": json(OpenApi.fromApi(Api)),
  "core/plugin/manifest.generated.ts": compileManifestCheck(),
  "python/driftgate_callback.py": singleFile(root)
}

const check = process.argv.includes("--check")
mkdirSync(path.join(root, "schema"), { recursive: true })
for (const [name, text] of Object.entries(files)) {
  const file = path.join(root, name)
  if (!check) writeFileSync(file, text)
  else if (readFileSync(file, "utf8") !== text) {
    console.error(
      `${name} is not what its source gives: run \`node --conditions=driftgate-source scripts/generate.ts\``
    )
    process.exitCode = 1
  }
}
