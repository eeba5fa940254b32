import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { appendFileSync, closeSync, openSync } from "node:fs"
import { canonicalJson, sha256 } from "../domain/digest.ts"
import type { Plan } from "../domain/plan.ts"
import { InternalProblem, isProblem, UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { makeFolder, type RunDirectory, runDirectory } from "../run/directory.ts"
import { freezeUnits, type FrozenUnits, makePlan, type RunRequest, type SuiteToPlan } from "../run/planner.ts"
import { parsePlan } from "../run/stored-run.ts"

const forbidden: ReadonlySet<unknown> = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR"])

const disk = (where: string) => (cause: unknown) => {
  const what = `the plan can't be written: ${cause instanceof Error ? cause.message : String(cause)}`
  return cause instanceof Error && "code" in cause && forbidden.has(cause.code)
    ? new UnavailableProblem({ reason: "folder", what, where, fix: "Choose a folder you may write to with --out DIR." })
    : new InternalProblem({
      reason: "disk",
      what,
      where,
      fix: "Free space, or choose another folder with --out DIR. Nothing was asked.",
      cause
    })
}

/** The same bytes are the same asset, wherever they were taken from. */
const withoutSources = <A extends { readonly assets: Plan["suites"][number]["assets"] }>(using: A) => ({
  ...using,
  assets: using.assets.map(({ name, sha256 }) => ({ name, sha256 }))
})

/** What must be equal for a run to go on; where a model is reached and where an asset came from may change. */
const frozenPart = (plan: Plan, rules: Plan["rules"]): Record<string, unknown> => ({
  behaviour: plan.target.identity.behaviour,
  // A later comparison goes by the rules that the plan holds.
  profile: rules === undefined ? plan.profile : `${plan.profile} (sha256 ${rules.sha256.slice(0, 12)})`,
  seed: plan.seed,
  answerSeed: plan.answerSeed,
  units: plan.units,
  ...Object.fromEntries(
    plan.suites.map((suite) => [
      `suite ${suite.id}`,
      { ...withoutSources(suite), scorer: withoutSources(suite.scorer) }
    ])
  )
})

const differences = (stored: Plan, now: Plan): ReadonlyArray<string> => {
  const before = frozenPart(stored, stored.rules)
  const isOlder = stored.rules === undefined && stored.profile !== undefined
  const after = frozenPart(now, isOlder ? undefined : now.rules)
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.filter((name) => canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null)).flatMap(
    (name) => {
      const [old, fresh] = [before[name], after[name]]
      if (!name.startsWith("suite ") || old === undefined || fresh === undefined) {
        return [`${name}: stored ${canonicalJson(old ?? null)}, now ${canonicalJson(fresh ?? null)}`]
      }
      const [a, b] = [old as Record<string, unknown>, fresh as Record<string, unknown>]
      return Object.keys({ ...a, ...b })
        .filter((key) => canonicalJson(a[key] ?? null) !== canonicalJson(b[key] ?? null))
        .map((key) => `${name}, ${key}: stored ${canonicalJson(a[key] ?? null)}, now ${canonicalJson(b[key] ?? null)}`)
    }
  )
}

/** Removes drafts that a process left which was killed while it froze: no freezing takes an hour. */
const sweepDrafts = Effect.fnUntraced(function*(runs: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const now = yield* Clock.currentTimeMillis
  const drafts = (yield* fs.readDirectory(runs)).filter((name) => /^\.units-\d+\.ndjson$/.test(name))
  for (const draft of drafts) {
    const { mtime } = yield* fs.stat(path.join(runs, draft))
    if (mtime._tag === "Some" && now - mtime.value.getTime() > 3_600_000) yield* fs.remove(path.join(runs, draft))
  }
}, (effect) => Effect.ignore(effect))

/** A plan on disk, and the folder that it lies in. */
export interface FrozenRun {
  readonly directory: RunDirectory
  readonly plan: Plan
  readonly planDigest: string
}

/**
 * Freezes the units of several targets at once and lays down one plan for each.
 *
 * A run folder that is there already is gone on with when its plan is the same; otherwise this fails with
 * `UsageProblem` `plan-mismatch` that names what differs, and changes nothing.
 */
export const freezeRuns = Effect.fn("Plans.freeze")(function*(input: {
  readonly out: string
  readonly suites: ReadonlyArray<SuiteToPlan>
  readonly requests: ReadonlyArray<RunRequest>
  readonly seed: number
  /** Of every request. @default the seed */
  readonly answerSeed?: number
}) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const runs = path.join(input.out, "runs")
  yield* makeFolder(runs)
  yield* sweepDrafts(runs)
  const draft = path.join(runs, `.units-${process.pid}.ndjson`)
  const frozen = yield* Effect.try({
    try: (): FrozenUnits => {
      const fd = openSync(draft, "w", 0o600)
      try {
        const units = freezeUnits(input.suites, input.seed, input.answerSeed)
        let step = units.next()
        for (; step.done !== true; step = units.next()) appendFileSync(fd, step.value)
        return step.value
      } finally {
        closeSync(fd)
      }
    },
    catch: (cause) => isProblem(cause) ? cause : disk(draft)(cause)
  }).pipe(Effect.onError(() => Effect.ignore(fs.remove(draft))))
  const laid = yield* Effect.forEach(input.requests, (request) =>
    Effect.gen(function*() {
      const plan = makePlan(request, frozen)
      const directory = runDirectory(path, path.join(runs, plan.run))
      const text = JSON.stringify(plan, null, 2) + "\n"
      const stored = yield* fs.readFileString(directory.plan).pipe(
        Effect.catchIf((error) => error.reason._tag === "NotFound", () => Effect.succeed(undefined)),
        Effect.mapError((error) =>
          new UnavailableProblem({
            reason: "folder",
            what: `the stored plan can't be read: ${error.message}`,
            where: directory.plan,
            fix: "Make it readable, or use another --out. Nothing was written over."
          })
        )
      )
      if (stored !== undefined) {
        const old = yield* parsePlan(directory.plan, stored)
        const changed = differences(old, plan)
        if (changed.length > 0) {
          return yield* new UsageProblem({
            reason: "plan-mismatch",
            where: directory.plan,
            what: `this run was frozen with something else:\n  ${changed.slice(0, 8).join("\n  ")}`,
            fix: "Restore what changed to go on with the stored run, or use another --out for a new one."
          })
        }
        return { directory, plan: old, planDigest: sha256(stored) } satisfies FrozenRun
      }
      yield* makeFolder(directory.path)
      yield* fs.copyFile(draft, directory.units).pipe(
        Effect.andThen(fs.writeFileString(`${directory.plan}.tmp`, text, { mode: 0o600 })),
        // The plan appears last and whole: a folder with a plan is a run.
        Effect.andThen(fs.rename(`${directory.plan}.tmp`, directory.plan)),
        Effect.mapError(disk(directory.path))
      )
      return { directory, plan, planDigest: sha256(text) } satisfies FrozenRun
    })).pipe(Effect.ensuring(Effect.ignore(fs.remove(draft))))
  return { runs: laid, prompts: frozen.prompts }
})
