import * as Effect from "effect/Effect"
import { digestOf } from "../domain/digest.ts"
import type { Decoding, Plan } from "../domain/plan.ts"
import { UsageProblem } from "../domain/problem.ts"
import { Plugins } from "../plugin/registry.ts"
import type { ResolvedScorer } from "../plugin/scorer.ts"
import type { ResolvedSuite } from "../plugin/suite.ts"
import { type Profile, readProfile } from "./profile.ts"
import type { Settings } from "./settings.ts"

/** A suite that a command will ask, with the scorer that will judge it. */
export interface SelectedSuite {
  readonly suite: ResolvedSuite
  readonly scorer: ResolvedScorer
  readonly role: "gated" | "tracked"
  readonly margin: number | undefined
  readonly decoding: Decoding
}

/** The suites of a command, checked against plugins, scorers and roles; nothing has been read or asked yet. */
export interface SelectedSuites {
  readonly profile: Profile | undefined
  readonly suites: ReadonlyArray<SelectedSuite>
}

/** What the profile of a selection says of the verdict, with margins by the ids of the suites that it chose. */
export const rulesOf = ({ profile, suites }: SelectedSuites): Plan["rules"] =>
  profile === undefined ? undefined : {
    sha256: digestOf(profile),
    ...(profile.preset === undefined ? {} : { preset: profile.preset }),
    ...(profile.policy === undefined ? {} : { policy: profile.policy }),
    margins: Object.fromEntries(
      suites.flatMap(({ margin, suite: { id } }) => margin === undefined ? [] : [[id, margin]])
    )
  }

/**
 * Which scorer each suite is given by `SUITE=SCORER` texts, of the configuration and then of flags; with `allowBare`, a
 * flag that names no suite is the scorer of all.
 */
export const scorerTexts = Effect.fnUntraced(function*(
  { configuredScorers, scorers }: Pick<Settings, "configuredScorers" | "scorers">,
  chosen: ReadonlyArray<{ readonly text: string; readonly suite: ResolvedSuite }>,
  { allowBare = false }: { readonly allowBare?: boolean } = {}
) {
  const assigned = new Map<string, string>()
  let all: string | undefined
  const names = chosen.flatMap(({ suite, text }) => [text, suite.id, suite.suite].map((name) => ({ name, suite })))
    // The longest name first, since a suite with options begins with the name of the one without.
    .toSorted((a, b) => b.name.length - a.name.length)
  const assign = (assignment: string): boolean => {
    const match = names.find(({ name }) => assignment.startsWith(`${name}=`) && assignment.length > name.length + 1)
    if (match !== undefined) assigned.set(match.suite.id, assignment.slice(match.name.length + 1))
    return match !== undefined
  }
  const { suites } = yield* Plugins
  for (const assignment of configuredScorers) {
    const name = /^[^?=]*/u.exec(assignment)![0]
    if (assign(assignment) || suites.some(({ suite }) => suite.id === name)) continue
    return yield* new UsageProblem({
      reason: "config",
      where: `scorers.${name}`,
      what: "there is no such suite, here or in any plugin",
      fix: "Correct the name; `driftgate suites list` shows all of them."
    })
  }
  for (const assignment of scorers) {
    if (assign(assignment)) continue
    if (allowBare && !/^[^?]*=/.test(assignment)) {
      all = assignment
      assigned.clear()
    } else {
      return yield* new UsageProblem({
        reason: "flag",
        where: `--scorer ${assignment}`,
        what: "expected SUITE=SCORER with one of the suites of this command",
        fix: `Suites here: ${chosen.map(({ suite }) => suite.id).join(", ")}.`
      })
    }
  }
  return { assigned, all }
})

/** Fails with `UsageProblem` `role` when a scorer names a role for which no model is set. */
export const requireRoles = Effect.fnUntraced(function*(
  scorer: ResolvedScorer,
  roles: Readonly<Record<string, string>>,
  told: string
) {
  const unset = scorer.roles.find(({ name }) => roles[name] === undefined)
  if (unset === undefined) return
  return yield* new UsageProblem({
    reason: "role",
    where: `roles.${unset.name}`,
    what: `the scorer ${told} needs a model in the role ${unset.name}, and none is set`,
    fix: `Set it in driftgate.yaml under roles, or with --role ${unset.name}=TARGET. Nothing was asked.`
  })
})

/** A scorer that gives what the suite gates and whose roles are all set. */
export const chooseScorer = Effect.fnUntraced(function*(
  text: string,
  suite: ResolvedSuite,
  roles: Readonly<Record<string, string>>
) {
  const plugins = yield* Plugins
  const scorer = yield* plugins.resolveScorer(text)
  const missing = suite.manifest.gates.filter((measure) => !scorer.measures.includes(measure))
  if (missing.length > 0) {
    return yield* new UsageProblem({
      reason: "scorer",
      where: `${suite.id} with ${scorer.id}`,
      what: `the suite gates ${missing.join(", ")}, which this scorer does not give (it gives ${
        scorer.measures.join(", ")
      })`,
      fix: `Choose another with --scorer ${suite.id}=ID; \`driftgate plugin list\` shows what each gives.`
    })
  }
  yield* requireRoles(scorer, roles, `${scorer.id} of ${suite.id}`)
  return scorer
})

/** Chooses suites and scorers by profile and settings; fails with `UsageProblem` before anything is opened. */
export const selectSuites = Effect.fn("Suites.select")(function*(settings: Settings) {
  const plugins = yield* Plugins
  const profile = settings.profile === undefined ? undefined : yield* readProfile(settings.profile)
  const entries: ReadonlyArray<Partial<Profile["suites"][number]> & { readonly id: string }> = profile?.suites ??
    settings.suites.map((id) => ({ id }))
  const chosen = yield* Effect.forEach(
    entries,
    (entry) => plugins.resolveSuite(entry.id).pipe(Effect.map((suite) => ({ entry, suite, text: entry.id })))
  )
  const repeated = chosen.find(({ suite }, index) => chosen.findIndex((other) => other.suite.id === suite.id) < index)
  if (repeated !== undefined) {
    return yield* new UsageProblem({
      reason: "suite",
      where: repeated.text,
      what: `the suite ${repeated.suite.id} is named twice`,
      fix: "Name it once, or give the second one other options."
    })
  }
  const { assigned } = yield* scorerTexts(settings, chosen)
  const suites = yield* Effect.forEach(
    chosen,
    Effect.fnUntraced(function*({ entry, suite }) {
      const text = assigned.get(suite.id) ?? entry.scorer ?? suite.manifest.scorer
      const scorer = yield* chooseScorer(text, suite, settings.roles)
      const { decoding } = suite.manifest
      return {
        suite,
        scorer,
        role: entry.role ?? (suite.manifest.gates.length > 0 ? "gated" : "tracked"),
        margin: entry.margin,
        decoding: {
          ...decoding,
          ...(settings.maxTokens === undefined ? {} : { maxTokens: settings.maxTokens }),
          ...(settings.temperature === undefined ? {} : { temperature: settings.temperature })
        }
      } satisfies SelectedSuite as SelectedSuite
    })
  )
  return { profile, suites } satisfies SelectedSuites as SelectedSuites
})
