import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import type { LayoutName } from "../../checkpoints/layout.ts"
import type { Confirm } from "../../domain/trajectory.ts"
import type { Flags } from "../../evaluate/settings.ts"
import { makeDigests, namedBase } from "../../queue/bases.ts"
import { childEvaluatorLayer } from "../../queue/child-evaluator.ts"
import { queueLayer } from "../../queue/queue.ts"
import { sqliteLayer } from "../../queue/sqlite.ts"
import { GateStore } from "../../queue/store.ts"
import { runWorker } from "../../queue/worker.ts"
import { makeFolder } from "../../run/directory.ts"
import { holdLock } from "../../run/lock.ts"
import { type Desk, NotTaken } from "../../watch/desk.ts"
import { queueDesk } from "../../watch/queue-desk.ts"
import { serviceDesk } from "../../watch/service-desk.ts"
import { recordsFolder } from "../../watch/verdict-file.ts"
import { askingArguments, decidingArguments } from "./evaluation-arguments.ts"
import { durationOf, usage } from "./flag-values.ts"

/** What `watch` and `train` both take. */
export interface Common {
  readonly flags: Flags
  readonly layout: "auto" | LayoutName
  readonly accept: string
  readonly service: Option.Option<string>
  readonly runId: Option.Option<string>
  readonly confirm: Confirm
  readonly gateTimeout: string
  readonly outage: string
  readonly allowIdenticalStart: boolean
  readonly json: boolean
}

/** The run's name: given, or made once and kept beside the checkpoints. */
export const runIdOf = Effect.fnUntraced(function*(given: Option.Option<string>, records: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  if (Option.isSome(given)) return given.value
  const file = path.join(records, "run_id")
  const kept = (yield* fs.readFileString(file).pipe(Effect.orElseSucceed(() => ""))).trim()
  if (/^[A-Za-z0-9._-]{1,200}$/.test(kept)) return kept
  const made = randomUUID()
  yield* fs.writeFileString(file, made).pipe(Effect.ignore)
  return made
})

/** Whoever judges: a service, or a queue and a worker of this process, kept beside the checkpoints. Scoped. */
export const deskOf = Effect.fnUntraced(function*(input: Common, root: string, runId: string, attempt: string) {
  const path = yield* Path.Path
  const { flags } = input
  if (flags.base === undefined) {
    return yield* usage(
      "--base",
      "no base was named",
      "Name the model that training began with: --base checkpoint:./base"
    )
  }
  if (Option.isSome(input.service)) {
    const url = input.service.value
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      return yield* usage(`--service ${url}`, "this is no address", "For example --service http://127.0.0.1:8414")
    }
    const ours = [
      ...decidingArguments(flags),
      ...askingArguments(flags),
      ...(input.allowIdenticalStart ? ["--allow-identical-start"] : [])
    ]
    if (ours.length > 0) {
      return yield* usage(
        ours[0]!,
        "a service asks and decides by its own settings, so this flag would do nothing",
        "Start `driftgate serve` with it, or leave out --service."
      )
    }
    const token = yield* Config.String("DRIFTGATE_TOKEN").pipe(Config.withDefault(""), Effect.orElseSucceed(() => ""))
    return serviceDesk({
      url,
      token: token === "" ? undefined : token,
      base: flags.base,
      profile: flags.profile,
      policy: flags.preset,
      runId,
      attempt,
      host: hostname(),
      answerMillis: Math.min(30_000, yield* durationOf("outage", input.outage))
    })
  }
  const [, base] = yield* namedBase(`base=${flags.base}`)
  const state = path.join(root, recordsFolder, "state")
  yield* makeFolder(state, "Give this user the right to write beside the checkpoints.")
  yield* holdLock(path.join(state, "lock"))
  const services = yield* Layer.build(
    Layer.mergeAll(
      queueLayer({
        state,
        roots: [root],
        bases: new Map([["base", base]]),
        engine: "checkpoint",
        digestOf: makeDigests(),
        capacity: 64,
        leaseMillis: 60_000,
        gateMillis: yield* durationOf("gate-timeout", input.gateTimeout)
      }).pipe(Layer.provideMerge(GateStore.layer), Layer.provide(sqliteLayer(path.join(state, "queue.sqlite")))),
      childEvaluatorLayer({
        command: [process.execPath, ...process.execArgv, process.argv[1]!],
        flags: ["--confirm", input.confirm, ...decidingArguments(flags), ...askingArguments(flags)],
        asking: askingArguments(flags),
        triage: undefined,
        allowIdenticalStart: input.allowIdenticalStart,
        profile: flags.profile,
        preset: flags.preset
      })
    )
  ).pipe(Effect.mapError((error) => new NotTaken({ kind: "away", reason: `${state}: ${error.message}` })))
  yield* Effect.forkScoped(Effect.provide(runWorker, services))
  return yield* queueDesk({ base: "base", profile: undefined, policy: undefined, runId }).pipe(
    Effect.map((desk): Desk => desk),
    Effect.provide(services)
  )
})
