import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Semaphore from "effect/Semaphore"
import { randomUUID } from "node:crypto"
import { releasePin, sweepPins } from "../checkpoints/pin.ts"
import { makeFolders } from "../domain/folder.ts"
import { type InternalProblem, UnavailableProblem } from "../domain/problem.ts"
import { type Admission, admit, findCheckpoint, requireFields, requireSender } from "./admission.ts"
import type { EvaluationProgress } from "./evaluator.ts"
import { acceptedGate, type Gate, isEnded, queueFull, Refused, type Run, type Submission } from "./gate.ts"
import { makeKeyedLock } from "./keyed-lock.ts"
import { type Leases, makeLeases } from "./leases.ts"
import { makePlaces, mayGiveWay } from "./places.ts"
import { runFolder } from "./run-folder.ts"
import { GateStore } from "./store.ts"
import { makeTurns } from "./turns.ts"

/** How a service is set up. */
export interface QueueOptions extends Admission {
  /** Folder of pins and of what evaluations write. */
  readonly state: string
  /** Gates that are queued or running at most. */
  readonly capacity: number
  /** For how long a run stays with a trainer that gives no sign of life. */
  readonly leaseMillis: number
  /** How long one evaluation may take; one that hangs would hold up all others. */
  readonly gateMillis: number
}

/** A gate that is not ended, and who waits for it. */
export interface OpenGate {
  gate: Gate
  progress: EvaluationProgress | undefined
  /** Completed and replaced at every change. */
  changed: Deferred.Deferred<void>
  /** Set by the worker while it runs. */
  stop: Effect.Effect<void> | undefined
}

/** Counts since the service started. */
export interface QueueCounts {
  readonly queued: number
  readonly running: number
  readonly capacity: number
  readonly accepted: number
  readonly repeated: number
  readonly refused: ReadonlyMap<string, number>
  readonly lastEndedAt: number | undefined
}

export interface RunState {
  readonly run: Run
  readonly life: "live" | "silent" | "ended"
  readonly ageMillis: number
}

/** The gates of all training runs: accepted once pinned, worked off newest first, known after a restart. */
export class GateQueue extends Context.Service<GateQueue, {
  readonly options: QueueOptions
  /** Pins a checkpoint and queues it; the same run, step and attempt is the same gate. */
  readonly submit: (submission: Submission) => Effect.Effect<Gate, Refused | InternalProblem>
  /** The same for a sender that says nothing of its process: the same files are the same gate, and it holds no run. */
  readonly submitFiles: (
    submission: Omit<Submission, "attempt" | "host">
  ) => Effect.Effect<Gate, Refused | InternalProblem>
  readonly find: (id: string) => Effect.Effect<Gate, Refused | InternalProblem>
  /** The gate as soon as it has ended, or as it is after so long. */
  readonly wait: (id: string, seconds: number) => Effect.Effect<Gate, Refused | InternalProblem>
  readonly cancel: (id: string) => Effect.Effect<Gate, Refused | InternalProblem>
  /** A sign of life of a trainer; fails with `run_in_use` when another one holds the run. */
  readonly heartbeat: (
    by: Pick<Gate, "runId" | "attempt" | "host">,
    ended: boolean
  ) => Effect.Effect<RunState, Refused | InternalProblem>
  readonly stateOf: (run: Run) => Effect.Effect<RunState>
  readonly counts: Effect.Effect<QueueCounts>
  /** Completes at the next change of an open gate. */
  readonly change: (entry: OpenGate) => Effect.Effect<void>
  /** For the worker and for listeners. */
  readonly open: ReadonlyMap<string, OpenGate>
  readonly pinOf: (gate: Gate) => string
  readonly outOf: (gate: Gate) => string
  readonly update: (id: string, change: Partial<Gate>) => Effect.Effect<Gate, InternalProblem>
  readonly progressed: (id: string, progress: EvaluationProgress) => Effect.Effect<void>
  /** The next gate to work on: of the run that waited longest its newest; its older ones are skipped. */
  readonly take: Effect.Effect<OpenGate, InternalProblem>
}>()("driftgate/queue/GateQueue") {}

const make = Effect.fnUntraced(function*(options: QueueOptions) {
  const store = yield* GateStore
  const path = yield* Path.Path
  const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const { capacity, state } = options
  const pins = path.join(state, "pins")
  const leases: Leases = yield* makeLeases(store, options.leaseMillis)
  const open = new Map<string, OpenGate>()
  const turns = makeTurns()
  // A request that is repeated while the first one pins is not a second gate.
  const exclusively = makeKeyedLock()
  const updating = yield* Semaphore.make(1)
  const pinning = yield* Semaphore.make(4)
  const woken = yield* Semaphore.make(1)
  let wake = yield* Deferred.make<void>()
  let seq = yield* store.lastSeq
  const places = makePlaces(capacity, open)
  const counts = {
    accepted: 0,
    repeated: 0,
    refused: new Map<string, number>(),
    lastEndedAt: undefined as number | undefined
  }

  const pinOf = ({ id }: Pick<Gate, "id">) => path.join(pins, id)
  const outOf = ({ runId }: Pick<Gate, "runId">) => path.join(state, "runs", runFolder(runId))

  const signal = (entry: OpenGate) =>
    Effect.gen(function*() {
      const { changed } = entry
      entry.changed = yield* Deferred.make<void>()
      yield* Deferred.succeed(changed, undefined)
    })
  const enter = Effect.fnUntraced(function*(gate: Gate) {
    open.set(gate.id, { gate, progress: undefined, changed: yield* Deferred.make<void>(), stop: undefined })
    const sleeping = wake
    wake = yield* Deferred.make<void>()
    yield* Deferred.succeed(sleeping, undefined)
  })
  const update = Effect.fn("GateQueue.update")(
    function*(id: string, change: Partial<Gate>, where: (gate: Gate) => boolean = () => true) {
      const entry = open.get(id)
      const known = entry?.gate ?? (yield* store.find(id))!
      // Of two ends, such as a verdict and a request to cancel, the first one holds.
      if ((isEnded(known.status) && change.status !== undefined) || !where(known)) return known
      const gate: Gate = { ...known, ...change }
      yield* store.save(gate)
      if (entry !== undefined) {
        entry.gate = gate
        if (isEnded(gate.status)) {
          open.delete(id)
          counts.lastEndedAt = yield* Clock.currentTimeMillis
          yield* releasePin(pinOf(gate))
        }
        yield* signal(entry)
      }
      return gate
    },
    Effect.uninterruptible,
    updating.withPermits(1),
    Effect.provide(services)
  )

  const end = (
    { id }: Gate,
    status: "skipped" | "cancelled",
    reason: string,
    where?: (gate: Gate) => boolean
  ) => Effect.flatMap(Clock.currentTimeMillis, (endedAt) => update(id, { status, reasons: [reason], endedAt }, where))
  const queued = () => [...open.values()].filter(({ gate }) => gate.status === "queued")

  const accept = Effect.fnUntraced(function*(submission: Submission, known: Gate | undefined) {
    const id = known?.id ?? `g-${randomUUID()}`
    return yield* places.hold(
      submission.runId,
      Effect.gen(function*() {
        const { folder, format, pin } = yield* pinning.withPermits(1)(admit(submission, pinOf({ id }), options))
        const createdAt = yield* Clock.currentTimeMillis
        const gate = acceptedGate(submission, { id, seq: ++seq, createdAt, format, checkpoint: folder, pin })
        // Known to the database and to the worker, or to neither.
        yield* Effect.uninterruptible(Effect.andThen(store.save(gate), enter(gate))).pipe(
          Effect.onError(() => releasePin(pin.folder))
        )
        counts.accepted++
        return gate
      }),
      (oldest) =>
        // It is accepted, whatever becomes of this; a step that is worked on by now, or the last one, stays.
        end(oldest, "skipped", "a later step of the run took its place in a full queue", mayGiveWay).pipe(
          Effect.catch((error) => Effect.logError(error.message))
        )
    )
  })

  const same = (gate: Gate, { base, policy, profile }: Submission) =>
    gate.base === base && gate.profile === (profile ?? null) && gate.policy === (policy ?? null)

  const counted = <A, R>(work: Effect.Effect<A, Refused | InternalProblem, R>) =>
    Effect.tapError(work, (error) =>
      Effect.sync(() => {
        const code = error._tag === "Refused" ? error.code : "unavailable"
        counts.refused.set(code, (counts.refused.get(code) ?? 0) + 1)
      }))

  const submitAs = Effect.fn("GateQueue.submit")(
    function*(submission: Submission, lease: boolean) {
      yield* requireFields(submission)
      const { attempt, final, runId, step } = submission
      return yield* exclusively(
        JSON.stringify([runId, step, attempt]),
        Effect.gen(function*() {
          const known = yield* store.findStep(runId, step, attempt)
          // Before anything is written, so that a flood costs little.
          if (known === undefined && places.refuses(runId)) return yield* queueFull(open.size)
          if (lease) yield* leases.take(submission)
          if (known === undefined) return yield* accept(submission, undefined)
          if (!same(known, submission)) {
            return yield* new Refused({
              code: "invalid_field",
              detail: `step ${step} of this attempt was submitted before with another base, profile or policy`
            })
          }
          // A step that was skipped and turns out to be the last one is evaluated after all.
          if (final && known.status === "skipped") return yield* accept(submission, known)
          counts.repeated++
          if (final && !known.final) return yield* update(known.id, { final })
          return known
        })
      )
    },
    counted,
    Effect.provide(services)
  )
  const submit = (submission: Submission) => submitAs(submission, true)
  const submitFiles = Effect.fnUntraced(function*(submission: Omit<Submission, "attempt" | "host">) {
    yield* counted(requireFields({ ...submission, attempt: "-", host: "-" }))
    const { fingerprint } = yield* counted(findCheckpoint(submission, options))
    return yield* submitAs({ ...submission, attempt: `files-${fingerprint}`, host: "-" }, false)
  }, Effect.provide(services))

  const find = Effect.fn("GateQueue.find")(function*(id: string) {
    const gate = open.get(id)?.gate ?? (id.length > 100 ? undefined : yield* store.find(id))
    return gate ?? (yield* new Refused({ code: "no_such_gate", detail: "there is no gate of this id" }))
  })
  const wait = Effect.fn("GateQueue.wait")(function*(id: string, seconds: number) {
    const ended = Effect.gen(function*() {
      for (let entry = open.get(id); entry !== undefined; entry = open.get(id)) yield* Deferred.await(entry.changed)
    })
    yield* Effect.timeoutOption(ended, seconds * 1000)
    return yield* find(id)
  })
  const cancel = Effect.fn("GateQueue.cancel")(function*(id: string) {
    const entry = open.get(id)
    if (entry === undefined) return yield* find(id)
    const gate = yield* end(entry.gate, "cancelled", "cancelled by a request")
    if (entry.stop !== undefined) yield* entry.stop
    return gate
  })

  const stateOf = Effect.fnUntraced(function*(run: Run) {
    return {
      run,
      life: yield* leases.lifeOf(run),
      ageMillis: yield* leases.ageOf(run.runId)
    } satisfies RunState as RunState
  })
  const heartbeat = Effect.fn("GateQueue.heartbeat")(
    function*(by: Pick<Gate, "runId" | "attempt" | "host">, ended: boolean) {
      yield* requireSender(by)
      return yield* stateOf(yield* leases.take(by, ended))
    }
  )

  const take = Effect.gen(function*() {
    while (true) {
      const sleeping = wake
      const chosen = turns.choose(queued().map(({ gate }) => gate))
      if (chosen === undefined) {
        yield* Deferred.await(sleeping)
        continue
      }
      for (const older of chosen.older) {
        const reason = `step ${chosen.next.step} of the run came later and is evaluated in its place`
        const entry = open.get(older.id)
        if (entry !== undefined) yield* end(entry.gate, "skipped", reason)
      }
      // It may have been cancelled meanwhile.
      const entry = open.get(chosen.next.id)
      if (entry === undefined) continue
      turns.serve(chosen.next)
      return entry
    }
  }).pipe(woken.withPermits(1))

  yield* makeFolders(pins).pipe(
    Effect.mapError((error) =>
      new UnavailableProblem({
        reason: "folder",
        what: `the folder of pinned checkpoints can't be made: ${error.message}`,
        where: pins,
        fix: "Give this user the right to write there, or remove what stands in its place."
      })
    )
  )
  const left = yield* store.open
  for (const gate of left) {
    const again: Gate = { ...gate, status: "queued" }
    if (gate.status === "running") yield* store.save(again)
    yield* enter(again)
  }
  yield* sweepPins(pins, new Set(left.map(({ id }) => id)))

  return {
    options,
    submit,
    submitFiles,
    find,
    wait,
    cancel,
    heartbeat,
    stateOf,
    counts: Effect.sync((): QueueCounts => ({
      ...counts,
      refused: new Map(counts.refused),
      queued: queued().length,
      running: open.size - queued().length,
      capacity
    })),
    change: (entry) => Deferred.await(entry.changed),
    open,
    pinOf,
    outOf,
    update,
    progressed: (id, progress) =>
      Effect.suspend(() => {
        const entry = open.get(id)
        if (entry === undefined) return Effect.void
        entry.progress = progress
        return signal(entry)
      }),
    take
  } satisfies GateQueue["Service"] as GateQueue["Service"]
})

/** The queue over a store; pins that no gate needs are removed, and gates that were running are queued again. */
export const queueLayer = (options: QueueOptions) => Layer.effect(GateQueue)(make(options))
