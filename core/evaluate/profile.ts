import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { digestOf } from "../domain/digest.ts"
import { PresetName } from "../domain/policy.ts"
import { UsageProblem } from "../domain/problem.ts"
import { parseYaml } from "./config.ts"
import { Installation } from "./installation.ts"
import { whyUnreadable } from "./unreadable.ts"

const Margin = Schema.Finite.check(
  Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true })
)

/** A named, versioned choice of suites: which of them a gate decides on, and with which margins. */
export const Profile = Schema.Struct({
  id: Schema.String,
  title: Schema.optionalKey(Schema.String),
  preset: Schema.optionalKey(PresetName),
  policy: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  ledger: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  suites: Schema.Array(Schema.Struct({
    id: Schema.NonEmptyString,
    role: Schema.Literals(["gated", "tracked"]),
    margin: Schema.optionalKey(Margin),
    scorer: Schema.optionalKey(Schema.NonEmptyString)
  })).check(Schema.isMinLength(1))
}).annotate({ identifier: "DriftgateProfile" })
export type Profile = typeof Profile.Type

const profileJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(Profile, { onExcessProperty: "error" })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema, $defs: definitions }
}

const shippedProfiles = Effect.fnUntraced(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { root } = yield* Installation
  const folder = path.join(root, "core", "evaluate", "profiles")
  const files = yield* fs.readDirectory(folder).pipe(
    Effect.mapError((error) =>
      new UsageProblem({
        reason: "config",
        where: folder,
        what: `the shipped profiles can't be read: ${whyUnreadable(error)}`,
        fix: "Install driftgate again, or choose suites with --suite."
      })
    )
  )
  return { folder, ids: files.map((file) => file.replace(/\.yaml$/, "")) }
})

/** The margins that a shipped profile gives, by the text that names a suite; none when the digest is another's. */
export const shippedMargins = Effect.fn("Profile.shippedMargins")(function*(id: string, sha256: string) {
  const { ids } = yield* shippedProfiles()
  if (!ids.includes(id)) return {}
  const profile = yield* readProfile(id)
  if (digestOf(profile) !== sha256) return {}
  return Object.fromEntries(
    profile.suites.flatMap((suite) => suite.margin === undefined ? [] : [[suite.id, suite.margin]])
  )
})

/** Reads a profile by id (`core-5@1`, shipped) or by the path of a YAML file. */
export const readProfile = Effect.fn("Profile.read")(function*(name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { folder, ids } = yield* shippedProfiles()
  const isFile = /[/\\]|\.ya?ml$/.test(name)
  const file = isFile ? path.resolve(name) : path.join(folder, `${name}.yaml`)
  const text = yield* fs.readFileString(file).pipe(
    Effect.mapError((error) =>
      new UsageProblem({
        reason: "config",
        where: `--profile ${name}`,
        what: !isFile && error.reason._tag === "NotFound"
          ? "there is no such profile"
          : `the profile can't be read: ${whyUnreadable(error)}`,
        fix: `Profiles are: ${ids.join(", ")}; or the path of a YAML file.`
      })
    )
  )
  const described =
    "A profile holds id, suites (id, role: gated or tracked, margin, scorer) and optionally policy and ledger."
  return (yield* parseYaml({ file, text, schema: profileJsonSchema(), described })) as Profile
})
