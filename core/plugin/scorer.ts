import type { PluginRef } from "../domain/plan.ts"
import type { Measure } from "./contract.ts"
import type { Manifest } from "./manifest.ts"
import type { Options, Plugin } from "./plugin.ts"

/** A model that a scorer asks, and what it needs of it. */
export type ScorerRole = NonNullable<Manifest["roles"]>[number]

/** A scorer with its options, and the scorers that it asks in turn. */
export interface ResolvedScorer {
  /** Scorer id with its non-default options in canonical order. */
  readonly id: string
  readonly plugin: PluginRef
  readonly options: Options
  /** What it can give. */
  readonly measures: ReadonlyArray<Measure>
  /** Roles of its own and of the scorers it asks, each once. */
  readonly roles: ReadonlyArray<ScorerRole>
  readonly uses: ReadonlyArray<ResolvedScorer>
  readonly scorer: Plugin
}

/** Most scorers that may ask one another in a row: deeper nesting is taken for a mistake. */
export const deepest = 4

/** The scorers that judge in the end: those that a scorer asks, by way of others too, or itself where it asks none. */
export const judgingScorers = (scorer: ResolvedScorer): ReadonlyArray<string> =>
  scorer.uses.length === 0 ? [scorer.id] : [...new Set(scorer.uses.flatMap(judgingScorers))]

/** Roles of several scorers as one list: a role that two of them share needs what either needs. */
export const mergedRoles = (roles: ReadonlyArray<ScorerRole>): ReadonlyArray<ScorerRole> => {
  const merged = new Map<string, ScorerRole>()
  for (const { name, needs } of roles) {
    merged.set(name, { name, needs: [...new Set([...(merged.get(name)?.needs ?? []), ...needs])] })
  }
  return [...merged.values()]
}

interface OptionSchema {
  readonly format?: string
  readonly items?: { readonly format?: string }
}

/**
 * The scorers that a scorer asks: those that options of the format `scorer` name, or without such options all that the
 * manifest lists under `uses`.
 */
export const askedScorers = (scorer: Plugin, options: Options): ReadonlyArray<string> => {
  const schema = (scorer.manifest.options?.["properties"] ?? {}) as Readonly<Record<string, OptionSchema>>
  const naming = Object.entries(schema)
    .filter(([, option]) => option.format === "scorer" || option.items?.format === "scorer")
    .map(([key]) => key)
  if (naming.length === 0) return scorer.manifest.uses ?? []
  const named = naming.flatMap((key) => (options[key] ?? []) as string | ReadonlyArray<string>)
  return [...new Set(named)]
}
