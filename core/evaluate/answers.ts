import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { hash } from "node:crypto"
import type { Reused } from "../domain/decision.ts"
import type { Generation } from "../domain/generation.ts"
import { JournalRecord } from "../domain/journal.ts"
import { unitKey } from "../domain/unit.ts"
import { readLines } from "../run/journal-reader.ts"
import type { EarlierAnswers } from "../run/progress.ts"
import type { StoredRun, UnitResult } from "../run/stored-run.ts"
import type { RunSummary } from "../run/summary.ts"

/** The answer of a unit that counts, as far as it tells who gave it and when. */
interface Answer {
  /** 48 bits of a digest of what was said. */
  readonly said: number
  /** What the server called the model. */
  readonly served: string | undefined
  /** Number of the session that wrote it, 1-based. */
  readonly session: number
  /** Unix time in milliseconds. */
  readonly at: number
  /** Whether the response cache gave it. */
  readonly cached: boolean
}

const saidIn = (generation: Generation): number => {
  const text = "text" in generation ? generation.text : "partial" in generation ? generation.partial : generation.why
  return hash("sha256", `${generation.kind} ${text}`, "buffer").readUIntBE(0, 6)
}

const isRecord = Schema.is(JournalRecord)
// Half of a journal or more, and nothing in it is of use here.
const passedOver = /^\{"type":"(?:score|judge|skip|close)"/

/** What a line says of answers; a line that is no record is told by whoever reads what became of the units. */
const parse = (text: string) => {
  if (passedOver.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Who gave the latest answer to each unit of a run, by `unitKey`, and how many sessions wrote to it. */
export const readAnswers = Effect.fn("StoredRun.readAnswers")(function*({ directory }: Pick<StoredRun, "directory">) {
  const answers = new Map<string, Answer>()
  let sessions = 0
  const take = (record: ReturnType<typeof parse>) => {
    switch (record?.type) {
      case "session":
        sessions++
        return
      case "error":
        // A question that failed later has taken the answer's place.
        if (record.stage === "generation") answers.delete(unitKey(record.unit))
        return
      case "generation": {
        const { at, cached = false, generation, unit } = record
        const { servedModel: served } = generation
        answers.set(unitKey(unit), { said: saidIn(generation), served, session: sessions, at, cached })
      }
    }
  }
  yield* Stream.runForEach(
    readLines(directory.journal),
    (lines) =>
      Effect.sync(() => {
        for (const { text } of lines) take(parse(text))
      })
  )
  return { answers, sessions }
})

/** What a run's answers came from. */
export type Answers = Effect.Success<ReturnType<typeof readAnswers>>

/** How many answers the server gave in each name; an answer without a name is not counted. */
export const servedIn = ({ answers }: Answers): ReadonlyMap<string, number> => {
  const served = new Map<string, number>()
  for (const { served: name } of answers.values()) {
    if (name !== undefined && name !== "") served.set(name, (served.get(name) ?? 0) + 1)
  }
  return served
}

/** The answers that were there before a session, or that the response cache gave; undefined when there are none. */
export const earlierIn = ({ answers }: Answers, session: number): EarlierAnswers | undefined => {
  let [count, cached, from, to] = [0, 0, Infinity, -Infinity]
  for (const answer of answers.values()) {
    if (answer.session >= session && !answer.cached) continue
    count++
    if (answer.cached) cached++
    from = Math.min(from, answer.at)
    to = Math.max(to, answer.at)
  }
  if (count === 0) return undefined
  return {
    answers: count,
    ...(count === answers.size ? {} : { of: answers.size }),
    ...(cached === 0 ? {} : { cached }),
    from,
    to
  }
}

/** What an arm rests on beside the last session that asked: where a run was gone on with, two models may be mixed. */
export const mixedIn = (
  arm: Reused["arm"],
  { plan: { target: { identity } } }: StoredRun,
  answers: Answers
): ReadonlyArray<Reused> => {
  if (identity.verifiable) return []
  let last = 0
  for (const { session } of answers.answers.values()) last = Math.max(last, session)
  const earlier = earlierIn(answers, last)
  return earlier === undefined ? [] : [{ arm, ...earlier }]
}

/**
 * The earlier answers that a decision rests on, of models that nothing but their name identifies: another one may have
 * taken the name since. An arm that the run did not ask rests on them alone; `began`: Unix milliseconds from which on
 * answers are this command's own.
 */
export const reusedIn = Effect.fn("Answers.reusedIn")(function*(
  { arms }: RunSummary,
  runs: { readonly base: StoredRun; readonly tuned: StoredRun },
  began = Infinity
) {
  const found = yield* Effect.forEach(
    ["base", "tuned"] as const,
    Effect.fnUntraced(function*(arm) {
      const run = runs[arm]
      if (run.plan.target.identity.verifiable) return []
      const asked = arms.find((one) => one.run === run.plan.run)
      const earlier = asked === undefined ? earlierIn(yield* readAnswers(run), Infinity) : asked.earlier
      const own = earlier !== undefined && earlier.cached === undefined && earlier.from >= began
      return earlier === undefined || own ? [] : [{ arm, ...earlier } satisfies Reused as Reused]
    })
  )
  return found.flat()
})

/** Pairs scored in both arms, when what was said is equal in all of them; undefined when it differs in one. */
export const alikeIn = (
  results: { readonly base: ReadonlyArray<UnitResult>; readonly tuned: ReadonlyArray<UnitResult> },
  base: Answers,
  tuned: Answers
): number | undefined => {
  const scored = new Set(
    results.tuned.flatMap(({ outcome, unit }) => outcome.status === "scored" ? [unitKey(unit)] : [])
  )
  let pairs = 0
  for (const { outcome, unit } of results.base) {
    const key = unitKey(unit)
    if (outcome.status !== "scored" || !scored.has(key)) continue
    if (base.answers.get(key)?.said !== tuned.answers.get(key)?.said) return undefined
    pairs++
  }
  return pairs
}
