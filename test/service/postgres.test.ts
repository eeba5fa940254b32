import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { postgresLayer } from "../../core/queue/postgres.ts"
import { optionsAt, place, queueOver, save, scripted, submission, verdictOf } from "../../core/queue/queue.fixture.ts"
import { GateQueue } from "../../core/queue/queue.ts"
import { GateStore } from "../../core/queue/store.ts"
import { runWorker } from "../../core/queue/worker.ts"

const address = process.env["DRIFTGATE_TEST_POSTGRES"]
if (address === undefined && process.env["DRIFTGATE_CI"] !== undefined) {
  throw new Error("DRIFTGATE_TEST_POSTGRES names no database, such as postgres://postgres@127.0.0.1:5432/test")
}

/** A database of its own, dropped with the scope. */
const database = Effect.gen(function*() {
  const name = `driftgate_${process.pid}_${Math.trunc(performance.now())}`
  const admin = PgClient.layer({ url: Redacted.make(address!) })
  const run = (text: string) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text)).pipe(
      Effect.provide(Layer.fresh(admin)),
      Effect.orDie
    )
  yield* Effect.acquireRelease(run(`CREATE DATABASE ${name}`), () => run(`DROP DATABASE ${name} WITH (FORCE)`))
  const url = new URL(address!)
  url.pathname = `/${name}`
  return Redacted.make(url.href)
})

describe.skipIf(address === undefined)("a queue in PostgreSQL (skipped without DRIFTGATE_TEST_POSTGRES)", () => {
  it.live("keeps gates, verdicts and leases over a restart, and takes every text as text", () =>
    Effect.gen(function*() {
      const url = yield* database
      const { runs, state } = yield* place
      const words = `x'; DROP TABLE driftgate_gates; -- "%s" \\ $1 ${"é中".repeat(3)}`
      const over = (script: ReturnType<typeof scripted>) =>
        Layer.merge(script.layer, queueOver(optionsAt(state, [runs]), postgresLayer(url)))
      const first = scripted()
      const [done, left] = yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        yield* Effect.forkScoped(runWorker)
        const passed = yield* queue.submit(submission(save(runs, 2), 2, { runId: words, attempt: words, host: words }))
        yield* first.ends(2, verdictOf("pass"))
        const ended = yield* queue.wait(passed.id, 20)
        return [
          ended,
          yield* queue.submit(submission(save(runs, 4), 4, { runId: words, attempt: words, host: words }))
        ] as const
      }).pipe(Effect.scoped, Effect.provide(over(first)))
      assert.deepStrictEqual([done.status, done.verdict], ["completed", "pass"])

      const second = scripted()
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        const store = yield* GateStore
        assert.deepStrictEqual(yield* queue.find(done.id), done)
        assert.strictEqual((yield* queue.find(left.id)).status, "queued")
        assert.deepStrictEqual(yield* store.counts, [
          { status: "completed", verdict: "pass", count: 1 },
          { status: "queued", verdict: null, count: 1 }
        ])
        const other = { runId: words, attempt: "other", host: words }
        assert.strictEqual((yield* Effect.flip(queue.heartbeat(other, false)))._tag, "Refused")
        yield* Effect.forkScoped(runWorker)
        yield* second.ends(4, verdictOf("fail"))
        assert.strictEqual((yield* queue.wait(left.id, 20)).verdict, "fail")
        assert.deepStrictEqual(
          (yield* store.list({ runId: words, status: undefined, limit: 10 })).map(({ step }) => step),
          [4, 2]
        )
      }).pipe(Effect.scoped, Effect.provide(over(second)))
    }).pipe(Effect.scoped))

  it.live("belongs to one service", () =>
    Effect.gen(function*() {
      const url = yield* database
      const open = () => Layer.build(Layer.fresh(postgresLayer(url)))
      yield* open()
      const problem = yield* Effect.flip(Effect.scoped(open()))
      assert.include(problem.message, "another service uses this database")
    }).pipe(Effect.scoped))
})
