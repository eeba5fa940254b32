import * as Clock from "effect/Clock"
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type { JournalRecord, UnitRecord } from "../domain/journal.ts"
import type { PlannedSuite } from "../domain/plan.ts"
import { UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { unitKey } from "../domain/unit.ts"
import { type SuiteJudging, suiteJudgings } from "../gate/judging.ts"
import type { Target } from "../plugin/contract.ts"
import { Plugins } from "../plugin/registry.ts"
import { defaultRetryPolicy } from "../run/ask.ts"
import { startBudget } from "../run/budget.ts"
import { readJournal } from "../run/journal-reader.ts"
import { openJournal } from "../run/journal-writer.ts"
import { makeJudges } from "../run/judge-model.ts"
import { readJudged } from "../run/judged.ts"
import { makeLanes } from "../run/lanes.ts"
import { holdLock } from "../run/lock.ts"
import { itemsDigest, type RunRequest } from "../run/planner.ts"
import { openStoredRun, readResults, readUnits, type StoredRun } from "../run/stored-run.ts"
import type { RunSummary } from "../run/summary.ts"
import { requireConsent } from "./consent.ts"
import { execute, type Listener } from "./execute.ts"
import { freezeRuns, type FrozenRun } from "./freeze.ts"
import { loadSuites } from "./load.ts"
import { asPlanned } from "./part.ts"
import { requirePrices } from "./prices.ts"
import { chooseScorer, scorerTexts, type SelectedSuite } from "./selection.ts"
import type { Settings } from "./settings.ts"
import { openTargets } from "./targets.ts"

/** Stored answers judged again, as a run of its own. */
export interface RescoredRun {
  readonly run: FrozenRun
  readonly summary: RunSummary
  /** Suites whose scorer asks others. */
  readonly judging: ReadonlyArray<SuiteJudging>
}

const journalDigest = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const hash = createHash("sha256")
  yield* fs.stream(file).pipe(
    Stream.runForEach((bytes) => Effect.sync(() => hash.update(bytes))),
    Effect.mapError((error) =>
      new UnavailableProblem({
        reason: "folder",
        what: error.message,
        where: file,
        fix: "Name a run that has a journal."
      })
    )
  )
  return hash.digest("hex")
})

/** Ids of the samples of a stored run, by suite. */
const plannedIds = Effect.fnUntraced(function*(stored: StoredRun) {
  const ids = new Map<string, Set<string>>(stored.plan.suites.map(({ id }) => [id, new Set()]))
  yield* Stream.runForEach(readUnits(stored), (units) =>
    Effect.sync(() => {
      for (const { sample, suite } of units) ids.get(suite)?.add(sample)
    }))
  return ids
})

/** The suites of a stored run, with the scorers that are to judge it now. */
const selectAgain = Effect.fnUntraced(function*(stored: StoredRun, settings: Settings) {
  const plugins = yield* Plugins
  const suites = yield* Effect.forEach(
    stored.plan.suites,
    (planned) =>
      plugins.resolveSuite(planned.selection).pipe(Effect.map((suite) => ({ planned, suite, text: planned.selection })))
  )
  const { all, assigned } = yield* scorerTexts(settings, suites, { allowBare: true })
  return yield* Effect.forEach(
    suites,
    Effect.fnUntraced(function*({ planned, suite }) {
      const scorer = yield* chooseScorer(assigned.get(suite.id) ?? all ?? planned.scorer.id, suite, settings.roles)
      return {
        suite,
        scorer,
        role: planned.role,
        margin: undefined,
        decoding: planned.decoding
      } satisfies SelectedSuite as SelectedSuite
    })
  )
})

const changed = (planned: PlannedSuite, now: string) =>
  new UsageProblem({
    reason: "plan-mismatch",
    where: planned.id,
    what: `the suite's samples are not those that were answered: items ${planned.items} then, ${now} now`,
    fix: "Restore the suite's data and plugin version of that run. Nothing was written."
  })

/** The source run's records that a new run begins with: the latest answer of each unit, else how it was lost. */
const copyAnswers = Effect.fnUntraced(function*(source: StoredRun, run: FrozenRun) {
  const journal = yield* openJournal(run.directory.journal)
  const begin = (at: number) =>
    journal.append({
      type: "session",
      schema: "driftgate.journal/1",
      run: run.plan.run,
      plan: run.planDigest,
      version: "copy",
      at
    })
  begin(yield* Clock.currentTimeMillis)
  const last = new Map<string, { readonly line: number; readonly answered: boolean }>()
  const each = (use: (line: number, record: UnitRecord) => void, session: (at: number) => void = () => {}) =>
    readJournal(source.directory.journal).pipe(
      Stream.runForEach((lines) =>
        Effect.sync(() => {
          for (const { line, record } of lines) {
            if (record.type === "session") session(record.at)
            else if (isKept(record)) use(line, record)
          }
        })
      )
    )
  // Two passes keep memory at one number a unit: the first finds the line that counts, the second copies it.
  yield* each((line, record) => {
    const key = unitKey(record.unit)
    const answered = record.type === "generation"
    // An answer stays one though its judging was left out later.
    if (answered || last.get(key)?.answered !== true) last.set(key, { line, answered })
  })
  let copied = 0
  yield* each((line, record) => {
    if (last.get(unitKey(record.unit))?.line !== line) return
    journal.append({ ...record, attempt: 1 })
    copied++
  }, (at) => {
    // Answers of two sessions stay apart: between them another model may have taken the name.
    if (copied > 0) begin(at)
  })
  yield* journal.flush
})

const isKept = (record: JournalRecord): record is UnitRecord =>
  record.type === "generation" || (record.type === "error" && record.stage === "generation") || record.type === "skip"

/** Stands in for the model, which is not asked. */
const absent = (stored: StoredRun): Target => ({
  identity: stored.plan.target.identity,
  capabilities: {
    input: [],
    seed: false,
    generationLogprobs: false,
    scoresGivenTokens: "none",
    topLogprobsMax: 0,
    batchInvariant: false
  },
  generate: () => Promise.reject(new Error("a run that is judged again asks no model")),
  close: () => Promise.resolve()
})

/**
 * Judges the stored answers of a run with other scorers; no model under test is asked.
 *
 * Makes a run of its own beside the source, which stays as it is. Scoped: judges live as long as the scope.
 */
export const rescoreRun = Effect.fn("Rescore.run")(function*(
  folder: string,
  settings: Settings,
  listener: Listener,
  drain: Deferred.Deferred<string>
) {
  const source = yield* openStoredRun(folder)
  const { plan } = source
  const selected = yield* selectAgain(source, settings)
  const roleNames = [...new Set(selected.flatMap(({ scorer }) => scorer.roles.map(({ name }) => name)))]
  yield* requirePrices(settings, roleNames)
  const opened = yield* openTargets(
    roleNames.map((name) => ({ name: `role ${name}`, spec: settings.roles[name]! })),
    settings.seed
  )
  const budget = yield* startBudget(settings.budget)
  const { concurrency, deadlineMillis } = settings
  const lanes = yield* makeLanes({ concurrency, deadlineMillis, retry: defaultRetryPolicy, budget })
  const roles = new Map(roleNames.map((name, index) => [
    name,
    { target: opened[index]!.target, price: settings.prices[name] }
  ]))
  const judges = yield* makeJudges({ roles, lanes, budget })
  const [first] = plan.suites
  const drawn = yield* loadSuites(
    selected,
    {
      epochs: first?.epochs ?? 1,
      limit: plan.part === undefined ? first?.limit : undefined,
      reasoning: settings.reasoning ?? plan.suites.find(({ reasoning }) => reasoning !== undefined)?.reasoning,
      seed: plan.seed
    },
    judges
  )
  const ids = plan.part === undefined ? undefined : yield* plannedIds(source)
  const suites = ids === undefined ?
    drawn :
    drawn.map((loaded, index) => asPlanned(loaded, plan.suites[index]!, ids.get(plan.suites[index]!.id) ?? new Set()))
  for (const [index, planned] of plan.suites.entries()) {
    const now = itemsDigest(suites[index]!.toPlan.population)
    if (planned.items !== now) return yield* changed(planned, now)
  }
  // A journal that does not hold together is not copied.
  yield* readResults(source)
  yield* requireConsent({
    targets: opened,
    suites: suites.flatMap(({ toPlan: { kind, population } }, index) =>
      selected[index]!.scorer.roles.length === 0
        ? []
        : [{ id: population.suite, kind, samples: population.samples.length }]
    ),
    yes: settings.yes
  })
  const request: RunRequest = {
    target: plan.target,
    profile: plan.profile,
    rules: plan.rules,
    part: plan.part,
    source: { run: plan.run, journal: yield* journalDigest(source.directory.journal) },
    seed: plan.seed,
    ...(plan.answerSeed === undefined ? {} : { answerSeed: plan.answerSeed }),
    suites: suites.map(({ toPlan }) => ({
      id: toPlan.population.suite,
      epochs: toPlan.epochs,
      limit: toPlan.limit,
      decoding: toPlan.decoding,
      reasoning: toPlan.reasoning,
      scorer: { id: toPlan.scorer.id, behaviour: toPlan.scorer.behaviour }
    }))
  }
  const frozen = yield* freezeRuns({
    out: settings.out,
    suites: suites.map(({ toPlan }) => toPlan),
    requests: [request],
    seed: plan.seed,
    ...(plan.answerSeed === undefined ? {} : { answerSeed: plan.answerSeed })
  })
  const run = frozen.runs[0]!
  yield* Effect.scoped(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    yield* holdLock(run.directory.lock)
    const begun = yield* fs.exists(run.directory.journal).pipe(Effect.orElseSucceed(() => false))
    if (begun) return
    // The copy appears whole or not at all: a half-copied journal would leave units out for ever.
    const aside = { ...run, directory: { ...run.directory, journal: `${run.directory.journal}.copy` } }
    yield* fs.remove(aside.directory.journal).pipe(Effect.ignore)
    yield* Effect.scoped(copyAnswers(source, aside))
    yield* fs.rename(aside.directory.journal, run.directory.journal).pipe(
      Effect.mapError((error) =>
        new UnavailableProblem({
          reason: "folder",
          what: error.message,
          where: run.directory.path,
          fix: "Free space and run again."
        })
      )
    )
  }))
  const target = absent(source)
  const summary = yield* execute(
    {
      arms: [{ name: "target", run, target, asks: false, cache: false, price: undefined }],
      suites,
      prompts: frozen.prompts,
      lanes,
      judges,
      budget
    },
    listener,
    drain
  )
  const judging = suiteJudgings((yield* readJudged(run)).values())
  return { run, summary, judging } satisfies RescoredRun as RescoredRun
})
