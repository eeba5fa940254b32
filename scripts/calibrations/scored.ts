// What the scorers of this tree say of the labelled answers: run, replayed from recorded verdicts, or across folds.
import type { ScoreInput, Target } from "driftgate/plugin"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Assets } from "../../core/assets/assets.ts"
import type { ScorerRef } from "../../core/domain/plan.ts"
import { PluginHost } from "../../core/plugin/host.ts"
import { Plugins } from "../../core/plugin/registry.ts"
import { unreadable } from "../../plugins/scorers/embedded/language.ts"
import { logistic } from "../../plugins/scorers/embedded/logistic.ts"
import { readText } from "../../plugins/scorers/embedded/text.ts"
import { calibrationOf, crossPredict, examplesOf } from "../../plugins/scorers/embedded/train/learn.ts"
import { readRows, type Source } from "../../plugins/scorers/embedded/train/rows.ts"
import { harm, refusal } from "../../plugins/scorers/embedded/train/subjects.ts"
import type { LabelledRow, LabelledSet, Origin } from "./data.ts"

const root = join(import.meta.dirname, "../..")

/** Which recorded verdicts a scorer is replayed from, and what their publisher calls the judge. */
export interface Replayed {
  /** More than one where each set has its own. */
  readonly columns: ReadonlyArray<string>
  /** Names under which the judge's weights are known; none where the publisher does not say which model it was. */
  readonly models: ReadonlyArray<string>
}

/** A scorer on a set of labelled answers. */
export interface Subject {
  readonly scorer: string
  readonly set: LabelledSet["id"]
  readonly replayed?: Replayed
  /** The scorer learnt from these answers: they are judged by heads that have seen none of the same goal. */
  readonly learnt?: "harm" | "refusal"
}

/** Scores in the order of the set's rows; undefined where there is none. */
export interface Scored {
  readonly ref: ScorerRef
  readonly values: ReadonlyArray<number | undefined>
}

const inputOf = ({ answer, context, goal }: LabelledRow, index: number): ScoreInput => ({
  unit: { suite: "labelled", sample: String(index), epoch: 0 },
  sample: { id: String(index), goal, ...(context === undefined ? {} : { context }) },
  answer,
  complete: true
})

/**
 * A model that says what `reply` gives, which is what was recorded of the row being scored: one at a time. That a scorer
 * asks about each row in its publisher's words is shown by test/e2e/judges.test.ts.
 */
const recordedModel = (reply: () => string): Target => ({
  identity: { behaviour: "recorded verdicts", full: "recorded verdicts", verifiable: false, parts: {} },
  capabilities: {
    input: ["messages", "prompt", "tokens"],
    seed: false,
    generationLogprobs: false,
    scoresGivenTokens: "none",
    topLogprobsMax: 0,
    batchInvariant: false
  },
  generate: () => Promise.resolve({ kind: "answer", text: reply(), complete: true, finish: "stop" }),
  close: () => Promise.resolve()
})

/** Runs scorers of this tree on rows: `ref` is what a plan would hold of them. */
export const withScorers = <A, E>(
  mirror: string,
  use: Effect.Effect<A, E, Plugins | PluginHost>
): Promise<A> => {
  const work = mkdtempSync(join(tmpdir(), "driftgate-calibrations-"))
  const layer = PluginHost.layer.pipe(
    Layer.provideMerge(Plugins.layer({ firstPartyRoot: root, cwd: work })),
    Layer.provide(Assets.layerIn({ mirror, cache: join(work, "assets") }))
  )
  return Effect.runPromise(Effect.scoped(use.pipe(Effect.provide(layer))) as Effect.Effect<A, E>)
    .finally(() => rmSync(work, { recursive: true, force: true }))
}

const sources: Readonly<Record<Origin, Source>> = {
  harmbench: "harmbench",
  jailbreakbench: "jbb-judged",
  gptfuzzer: "gptfuzzer",
  xstest: "xstest"
}

const acrossFolds = new Map<string, ReadonlyMap<string, number>>()

const rowKey = (source: Source, goal: string, answer: string): string => JSON.stringify([source, goal, answer])

/** Probabilities by heads that have seen no answer to the same goal, by row; the training data are read once. */
const foldedScores = (mirror: string, name: "harm" | "refusal"): ReadonlyMap<string, number> => {
  const known = acrossFolds.get(name)
  if (known !== undefined) return known
  const subject = name === "harm" ? harm : refusal
  const { predictions } = crossPredict(examplesOf(readRows(mirror), subject), subject, 0)
  const { offset, slope } = calibrationOf(predictions, subject)
  const scores = new Map(
    predictions.map(({ example: { row }, logit }) =>
      [rowKey(row.source, row.goal, row.answer), logistic(slope * logit + offset)] as const
    )
  )
  acrossFolds.set(name, scores)
  return scores
}

const learntValue = (mirror: string, row: LabelledRow, name: "harm" | "refusal") => {
  if (unreadable(readText(row.answer)) !== undefined) return undefined
  const value = foldedScores(mirror, name).get(rowKey(sources[row.origin], row.goal, row.answer))
  if (value === undefined) throw new Error(`a labelled row of ${row.origin} is not among the training rows`)
  return value >= 0.5 ? 1 : 0
}

const recordedReply = ({ recorded }: LabelledRow, { columns }: Replayed): string => {
  const reply = columns.map((column) => recorded[column]).find((value) => value !== undefined)
  if (reply === undefined) throw new Error(`a row has no recorded verdict in ${columns.join(" or ")}`)
  return reply
}

/** What a scorer says of a set. */
export const scoreSet = Effect.fnUntraced(function*(mirror: string, subject: Subject, set: LabelledSet) {
  const plugins = yield* Plugins
  const host = yield* PluginHost
  const { learnt, replayed } = subject
  let reply = ""
  const model = replayed === undefined ? undefined : recordedModel(() => reply)
  const loaded = yield* host.loadScorer(yield* plugins.resolveScorer(subject.scorer), {
    seed: 0,
    model: (role) => {
      if (model === undefined) throw new Error(`${subject.scorer} asks ${role}, of which nothing is recorded`)
      return model
    }
  })
  const values = learnt !== undefined
    ? set.rows.map((row) => learntValue(mirror, row, learnt))
    : yield* Effect.forEach(set.rows, (row, index) =>
      Effect.promise(() => {
        if (replayed !== undefined) reply = recordedReply(row, replayed)
        return loaded.score(inputOf(row, index))
      }).pipe(
        Effect.map((score) => score.status === "scored" ? score.measures[set.measure] : undefined)
      ))
  return { ref: loaded.ref, values } satisfies Scored as Scored
})
