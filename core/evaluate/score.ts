import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Measure } from "../domain/measures.ts"
import type { ScorerRef } from "../domain/plan.ts"
import { isProblem, type Problem, UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { isTargetError, type Score, type ScoreInput, type TargetError } from "../plugin/contract.ts"
import { PluginHost } from "../plugin/host.ts"
import { Plugins } from "../plugin/registry.ts"
import type { ResolvedScorer } from "../plugin/scorer.ts"
import { defaultRetryPolicy } from "../run/ask.ts"
import { startBudget } from "../run/budget.ts"
import type { JournalWriter } from "../run/journal-writer.ts"
import { makeJudges, type Unjudged } from "../run/judge-model.ts"
import { makeLanes } from "../run/lanes.ts"
import { judgedUnder, refUnder } from "../run/reasoning.ts"
import { requireConsentTo } from "./consent.ts"
import { requirePrices } from "./prices.ts"
import { requireRoles } from "./selection.ts"
import type { Settings } from "./settings.ts"
import { openTargets } from "./targets.ts"

/** One answer, as a line of `driftgate score`'s input. */
export const Answer = Schema.Struct({
  id: Schema.Union([Schema.String, Schema.Int]),
  response: Schema.String,
  goal: Schema.optionalKey(Schema.String),
  suite: Schema.optionalKey(Schema.NonEmptyString),
  context: Schema.optionalKey(Schema.String),
  reference: Schema.optionalKey(Schema.String),
  category: Schema.optionalKey(Schema.String),
  complete: Schema.optionalKey(Schema.Boolean),
  reasoning: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
})
export type Answer = typeof Answer.Type

/** One line of its output. */
export type ScoredLine =
  | (
    & { readonly id: Answer["id"]; readonly status: "scored"; readonly label?: string }
    & Readonly<Record<string, unknown>>
  )
  | {
    readonly id: Answer["id"]
    readonly status: "unscored"
    readonly reason: string
    readonly detail?: Readonly<Record<string, unknown>>
  }

/** `detailed`: with the score's details, which say how a scorer that asks others came to it. */
const lineOf = (id: Answer["id"], score: Score, detailed: boolean): ScoredLine => {
  const { detail } = score
  const told = detailed && detail !== undefined ? { detail } : {}
  return score.status === "scored"
    ? { id, status: "scored", ...score.measures, ...(score.label === undefined ? {} : { label: score.label }), ...told }
    : { id, status: "unscored", reason: score.reason, ...told }
}

const nowhere: JournalWriter = { append: () => {}, flush: Effect.void, failed: Effect.never }

/** So many answers, as the question for consent says it. */
export const answersOf = (n: number): string => `${n} ${n === 1 ? "answer" : "answers"}, with what was asked,`

const readsGoal = ({ id, roles, uses }: ResolvedScorer): boolean =>
  roles.length > 0 || id.startsWith("embedded-") || uses.some(readsGoal)

/** Whether a scorer goes by what was asked: a judge that is shown an empty request has judged something else. */
export const needsGoal = Effect.fnUntraced(function*(scorerText: string) {
  const plugins = yield* Plugins
  return readsGoal(yield* plugins.resolveScorer(scorerText))
})

/** A scorer that is ready outside of any run. */
export interface OpenScorer {
  readonly ref: ScorerRef
  readonly measures: ReadonlyArray<Measure>
  /**
   * Scores one answer; `TargetError` when a judge could not answer for it, `UnavailableProblem` when none will be asked any
   * more: the budget is spent, or the judge is gone.
   */
  readonly score: (line: Answer) => Effect.Effect<Score, Problem | TargetError>
}

const notJudged = ({ kind, why }: Unjudged): UnavailableProblem =>
  kind === "budget"
    ? new UnavailableProblem({
      reason: "budget",
      what: `the budget ends the scoring: ${why}`,
      fix: "Raise the limit under budget in driftgate.yaml, or give fewer answers."
    })
    : new UnavailableProblem({
      reason: "server",
      what: `a judge is gone: ${why}`,
      fix: "Mend what it says and run the same command again."
    })

/** A line as a scorer is given it. */
export const inputOf = (line: Answer): ScoreInput => {
  const { complete = true, goal = "", id, reasoning, response, suite = "stdin", ...sample } = line
  return {
    unit: { suite, sample: String(id), epoch: 0 },
    sample: { ...sample, id: String(id), goal },
    answer: response,
    complete,
    ...(reasoning === undefined ? {} : { reasoning })
  }
}

/**
 * Opens a scorer with the models in its roles; `answers` says what they will be sent, where they are not on this machine.
 * Scoped: judges live as long as the scope. `enduring`: a judge that is gone is asked again with the next answer.
 */
export const openScorer = Effect.fn("Score.open")(function*<E = never>(
  scorerText: string,
  settings: Settings,
  answers: Effect.Effect<string, E>,
  { enduring = false }: { readonly enduring?: boolean } = {}
) {
  const plugins = yield* Plugins
  const host = yield* PluginHost
  const resolved = yield* plugins.resolveScorer(scorerText)
  yield* requireRoles(resolved, settings.roles, resolved.id)
  const names = resolved.roles.map(({ name }) => name)
  yield* requirePrices(settings, names)
  const opened = yield* openTargets(
    names.map((name) => ({ name: `role ${name}`, spec: settings.roles[name]! })),
    settings.seed
  )
  yield* requireConsentTo({ targets: opened, sent: answers, yes: settings.yes })
  const { concurrency, deadlineMillis } = settings
  const budget = yield* startBudget(settings.budget)
  const lanes = yield* makeLanes({ concurrency, deadlineMillis, retry: defaultRetryPolicy, budget })
  const roles = new Map(
    names.map((name, index) => [name, { target: opened[index]!.target, price: settings.prices[name] }])
  )
  const judges = yield* makeJudges({ roles, lanes, budget, enduring })
  const loaded = yield* host.loadScorer(resolved, { seed: settings.seed, model: judges.model })

  const { reasoning: policy = "final" } = settings
  const scoreUnder = judgedUnder(policy, loaded)

  const score = Effect.fnUntraced(function*(line: Answer) {
    const input = inputOf(line)
    let unjudged: Unjudged | undefined
    const note = (cause: Unjudged) => {
      unjudged ??= cause
    }
    const judged = { unit: input.unit, attempt: 1, journal: nowhere, unjudged: note }
    return yield* Effect.tryPromise({
      try: (signal) =>
        scoreUnder(
          input,
          names.length === 0 ? undefined : { signal, model: judges.during({ ...judged, signal }) }
        ),
      catch: (cause) => cause
    }).pipe(
      Effect.result,
      Effect.flatMap((result): Effect.Effect<Score, Problem | TargetError> => {
        // Whatever the scorer made of a judge that was not asked.
        if (unjudged !== undefined) return Effect.fail(notJudged(unjudged))
        if (result._tag === "Success") return Effect.succeed(result.success)
        const cause = result.failure
        return isProblem(cause) || isTargetError(cause) ? Effect.fail(cause) : Effect.die(cause)
      })
    )
  })
  return { ref: refUnder(policy, loaded), measures: loaded.measures, score } satisfies OpenScorer as OpenScorer
})

/** Fails with `UsageProblem` `file` that names the line unless it says what was asked. */
export const requireGoal = Effect.fnUntraced(function*({ goal = "" }: Answer, where: string) {
  if (goal.trim() !== "") return
  return yield* new UsageProblem({
    reason: "file",
    where,
    what: "it has no goal, and this scorer judges an answer by what was asked",
    fix: "Write the request that was answered into each line, as \"goal\"."
  })
})

/**
 * Reads lines of JSON of one shape; a line of another shape, with a key that is not known, or without the goal that the
 * scorer goes by, fails with `UsageProblem` `file` that names it.
 */
export const decodeLines = <A extends Answer>(
  lines: Stream.Stream<string, UsageProblem>,
  schema: Schema.ConstraintDecoder<A>,
  { goal, shape, source }: { readonly source: string; readonly shape: string; readonly goal: boolean }
): Stream.Stream<A, UsageProblem> => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema), {
    errors: "all",
    onExcessProperty: "error"
  })
  return lines.pipe(
    Stream.zipWithIndex,
    Stream.filter(([text]) => text.trim() !== ""),
    Stream.mapEffect(([text, index]) => {
      const where = `${source}, line ${index + 1}`
      return decode(text).pipe(
        Effect.mapError((error) =>
          new UsageProblem({
            reason: "file",
            where,
            what: error.message.replace(/\s+/g, " ").replaceAll("Expected no excess property at", "there is no key"),
            fix: `Write one JSON object a line: ${shape}`
          })
        ),
        Effect.tap((line) => goal ? requireGoal(line, where) : Effect.void)
      )
    })
  )
}

/** What a line of `driftgate score`'s input may hold. */
export const answerShape =
  "{id, response, goal?, suite?, context?, reference?, category?, complete?, reasoning?, metadata?}"

/**
 * Scores lines of JSON one by one, in order, with one scorer.
 *
 * An empty response is unscored, reason `empty`; a judge that can't be asked is unscored, reason `errored: ...`, and
 * `failed` hears why.
 */
export const scoreLines = Effect.fn("Score.lines")(function*(
  scorerText: string,
  settings: Settings,
  lines: Stream.Stream<string, UsageProblem>,
  failed: (error: TargetError) => void = () => {}
) {
  const goal = yield* needsGoal(scorerText)
  let read: ReadonlyArray<string> | undefined
  const all = Effect.suspend(() => Stream.runCollect(lines)).pipe(Effect.tap((rows) => Effect.sync(() => read = rows)))
  const scorer = yield* openScorer(
    scorerText,
    settings,
    Effect.map(all, (rows) => answersOf(rows.filter((row) => row.trim() !== "").length))
  )
  const score = (line: Answer): Effect.Effect<ScoredLine, Problem> =>
    line.response === ""
      ? Effect.succeed({ id: line.id, status: "unscored", reason: "empty" })
      : scorer.score(line).pipe(
        Effect.map((score) =>
          lineOf(line.id, score, scorer.ref.asks !== undefined || settings.reasoning !== undefined)
        ),
        Effect.catchIf(isTargetError, (error) =>
          Effect.sync((): ScoredLine => {
            failed(error)
            return { id: line.id, status: "unscored", reason: `errored: ${error.reason}` }
          }))
      )
  const input = { source: "stdin", shape: answerShape, goal }
  return decodeLines(read === undefined ? lines : Stream.fromIterable(read), Answer, input).pipe(
    Stream.mapEffect(score, { concurrency: settings.concurrency })
  )
})
