/** A queue over a database in memory, with an evaluator that does what a test says. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as SqlClient from "effect/sql/SqlClient"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { perform, saves } from "../checkpoints/trainer.fixture.ts"
import { type BaseModel, makeDigests } from "./bases.ts"
import { type Evaluation, EvaluationFailed, type EvaluationJob, Evaluator } from "./evaluator.ts"
import type { Submission } from "./gate.ts"
import { queueLayer, type QueueOptions } from "./queue.ts"
import { sqliteLayer } from "./sqlite.ts"
import { GateStore } from "./store.ts"

/** A folder of its own, with trainers' output under `runs`, that the scope removes. */
export const place = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "driftgate-queue-")))
    return { folder, runs: join(folder, "runs"), state: join(folder, "state") }
  }),
  ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Saves a checkpoint as transformers does; gives its folder. */
export const save = (runs: string, step: number, run = "out"): string => {
  perform(join(runs, run), saves.transformers(step))
  return join(runs, run, `checkpoint-${step}`)
}

export const baseModel: BaseModel = { spec: "checkpoint:/nowhere/base", folder: undefined }

export const optionsAt = (
  state: string,
  roots: ReadonlyArray<string>,
  more: Partial<QueueOptions> = {}
): QueueOptions => ({
  state,
  roots,
  bases: new Map([["base", baseModel]]),
  engine: "checkpoint",
  digestOf: makeDigests(),
  capacity: 16,
  leaseMillis: 60_000,
  gateMillis: 600_000,
  ...more
})

export const submission = (checkpoint: string, step: number, more: Partial<Submission> = {}): Submission => ({
  checkpoint,
  base: "base",
  profile: undefined,
  policy: undefined,
  runId: "run",
  step,
  attempt: "first",
  host: "here",
  final: false,
  ...more
})

export const verdictOf = (verdict: "pass" | "fail" | "inconclusive" | "incomplete" | "invalid"): Evaluation => ({
  kind: "decided",
  verdict,
  reasons: [`it is ${verdict}`],
  decisionPath: null,
  evidence: { look: null, triage: null }
})

/** Steps of gates whose evaluation began, and a way to say what comes of each. */
export const scripted = () => {
  const began: Array<number> = []
  const answers = new Map<number, Deferred.Deferred<Evaluation, EvaluationFailed>>()
  const answerOf = (step: number) => {
    const known = answers.get(step) ?? Deferred.makeUnsafe<Evaluation, EvaluationFailed>()
    answers.set(step, known)
    return known
  }
  const layer = Layer.succeed(Evaluator, {
    evaluate: ({ gate: { step } }: EvaluationJob) =>
      Effect.suspend(() => {
        began.push(step)
        return Deferred.await(answerOf(step))
      })
  })
  return {
    began,
    layer,
    ends: (step: number, evaluation: Evaluation) => Deferred.succeed(answerOf(step), evaluation),
    breaks: (step: number, reason: string) => Deferred.fail(answerOf(step), new EvaluationFailed({ reason }))
  }
}

/** The queue of some options; the same database file is the same queue after a restart. */
export const queueOver = (
  options: QueueOptions,
  sql: Layer.Layer<SqlClient.SqlClient, unknown> = sqliteLayer(":memory:"),
  /** What a test puts in front of the store. */
  before?: Layer.Layer<GateStore, never, GateStore>
) =>
  queueLayer(options).pipe(
    Layer.provideMerge(before === undefined ? GateStore.layer : before.pipe(Layer.provide(GateStore.layer))),
    Layer.provide(Layer.orDie(sql)),
    Layer.provideMerge(NodeServices.layer),
    Layer.fresh
  )
