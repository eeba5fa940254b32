import * as Config from "effect/Config"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as ChildProcess from "effect/process/ChildProcess"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { findCheckpoints, inspectCheckpoint } from "../../checkpoints/layout.ts"
import { sweepPins } from "../../checkpoints/pin.ts"
import { exitCodes } from "../../domain/problem.ts"
import { makeFolder } from "../../run/directory.ts"
import { holdLock } from "../../run/lock.ts"
import { type Ending, endingOf, notStartedCode } from "../../watch/ending.ts"
import { follow, presentCheckpoints } from "../../watch/follow.ts"
import { acceptable, type JudgedStep, lineOf, type Word } from "../../watch/outcome.ts"
import { modelsOutside, ungatedModels } from "../../watch/outside.ts"
import { isRunning, type KnownProcess, signalProcess, startOf } from "../../watch/process.ts"
import { resumed } from "../../watch/resume.ts"
import { startTrainer } from "../../watch/trainer.ts"
import { pinsFolder, recordsFolder } from "../../watch/verdict-file.ts"
import { Ended } from "../ended.ts"
import { Interruption } from "../interruption.ts"
import { Output } from "../output.ts"
import { durationOf, usage } from "./flag-values.ts"
import { type Common, deskOf, runIdOf } from "./watch-desk.ts"

const acceptOf = Effect.fnUntraced(function*(text: string) {
  const words = text.split(",").map((word) => word.trim())
  const wrong = words.find((word) => !(acceptable as ReadonlyArray<string>).includes(word))
  return wrong === undefined
    ? new Set(words as ReadonlyArray<Word>)
    : yield* usage(`--accept ${text}`, `${JSON.stringify(wrong)} is none of them`, `Words are ${acceptable.join(", ")}`)
})

/** Ends with a code of the training gate. */
const finish = Effect.fnUntraced(function*(ending: Ending) {
  const output = yield* Output
  for (const line of ending.lines) yield* output.note(`driftgate: ${line}`)
  yield* output.record({ type: "ended", exitCode: ending.code, message: ending.lines.join("\n") })
  if (ending.code !== 0) return yield* new Ended({ code: ending.code })
})

const notStarted = (line: string, ...more: ReadonlyArray<string>) =>
  finish({ code: notStartedCode, lines: [`${line} (nothing trained)`, ...more] })

/** Everything that is checked before a trainer is started or waited for. */
const prepare = Effect.fnUntraced(function*(input: Common, folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const output = yield* Output
  const accept = yield* acceptOf(input.accept)
  const patience = {
    verdictMillis: yield* durationOf("gate-timeout", input.gateTimeout),
    outageMillis: yield* durationOf("outage", input.outage)
  }
  yield* makeFolder(path.resolve(folder, recordsFolder), "Give this user the right to write beside the checkpoints.")
  const root = yield* fs.realPath(folder).pipe(
    Effect.mapError(() => usage(folder, "there is no such folder", "Name the folder in which the trainer saves."))
  )
  const records = path.join(root, recordsFolder)
  yield* holdLock(path.join(records, "lock"))
  // A process that was killed could not release its own.
  yield* sweepPins(path.join(records, pinsFolder), new Set())
  const runId = yield* runIdOf(input.runId, records)
  const attempt = randomUUID().slice(0, 12)
  const desk = yield* deskOf(input, root, runId, attempt)
  yield* desk.ready
  yield* Effect.addFinalizer(() => desk.leave)
  yield* Effect.forkScoped(desk.alive)
  const layout = input.layout === "auto" ? undefined : input.layout
  const judged = (step: JudgedStep) =>
    Effect.andThen(
      output.note(`driftgate: ${lineOf(step)}`),
      output.record({ type: "step", step: step.step, checkpoint: step.folder, ...step.outcome })
    )
  return {
    root,
    layout,
    accept,
    outside: yield* modelsOutside(root, layout),
    following: { root, layout, desk, runId, attempt, accept, patience, pollMillis: 250, judged }
  }
})

const knownProcess = Effect.fnUntraced(function*(flag: string, pid: number) {
  const start = pid > 1 ? yield* startOf(pid) : undefined
  return start === undefined
    ? yield* usage(`--${flag} ${pid}`, "there is no such process", "Name the pid of a trainer that runs.")
    : { pid, start } satisfies KnownProcess as KnownProcess
})

const whenGone = (known: KnownProcess) =>
  Effect.gen(function*() {
    while (yield* isRunning(known)) yield* Effect.sleep("500 millis")
  })

/** `driftgate watch DIR`. */
export const watch = Effect.fn("cli.watch")(function*(
  input: Common & {
    readonly dir: string
    readonly once: boolean
    readonly untilExit: Option.Option<number>
    readonly finalStep: Option.Option<number>
    readonly stopCommand: Option.Option<string>
    readonly killPid: Option.Option<number>
    readonly signal: "TERM" | "INT" | "HUP" | "USR1" | "USR2" | "KILL"
  }
) {
  yield* Effect.gen(function*() {
    const output = yield* Output
    const fs = yield* FileSystem.FileSystem
    const { asked } = yield* Interruption
    if (!(yield* fs.exists(input.dir).pipe(Effect.orElseSucceed(() => false)))) {
      return yield* notStarted(`${input.dir}: there is no such folder`)
    }
    const toKill = Option.isSome(input.killPid) ? yield* knownProcess("kill-pid", input.killPid.value) : undefined
    const until = Option.isSome(input.untilExit) ? yield* knownProcess("until-exit", input.untilExit.value) : undefined
    const { accept, following, layout, outside, root } = yield* prepare(input, input.dir)
    const finalStep = Option.getOrUndefined(input.finalStep)
    const present = Effect.gen(function*() {
      for (const { folder, step } of yield* findCheckpoints(root, { layout })) {
        if (step >= finalStep! && (yield* inspectCheckpoint(folder, { layout })).state === "complete") return true
      }
      return false
    })
    const over = input.once
      ? Effect.void
      : Effect.raceAllFirst([
        Deferred.await(asked),
        ...(until === undefined ? [] : [whenGone(until)]),
        ...(finalStep === undefined
          ? []
          : [Effect.gen(function*() {
            while (!(yield* present)) yield* Effect.sleep("500 millis")
          })])
      ])
    const followed = yield* follow({ ...following, before: new Map(), over })
    if (Deferred.isDoneUnsafe(asked) && followed.refused === undefined) {
      return yield* finish({
        code: exitCodes.interrupted,
        lines: ["stopped by a signal: training goes on without a gate"]
      })
    }
    let stopped = false
    if (followed.refused !== undefined) {
      const { outcome, step } = followed.refused
      if (toKill !== undefined) {
        stopped = yield* signalProcess(toKill, `SIG${input.signal}`)
        yield* output.note(
          stopped
            ? `driftgate: sent SIG${input.signal} to process ${toKill.pid}`
            : `driftgate: process ${toKill.pid} has ended by itself; nothing was signalled`
        )
      }
      if (Option.isSome(input.stopCommand)) {
        const [program, ...args] = input.stopCommand.value.trim().split(/\s+/)
        const ran = yield* ChildProcess.make(program!, args, {
          stdin: "ignore",
          stdout: input.json ? "pipe" : "inherit",
          stderr: "inherit",
          extendEnv: true,
          env: { DRIFTGATE_STEP: String(step), DRIFTGATE_VERDICT: outcome.word }
        }).pipe(
          Effect.tap(({ stdout }) =>
            input.json
              ? Stream.runForEach(stdout, (bytes) => Effect.sync(() => process.stderr.write(bytes)))
              : Effect.void
          ),
          Effect.flatMap((handle) => handle.exitCode),
          Effect.timeout("60 seconds"),
          Effect.result
        )
        const done = ran._tag === "Success" && Number(ran.success) === 0
        stopped = stopped || done
        if (!done) yield* output.note(`driftgate: the stop command failed; stop the trainer yourself`)
      }
    }
    for (const folder of outside.keys()) {
      yield* output.note(`driftgate: not gated: the model in ${folder}, which is no folder of a step`)
    }
    const ungated = yield* ungatedModels({ root, layout, accept, before: outside, steps: followed.steps })
    yield* finish(endingOf(followed, { accept, stopped, trainer: undefined, ungated }))
  }).pipe(
    Effect.catchTag("NotTaken", ({ reason }) => notStarted(reason)),
    Effect.scoped,
    Effect.provide(Output.layer(input.json))
  )
})

/** `driftgate train -- COMMAND...`. */
export const train = Effect.fn("cli.train")(function*(
  input: Common & {
    readonly command: ReadonlyArray<string>
    readonly trainerOut: string
    readonly grace: string
  }
) {
  yield* Effect.gen(function*() {
    const output = yield* Output
    const { asked } = yield* Interruption
    const graceMillis = yield* durationOf("grace", input.grace)
    const { accept, following, layout, outside, root } = yield* prepare(input, input.trainerOut)
    const allowed = yield* Config.String("DRIFTGATE_ALLOW_RESUME").pipe(
      Config.withDefault(""),
      Effect.orElseSucceed(() => "")
    )
    const { lines, refused } = yield* resumed(root, layout, accept)
    for (const line of lines) yield* output.note(`driftgate: ${line}`)
    if (refused !== undefined && allowed !== "1") return yield* notStarted(refused)
    const before = yield* presentCheckpoints(root, layout)
    const command = input.command as readonly [string, ...ReadonlyArray<string>]
    // Records alone go to stdout with --json: what a trainer writes there is not ours to promise.
    const started = yield* startTrainer(command, { graceMillis, stdout: input.json ? "stderr" : "stdout" })
      .pipe(Effect.result)
    if (started._tag === "Failure") return yield* notStarted(started.failure.message)
    const trainer = started.success
    const over = Effect.raceFirst(trainer.ended, Effect.as(Deferred.await(asked), undefined))
    const followed = yield* Effect.raceFirst(
      follow({ ...following, before, over: trainer.ended }),
      Effect.as(Deferred.await(asked), undefined)
    )
    const code = yield* over.pipe(Effect.timeoutOption(0))
    yield* trainer.stop
    if (followed === undefined) {
      return yield* finish({
        code: exitCodes.interrupted,
        lines: ["stopped by a signal, and the trainer with it; what it saved last was not judged"]
      })
    }
    const ended = Option.getOrUndefined(code)
    // A run that saved nothing ends as well as the checkpoints that are there, and all models beside them count.
    const nothing = followed.steps.length === 0 && followed.refused === undefined
    const accepted = nothing ? (yield* resumed(root, layout, accept)).accepted : []
    const ungated = yield* ungatedModels({
      root,
      layout,
      accept,
      before: accepted.length > 0 ? new Map() : outside,
      steps: [...accepted, ...followed.steps]
    })
    yield* finish(endingOf(followed, { accept, before: accepted.at(-1), stopped: true, trainer: ended, ungated }))
  }).pipe(
    Effect.catchTag("NotTaken", ({ reason }) => notStarted(reason)),
    Effect.scoped,
    Effect.provide(Output.layer(input.json))
  )
})
