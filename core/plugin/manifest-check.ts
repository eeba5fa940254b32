import * as Result from "effect/Result"
import * as SemVerRange from "effect/SemVerRange"
import { contractVersion } from "./contract.ts"
import type { PluginFault } from "./fault.ts"
import { validate } from "./manifest.generated.ts"
import type { Manifest } from "./manifest.ts"
import { explainErrors } from "./schema-error.ts"

const repeated = (names: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index))
]

const missing = (value: ReadonlyArray<unknown> | undefined): boolean => value === undefined || value.length === 0

/** What each kind must and must not say, beyond the shape of single fields. */
const kindRules = (manifest: Manifest): ReadonlyArray<string> => {
  const details: Array<string> = []
  const onlyFor = (kind: Manifest["kind"], fields: ReadonlyArray<"suites" | "measures" | "roles" | "uses">) => {
    for (const field of fields) {
      if (manifest.kind !== kind && manifest[field] !== undefined) {
        details.push(`/${field} belongs to a ${kind}, this is a ${manifest.kind}`)
      }
    }
  }
  onlyFor("benchmark", ["suites"])
  onlyFor("scorer", ["measures", "roles", "uses"])
  if (manifest.kind === "benchmark" && missing(manifest.suites)) details.push("/suites must name at least one suite")
  if (manifest.kind === "scorer" && missing(manifest.measures)) details.push("/measures must name at least one measure")
  for (const field of ["roles", "uses"] as const) {
    if (manifest.exact === true && !missing(manifest[field])) {
      details.push(`/exact is for a scorer that compares by itself, and this one has /${field}`)
    }
  }
  for (const name of repeated((manifest.suites ?? []).map(({ id }) => id))) details.push(`/suites names ${name} twice`)
  for (const name of repeated((manifest.assets ?? []).map(({ name }) => name))) {
    details.push(`/assets names ${name} twice`)
  }
  for (const name of repeated((manifest.roles ?? []).map(({ name }) => name))) {
    details.push(`/roles names ${name} twice`)
  }
  for (const [index, suite] of (manifest.suites ?? []).entries()) {
    if (suite.gates.length + suite.tracks.length === 0) {
      details.push(`/suites/${index} neither gates nor tracks a measure`)
    }
    for (const measure of suite.gates.filter((gated) => suite.tracks.includes(gated))) {
      details.push(`/suites/${index} both gates and tracks ${measure}`)
    }
  }
  return details
}

/** A text is extracted by a rule that the alternative names, or else by the asset's pointer. */
const extractRules = (manifest: Manifest): ReadonlyArray<string> =>
  (manifest.assets ?? []).flatMap(({ extract, sources }, index) =>
    sources.flatMap((source, at) => {
      const place = `/assets/${index}/sources/${at}`
      if (extract === undefined) {
        return source.extract === undefined
          ? []
          : [`${place}/extract needs the sha256 of the text in /assets/${index}/extract`]
      }
      return source.extract === undefined && extract.pointer === undefined
        ? [`${place} does not say how the text is found: /extract here, or /assets/${index}/extract/pointer`]
        : []
    })
  )

/** The members of an options schema that driftgate itself relies on; ajv checks the rest when options are given. */
const optionsRules = (manifest: Manifest): ReadonlyArray<string> => {
  const { options } = manifest
  const declared = new Set(Object.keys((options?.["properties"] ?? {}) as object))
  const details = (manifest.assets ?? []).flatMap(({ name, when }) =>
    Object.keys(when ?? {})
      .filter((option) => !declared.has(option))
      .map((option) => `the asset ${name} depends on ${option}, which is not an option`)
  )
  return options === undefined || (options["type"] ?? "object") === "object"
    ? details
    : ["/options/type must be \"object\"", ...details]
}

/** The manifest, when it has the right shape, says what its kind needs and fits this version of the contract. */
export const checkManifest = (
  candidate: { readonly name: string; readonly file: string; readonly manifest: unknown }
): Result.Result<Manifest, PluginFault> => {
  const { file: path, manifest: value } = candidate
  if (!validate(value)) {
    const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined
    const details = explainErrors(validate.errors ?? [], value)
    return Result.fail({ plugin: typeof id === "string" ? id : candidate.name, stage: "manifest", path, details })
  }
  const manifest = value as Manifest
  const fault = (stage: PluginFault["stage"], details: ReadonlyArray<string>) =>
    Result.fail({ plugin: manifest.id, stage, path, details })
  const range = SemVerRange.parse(manifest.contract)
  if (Result.isFailure(range)) {
    return fault("contract", [`/contract is not a range of versions (got ${JSON.stringify(manifest.contract)})`])
  }
  if (!SemVerRange.matches(range.success, contractVersion)) {
    return fault("contract", [`it needs contract ${manifest.contract}, this driftgate offers ${contractVersion}`])
  }
  const rules = [...kindRules(manifest), ...extractRules(manifest)]
  if (rules.length > 0) return fault("manifest", rules)
  const options = optionsRules(manifest)
  return options.length > 0 ? fault("options", options) : Result.succeed(manifest)
}
