import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import * as TestClock from "effect/testing/TestClock"
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { InternalProblem } from "../domain/problem.ts"
import { EvaluationFailed, Evaluator } from "./evaluator.ts"
import type { Refused } from "./gate.ts"
import { optionsAt, place, queueOver, save, scripted, submission, verdictOf } from "./queue.fixture.ts"
import { GateQueue, type QueueOptions } from "./queue.ts"
import { ServiceLock } from "./service-lock.ts"
import { sqliteLayer } from "./sqlite.ts"
import { GateStore } from "./store.ts"
import { runWorker } from "./worker.ts"

type Script = ReturnType<typeof scripted>

/** Runs a test over a queue and a worker with a scripted evaluator. */
const withQueue = <A, E>(
  use: (context: {
    readonly queue: GateQueue["Service"]
    readonly script: Script
    readonly runs: string
    readonly state: string
  }) => Effect.Effect<A, E, GateQueue | GateStore | Scope.Scope | FileSystem.FileSystem | Path.Path | Evaluator>,
  more: Partial<QueueOptions> = {},
  { worker = true }: { readonly worker?: boolean } = {}
) =>
  Effect.gen(function*() {
    const { runs, state } = yield* place
    mkdirSync(runs)
    const script = scripted()
    return yield* Effect.gen(function*() {
      const queue = yield* GateQueue
      if (worker) yield* Effect.forkScoped(runWorker)
      return yield* use({ queue, script, runs, state })
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(script.layer, queueOver(optionsAt(state, [runs], more)))))
  }).pipe(Effect.scoped)

/** A turn of the event loop, in which files and databases are heard. */
const turn = Effect.promise(() => new Promise((go) => setImmediate(go)))

/** Waits until something holds: files are read in the background. */
const until = (holds: () => boolean) =>
  Effect.gen(function*() {
    while (!holds()) yield* turn
  })

const pinsIn = (state: string) => readdirSync(join(state, "pins"))

describe("a gate", () => {
  it.live("is accepted once it is pinned, and its pin is released with the verdict", () =>
    withQueue(({ queue, runs, script, state }) =>
      Effect.gen(function*() {
        const gate = yield* queue.submit(submission(save(runs, 2), 2))
        assert.deepStrictEqual([gate.status, gate.verdict, gate.pinned], ["queued", null, "link"])
        assert.deepStrictEqual(pinsIn(state), [gate.id])
        yield* until(() => script.began.length === 1)
        assert.match((yield* queue.find(gate.id)).digest ?? "", /^sha256:[0-9a-f]{64}$/)
        yield* script.ends(2, verdictOf("pass"))
        const ended = yield* queue.wait(gate.id, 10)
        assert.deepStrictEqual([ended.status, ended.verdict, ended.reasons], ["completed", "pass", ["it is pass"]])
        assert.deepStrictEqual(pinsIn(state), [])
      })
    ))

  it.live("outlives its checkpoint: the trainer may rotate it away after the reply", () =>
    withQueue(({ queue, runs, script }) =>
      Effect.gen(function*() {
        const folder = save(runs, 2)
        const gate = yield* queue.submit(submission(folder, 2))
        rmSync(folder, { recursive: true })
        yield* script.ends(2, verdictOf("fail"))
        assert.strictEqual((yield* queue.wait(gate.id, 10)).verdict, "fail")
      })
    ))

  it.live("of one run, step and attempt is one gate, also when two requests come at once", () =>
    withQueue(({ queue, runs }) =>
      Effect.gen(function*() {
        const one = submission(save(runs, 2), 2)
        const gates = yield* Effect.all([queue.submit(one), queue.submit(one), queue.submit(one)], {
          concurrency: "unbounded"
        })
        assert.strictEqual(new Set(gates.map(({ id }) => id)).size, 1)
        const again = yield* Effect.flip(queue.submit({ ...one, profile: "core-5@1" }))
        assert.strictEqual(again._tag === "Refused" && again.code, "invalid_field")
      })
    ))

  it.live("whose evaluation could not be done has failed and has no verdict", () =>
    withQueue(({ queue, runs, script }) =>
      Effect.gen(function*() {
        const gate = yield* queue.submit(submission(save(runs, 2), 2))
        yield* script.breaks(2, "the engine died")
        const ended = yield* queue.wait(gate.id, 10)
        assert.deepStrictEqual([ended.status, ended.verdict, ended.reasons], ["failed", null, ["the engine died"]])
      })
    ))

  it.live("whose evaluation hangs has failed when its time is up, and the next one is worked on", () =>
    withQueue(({ queue, runs, script }) =>
      Effect.gen(function*() {
        const one = yield* queue.submit(submission(save(runs, 2), 2))
        const ended = yield* queue.wait(one.id, 10)
        assert.deepStrictEqual([ended.status, ended.verdict], ["failed", null])
        assert.include(ended.reasons[0], "longer than 0.1 s")
        yield* script.ends(4, verdictOf("pass"))
        const two = yield* queue.submit(submission(save(runs, 4), 4))
        assert.strictEqual((yield* queue.wait(two.id, 10)).verdict, "pass")
      }), { gateMillis: 100 }))

  it.live("that triage skips is skipped, and asked everything when it turns out to be the last one meanwhile", () =>
    withQueue(({ queue, runs, script }) =>
      Effect.gen(function*() {
        const skipping = { kind: "skipped", reason: "near the base", evidence: { look: null, triage: null } } as const
        yield* script.ends(2, skipping)
        const one = yield* queue.submit(submission(save(runs, 2), 2))
        assert.deepInclude(yield* queue.wait(one.id, 10), {
          status: "skipped",
          verdict: null,
          reasons: ["near the base"]
        })
        const last = submission(save(runs, 4), 4)
        const two = yield* queue.submit(last)
        yield* until(() => script.began.includes(4))
        yield* queue.submit({ ...last, final: true })
        yield* script.ends(4, skipping)
        assert.deepInclude(yield* queue.wait(two.id, 10), { status: "failed", verdict: null })
        assert.deepStrictEqual(script.began, [2, 4, 4])
      })
    ))

  it.live("whose evaluator has a fault has failed, and the next one is worked on", () =>
    withQueue(
      ({ queue, runs, script }) =>
        Effect.gen(function*() {
          const broken = Layer.succeed(Evaluator, {
            evaluate: ({ gate }) =>
              gate.step === 2 ? Effect.die(new Error("a slip")) : Effect.fail(new EvaluationFailed({ reason: "no" }))
          })
          yield* Effect.forkScoped(Effect.provide(runWorker, broken))
          const one = yield* queue.submit(submission(save(runs, 2), 2))
          const two = yield* queue.submit(submission(save(runs, 4), 4))
          const [first, second] = [yield* queue.wait(one.id, 10), yield* queue.wait(two.id, 10)]
          assert.include(first.reasons[0], "a slip")
          assert.deepStrictEqual([first.status, second.status, script.began], ["failed", "failed", []])
        }),
      {},
      { worker: false }
    ))

  it.live("whose weights are written again in place while it is evaluated has failed, whatever the verdict", () =>
    withQueue(({ queue, runs, script }) =>
      Effect.gen(function*() {
        const folder = save(runs, 2)
        const gate = yield* queue.submit(submission(folder, 2))
        yield* until(() => script.began.length === 1)
        const weights = join(folder, "model.safetensors")
        appendFileSync(weights, "more")
        yield* script.ends(2, verdictOf("pass"))
        const ended = yield* queue.wait(gate.id, 10)
        assert.deepStrictEqual([ended.status, ended.verdict], ["failed", null])
        assert.include(ended.reasons[0], "written again")
      })
    ))

  it.live("is not touched by a trainer that replaces its files, as safetensors does", () =>
    withQueue(({ queue, runs, script }) =>
      Effect.gen(function*() {
        const folder = save(runs, 2)
        const gate = yield* queue.submit(submission(folder, 2))
        yield* until(() => script.began.length === 1)
        writeFileSync(join(folder, "new"), "other weights")
        renameSync(join(folder, "new"), join(folder, "model.safetensors"))
        writeFileSync(join(folder, "config.json"), "{}")
        yield* script.ends(2, verdictOf("pass"))
        assert.strictEqual((yield* queue.wait(gate.id, 10)).verdict, "pass")
      })
    ))

  it.live("that is cancelled while it runs stops and stays cancelled", () =>
    withQueue(({ queue, runs, script, state }) =>
      Effect.gen(function*() {
        const gate = yield* queue.submit(submission(save(runs, 2), 2))
        yield* until(() => script.began.length === 1)
        assert.strictEqual((yield* queue.cancel(gate.id)).status, "cancelled")
        yield* script.ends(2, verdictOf("pass"))
        const next = yield* queue.submit(submission(save(runs, 4), 4))
        yield* script.ends(4, verdictOf("pass"))
        assert.strictEqual((yield* queue.wait(next.id, 10)).verdict, "pass")
        assert.strictEqual((yield* queue.find(gate.id)).status, "cancelled")
        assert.deepStrictEqual(pinsIn(state), [])
      })
    ))
})

describe("the order of gates", () => {
  it.live("is newest first: older steps of the run are skipped, the last one and final ones never", () =>
    withQueue(
      ({ queue, runs, script }) =>
        Effect.gen(function*() {
          const gates = []
          for (const step of [2, 4, 6, 8]) {
            gates.push(yield* queue.submit(submission(save(runs, step), step, { final: step === 4 })))
          }
          yield* Effect.forkScoped(runWorker)
          for (const step of [8, 4]) {
            yield* until(() => script.began.includes(step))
            yield* script.ends(step, verdictOf("pass"))
          }
          const ended = yield* Effect.forEach(gates, ({ id }) => queue.wait(id, 10))
          assert.deepStrictEqual(ended.map(({ status }) => status), ["skipped", "completed", "skipped", "completed"])
          assert.deepStrictEqual(ended.map(({ verdict }) => verdict), [null, "pass", null, "pass"])
          assert.deepStrictEqual(script.began, [8, 4])
        }),
      {},
      { worker: false }
    ))

  it.live("takes turns between runs", () =>
    withQueue(
      ({ queue, runs, script }) =>
        Effect.gen(function*() {
          for (const step of [1, 2]) {
            yield* queue.submit(submission(save(runs, step, "a"), step, { runId: "a", final: true }))
          }
          yield* queue.submit(submission(save(runs, 3, "b"), 3, { runId: "b" }))
          yield* Effect.forkScoped(runWorker)
          for (const step of [1, 2, 3]) yield* script.ends(step, verdictOf("pass"))
          yield* until(() => script.began.length === 3)
          assert.deepStrictEqual(script.began, [3, 2, 1])
        }),
      {},
      { worker: false }
    ))

  it.live("a skipped step that turns out to be the last one is evaluated after all, as the same gate", () =>
    withQueue(
      ({ queue, runs, script }) =>
        Effect.gen(function*() {
          const one = submission(save(runs, 2), 2)
          const gate = yield* queue.submit(one)
          yield* queue.submit(submission(save(runs, 4), 4))
          yield* Effect.forkScoped(runWorker)
          assert.strictEqual((yield* queue.wait(gate.id, 10)).status, "skipped")
          yield* script.ends(4, verdictOf("pass"))
          const again = yield* queue.submit({ ...one, final: true })
          assert.deepStrictEqual([again.id, again.status], [gate.id, "queued"])
          yield* script.ends(2, verdictOf("fail"))
          assert.strictEqual((yield* queue.wait(gate.id, 10)).verdict, "fail")
        }),
      {},
      { worker: false }
    ))
})

describe("a full queue", () => {
  it.live("refuses other runs and says when to come again; of its own run the oldest waiting step gives way", () =>
    withQueue(
      ({ queue, runs }) =>
        Effect.gen(function*() {
          const first = yield* queue.submit(submission(save(runs, 2), 2))
          yield* queue.submit(submission(save(runs, 4), 4, { final: true }))
          const refused = yield* Effect.flip(queue.submit(submission(save(runs, 2, "b"), 2, { runId: "other" })))
          assert.isTrue(refused._tag === "Refused" && refused.code === "queue_full" && refused.retryAfter !== undefined)
          // What is not accepted takes nobody's place.
          const absent = submission(join(runs, "out", "checkpoint-8"), 8)
          assert.strictEqual((yield* Effect.flip(queue.submit(absent)))._tag, "Refused")
          assert.strictEqual(
            (yield* Effect.flip(queue.submit(submission(save(runs, 8), 8, { base: "no" }))))._tag,
            "Refused"
          )
          assert.strictEqual((yield* queue.find(first.id)).status, "queued")
          yield* queue.submit(submission(save(runs, 6), 6))
          assert.strictEqual((yield* queue.find(first.id)).status, "skipped")
          assert.strictEqual((yield* queue.counts).queued, 2)
        }),
      { capacity: 2 },
      { worker: false }
    ))
})

describe("a place in a full queue", () => {
  it.live("is taken from one waiting step for one new one, though many come at once", () =>
    withQueue(
      ({ queue, runs }) =>
        Effect.gen(function*() {
          const gates = yield* Effect.forEach([2, 4], (step) => queue.submit(submission(save(runs, step), step)))
          const all = yield* Effect.forEach(
            [6, 8, 10, 12, 14],
            (step) => Effect.result(queue.submit(submission(save(runs, step), step))),
            { concurrency: "unbounded" }
          )
          assert.isAtLeast(all.filter(({ _tag }) => _tag === "Success").length, 2)
          assert.isTrue(all.every((one) => one._tag === "Success" || (one.failure as Refused).code === "queue_full"))
          const { queued } = yield* queue.counts
          assert.strictEqual(queued, 2)
          const ended = yield* Effect.forEach(gates, ({ id }) => queue.find(id))
          assert.deepStrictEqual(ended.map(({ status }) => status), ["skipped", "skipped"])
        }),
      { capacity: 2 },
      { worker: false }
    ))
})

it.live("a queue that has no place for pins does not start", () =>
  Effect.gen(function*() {
    const { runs, state } = yield* place
    mkdirSync(state)
    writeFileSync(join(state, "pins"), "")
    const problem = yield* Effect.flip(Layer.build(queueOver(optionsAt(state, [runs]))))
    assert.strictEqual(problem._tag, "UnavailableProblem")
    assert.include(problem.message, `${join(state, "pins")}: the folder of pinned checkpoints can't be made`)
  }).pipe(Effect.scoped))

describe("a run", () => {
  const other = { attempt: "second", host: "there" }

  it.effect("belongs to one live attempt: another one is refused until the first was silent for the lease", () =>
    withQueue(
      ({ queue, runs }) =>
        Effect.gen(function*() {
          const folder = save(runs, 2)
          yield* queue.submit(submission(folder, 2))
          const refused = yield* Effect.flip(queue.submit(submission(folder, 2, other)))
          assert.isTrue(refused._tag === "Refused" && refused.code === "run_in_use")
          yield* TestClock.adjust("40 seconds")
          yield* queue.heartbeat({ runId: "run", attempt: "first", host: "here" }, false)
          yield* TestClock.adjust("40 seconds")
          assert.strictEqual((yield* Effect.flip(queue.heartbeat({ runId: "run", ...other }, false)))._tag, "Refused")
          yield* TestClock.adjust("21 seconds")
          assert.strictEqual((yield* queue.heartbeat({ runId: "run", ...other }, false)).life, "live")
          assert.strictEqual((yield* queue.submit(submission(folder, 2, other))).attempt, "second")
        }),
      {},
      { worker: false }
    ))

  it.live("that is free is given to one of two trainers that start together", () =>
    Effect.gen(function*() {
      const { runs, state } = yield* place
      // As a database does that is asked over a network.
      const slow = Layer.effect(GateStore)(
        Effect.map(GateStore, (store) => ({
          ...store,
          findRun: (runId) => Effect.tap(store.findRun(runId), turn)
        }))
      )
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        const folder = save(runs, 2)
        const both = (ask: (attempt: string) => Effect.Effect<unknown, { readonly _tag: string; code?: string }>) =>
          Effect.forEach(["first", "second", "third"], (attempt) => Effect.result(ask(attempt)), {
            concurrency: "unbounded"
          }).pipe(Effect.map((all) => all.map((one) => one._tag === "Success" ? "taken" : one.failure.code).toSorted()))
        assert.deepStrictEqual(
          yield* both((attempt) => queue.submit(submission(folder, 2, { attempt }))),
          ["run_in_use", "run_in_use", "taken"]
        )
        assert.deepStrictEqual(
          yield* both((attempt) => queue.heartbeat({ runId: "quiet", attempt, host: "here" }, false)),
          ["run_in_use", "run_in_use", "taken"]
        )
      }).pipe(Effect.provide(queueOver(optionsAt(state, [runs]), sqliteLayer(":memory:"), slow)))
    }).pipe(Effect.scoped))

  it.effect("that its trainer gave back is free at once, and one that says nothing more is silent", () =>
    withQueue(
      ({ queue }) =>
        Effect.gen(function*() {
          const first = { runId: "run", attempt: "first", host: "here" }
          assert.strictEqual((yield* queue.heartbeat(first, true)).life, "ended")
          const { run } = yield* queue.heartbeat({ runId: "run", ...other }, false)
          yield* TestClock.adjust("61 seconds")
          assert.strictEqual((yield* queue.stateOf(run)).life, "silent")
        }),
      {},
      { worker: false }
    ))

  it.effect("stays taken when the machine's clock is set back or forward", () =>
    withQueue(
      ({ queue }) =>
        Effect.gen(function*() {
          const first = { runId: "run", attempt: "first", host: "here" }
          yield* TestClock.setTime(new Date("2026-06-01T00:00:00Z").getTime())
          yield* queue.heartbeat(first, false)
          yield* TestClock.setTime(new Date("2020-01-01T00:00:00Z").getTime())
          assert.strictEqual((yield* Effect.flip(queue.heartbeat({ runId: "run", ...other }, false)))._tag, "Refused")
        }),
      {},
      { worker: false }
    ))
})

describe("a restart", () => {
  it.live("queues again what was queued or running, keeps verdicts, and removes pins that no gate needs", () =>
    Effect.gen(function*() {
      const { folder, runs, state } = yield* place
      const sql = () => sqliteLayer(join(folder, "queue.sqlite"))
      const first = scripted()
      const ids = yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        yield* Effect.forkScoped(runWorker)
        const done = yield* queue.submit(submission(save(runs, 2), 2))
        yield* first.ends(2, verdictOf("pass"))
        yield* queue.wait(done.id, 10)
        const running = yield* queue.submit(submission(save(runs, 4), 4))
        yield* until(() => first.began.includes(4))
        return [done.id, running.id] as const
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(first.layer, queueOver(optionsAt(state, [runs]), sql())))
      )
      assert.deepStrictEqual(pinsIn(state), [ids[1]])
      mkdirSync(join(state, "pins", "left-over"))
      const second = scripted()
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        assert.deepStrictEqual(pinsIn(state), [ids[1]])
        assert.strictEqual((yield* queue.find(ids[0])).verdict, "pass")
        assert.strictEqual((yield* queue.find(ids[1])).status, "queued")
        // A trainer that lived through the restart keeps its run.
        assert.strictEqual(
          (yield* Effect.flip(queue.heartbeat({ runId: "run", attempt: "second", host: "there" }, false)))._tag,
          "Refused"
        )
        yield* Effect.forkScoped(runWorker)
        yield* second.ends(4, verdictOf("fail"))
        assert.strictEqual((yield* queue.wait(ids[1], 10)).verdict, "fail")
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(second.layer, queueOver(optionsAt(state, [runs]), sql())))
      )
    }).pipe(Effect.scoped))

  it.live("with a pin that is gone fails the gate", () =>
    Effect.gen(function*() {
      const { folder, runs, state } = yield* place
      const sql = () => sqliteLayer(join(folder, "queue.sqlite"))
      const script = scripted()
      const over = () => Layer.merge(script.layer, queueOver(optionsAt(state, [runs]), sql()))
      const { id } = yield* Effect.flatMap(GateQueue, (queue) => queue.submit(submission(save(runs, 2), 2))).pipe(
        Effect.provide(over())
      )
      rmSync(join(state, "pins", id), { recursive: true })
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        yield* Effect.forkScoped(runWorker)
        assert.strictEqual((yield* queue.wait(id, 10)).status, "failed")
        assert.deepStrictEqual(script.began, [])
      }).pipe(Effect.scoped, Effect.provide(over()))
    }).pipe(Effect.scoped))
})

describe("a database that fails", () => {
  it.effect("is told in the driver's own words, whoever asks", () =>
    Effect.gen(function*() {
      const { folder } = yield* place
      mkdirSync(folder, { recursive: true })
      yield* Effect.gen(function*() {
        const store = yield* GateStore
        const sql = yield* SqlClient.SqlClient
        yield* store.ready
        const [pages] = yield* sql<{ readonly page_count: number }>`PRAGMA page_count`
        yield* sql.unsafe(`PRAGMA max_page_count = ${pages!.page_count}`)
        const run = { runId: "x".repeat(20_000), attempt: "a", host: "h", ended: false, createdAt: 0, seenAt: 0 }
        const full = yield* Effect.flip(store.saveRun(run))
        assert.include(full.message, "SQLite: execute failed: database or disk is full")
        yield* sql`DROP TABLE driftgate_probes`
        assert.include((yield* Effect.flip(store.ready)).message, "no such table: driftgate_probes")
      }).pipe(Effect.provide(GateStore.layer.pipe(Layer.provideMerge(sqliteLayer(join(folder, "queue.sqlite"))))))
    }).pipe(Effect.scoped))

  it.live("that may be another service's by now takes nothing, until it is sure again", () =>
    Effect.gen(function*() {
      const { runs, state } = yield* place
      let held = false
      const lock = Layer.succeed(ServiceLock, { held: Effect.sync(() => held), lost: Effect.never })
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        const store = yield* GateStore
        const one = submission(save(runs, 2), 2)
        assert.include((yield* Effect.flip(queue.submit(one))).message, "its session was ended")
        assert.include((yield* Effect.flip(store.ready)).message, "its session was ended")
        assert.deepStrictEqual(pinsIn(state), [])
        held = true
        yield* store.ready
        assert.strictEqual((yield* queue.submit(one)).status, "queued")
      }).pipe(Effect.provide(queueOver(optionsAt(state, [runs])).pipe(Layer.provide(lock))))
    }).pipe(Effect.scoped))

  const problem = new InternalProblem({ reason: "disk", what: "no space left on device", fix: "Free some." })

  it.live("lets nothing be accepted, and leaves no pin behind", () =>
    Effect.gen(function*() {
      const { runs, state } = yield* place
      const script = scripted()
      const failing = Layer.effect(GateStore)(
        Effect.map(GateStore, (store) => ({ ...store, save: () => Effect.fail(problem) }))
      )
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        const refused = yield* Effect.flip(queue.submit(submission(save(runs, 2), 2)))
        assert.strictEqual(refused._tag, "InternalProblem")
        assert.deepStrictEqual(pinsIn(state), [])
        assert.strictEqual((yield* queue.counts).queued, 0)
      }).pipe(
        Effect.provide(Layer.merge(
          script.layer,
          queueOver(optionsAt(state, [runs]), sqliteLayer(":memory:"), failing)
        ))
      )
    }).pipe(Effect.scoped))

  it.live("fails no gate whose evaluation begins meanwhile", () =>
    Effect.gen(function*() {
      const { runs, state } = yield* place
      const script = scripted()
      let broken = true
      const failing = Layer.effect(GateStore)(
        Effect.map(GateStore, (store) => ({
          ...store,
          save: (gate) => {
            const fails = broken && gate.digest !== null
            broken = broken && !fails
            return fails ? Effect.fail(problem) : store.save(gate)
          }
        }))
      )
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        yield* Effect.forkScoped(runWorker)
        const gate = yield* queue.submit(submission(save(runs, 2), 2))
        yield* script.ends(2, verdictOf("pass"))
        assert.deepInclude(yield* queue.wait(gate.id, 20), { status: "completed", verdict: "pass" })
        assert.isFalse(broken)
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(
          script.layer,
          queueOver(optionsAt(state, [runs]), sqliteLayer(":memory:"), failing)
        ))
      )
    }).pipe(Effect.scoped))

  it.live("keeps a verdict back until it can be written down", () =>
    Effect.gen(function*() {
      const { runs, state } = yield* place
      const script = scripted()
      let broken = false
      const failing = Layer.effect(GateStore)(
        Effect.map(GateStore, (store) => ({
          ...store,
          save: (gate) => broken ? Effect.fail(problem) : store.save(gate)
        }))
      )
      yield* Effect.gen(function*() {
        const queue = yield* GateQueue
        yield* Effect.forkScoped(runWorker)
        const gate = yield* queue.submit(submission(save(runs, 2), 2))
        yield* until(() => script.began.length === 1)
        broken = true
        yield* script.ends(2, verdictOf("pass"))
        assert.deepInclude(yield* queue.wait(gate.id, 0.2), { status: "running", verdict: null })
        broken = false
        assert.deepInclude(yield* queue.wait(gate.id, 10), { status: "completed", verdict: "pass" })
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(
          script.layer,
          queueOver(optionsAt(state, [runs]), sqliteLayer(":memory:"), failing)
        ))
      )
    }).pipe(Effect.scoped))
})

describe("what is refused", () => {
  const codeOf = (queue: GateQueue["Service"], checkpoint: string, more: object = {}) =>
    Effect.flip(queue.submit(submission(checkpoint, 2, more))).pipe(
      Effect.map((error) => error._tag === "Refused" ? error.code : error._tag)
    )

  it.live("says which kind of thing is wrong, and leaves nothing behind", () =>
    withQueue(
      ({ queue, runs, state }) =>
        Effect.gen(function*() {
          const outside = save(join(state, "..", "elsewhere"), 2)
          const whole = save(runs, 2)
          symlinkSync(outside, join(runs, "out", "linked"))
          mkdirSync(join(runs, "out", "checkpoint-3"))
          const borrowed = save(runs, 2, "borrowed")
          rmSync(join(borrowed, "model.safetensors"))
          symlinkSync(join(outside, "model.safetensors"), join(borrowed, "model.safetensors"))
          const cut = save(runs, 2, "cut")
          writeFileSync(join(cut, "model.safetensors"), "half a fi")
          assert.deepStrictEqual(
            yield* Effect.all({
              outside: codeOf(queue, outside),
              dots: codeOf(queue, `${whole}/../../../elsewhere/out/checkpoint-2`),
              secret: codeOf(queue, "/etc/shadow-that-is-not-there"),
              link: codeOf(queue, join(runs, "out", "linked")),
              fileLink: codeOf(queue, borrowed),
              relative: codeOf(queue, "runs/out/checkpoint-2"),
              gone: codeOf(queue, join(runs, "out", "checkpoint-99")),
              empty: codeOf(queue, join(runs, "out", "checkpoint-3"), { step: 3 }),
              truncated: codeOf(queue, cut),
              otherStep: codeOf(queue, whole, { step: 7 }),
              file: codeOf(queue, join(whole, "model.safetensors")),
              base: codeOf(queue, whole, { base: "unknown" }),
              baseOutside: codeOf(queue, whole, { base: "/etc" }),
              profilePath: codeOf(queue, whole, { profile: "../../etc/passwd" }),
              policyPath: codeOf(queue, whole, { policy: "/etc/passwd" }),
              control: codeOf(queue, whole, { runId: "a\u0000b" }),
              long: codeOf(queue, whole, { runId: "x".repeat(257) }),
              halfPair: codeOf(queue, whole, { attempt: "\ud800" })
            }),
            {
              outside: "outside_roots",
              dots: "outside_roots",
              secret: "outside_roots",
              link: "outside_roots",
              fileLink: "outside_roots",
              relative: "invalid_field",
              gone: "incomplete_checkpoint",
              empty: "incomplete_checkpoint",
              truncated: "incomplete_checkpoint",
              otherStep: "invalid_field",
              file: "invalid_field",
              base: "invalid_field",
              baseOutside: "outside_roots",
              profilePath: "invalid_field",
              policyPath: "invalid_field",
              control: "invalid_field",
              long: "invalid_field",
              halfPair: "invalid_field"
            }
          )
          assert.deepStrictEqual(pinsIn(state), [])
          assert.isTrue(existsSync(join(whole, "trainer_state.json")))
        }),
      {},
      { worker: false }
    ))

  it.live("no text in any field is read as SQL or by a shell", () =>
    withQueue(
      ({ queue, runs, state }) =>
        Effect.gen(function*() {
          const words = `x'; DROP TABLE driftgate_gates; -- $(touch ${state}/owned) \`id\` "%s" ; | & > ${
            "é中".repeat(3)
          }`
          const gate = yield* queue.submit(
            submission(save(runs, 2, words.replaceAll("/", "_").slice(0, 100)), 2, {
              runId: words,
              attempt: words,
              host: words
            })
          )
          const store = yield* GateStore
          assert.deepStrictEqual(
            (yield* store.list({ runId: words, status: undefined, limit: 5 })).map(({ id }) => id),
            [gate.id]
          )
          assert.strictEqual((yield* store.findRun(words))?.host, words)
          assert.isFalse(existsSync(join(state, "owned")))
          assert.isTrue(queue.outOf(gate).startsWith(join(state, "runs")))
        }),
      {},
      { worker: false }
    ))
})
