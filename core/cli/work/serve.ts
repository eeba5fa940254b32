import * as Config from "effect/Config"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { hostname } from "node:os"
import { isLoopback } from "../../domain/address.ts"
import { UnavailableProblem } from "../../domain/problem.ts"
import type { Confirm } from "../../domain/trajectory.ts"
import { Installation } from "../../evaluate/installation.ts"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { makeDigests, namedBase } from "../../queue/bases.ts"
import { childEvaluatorLayer } from "../../queue/child-evaluator.ts"
import { postgresLayer } from "../../queue/postgres.ts"
import { queueLayer } from "../../queue/queue.ts"
import { sqliteLayer } from "../../queue/sqlite.ts"
import { GateStore } from "../../queue/store.ts"
import { runWorker } from "../../queue/worker.ts"
import { makeFolder } from "../../run/directory.ts"
import { holdLock } from "../../run/lock.ts"
import { serverLayer } from "../../server/server.ts"
import { Interruption } from "../interruption.ts"
import { Output } from "../output.ts"
import { openAnswerScores } from "./answer-scores.ts"
import { askingArguments, decidingArguments } from "./evaluation-arguments.ts"
import { durationOf, usage } from "./flag-values.ts"

interface Input {
  readonly flags: Flags
  readonly listen: string
  readonly state: string
  readonly root: ReadonlyArray<string>
  readonly bases: ReadonlyArray<string>
  readonly engine: string
  readonly database: boolean
  readonly tokenFile: Option.Option<string>
  readonly hostName: ReadonlyArray<string>
  readonly queue: number
  readonly lease: string
  readonly gateTimeout: string
  readonly confirm: Confirm
  readonly triage: Option.Option<number>
  readonly allowIdenticalStart: boolean
  readonly rewardScorer: Option.Option<string>
  readonly json: boolean
}

/** Whether a host to listen on is this machine's own. */
const isLocal = (host: string): boolean => {
  const address = `http://${host.includes(":") ? `[${host}]` : host}`
  return URL.canParse(address) && isLoopback(address)
}

const addressOf = Effect.fnUntraced(function*(listen: string) {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(listen) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port > 65_535) {
    return yield* usage(`--listen ${listen}`, "expected HOST:PORT", "For example --listen 127.0.0.1:8414")
  }
  return { host, port }
})

const tokenOf = Effect.fnUntraced(function*(file: Option.Option<string>, host: string) {
  const fs = yield* FileSystem.FileSystem
  const given = Option.isSome(file)
    ? yield* fs.readFileString(file.value).pipe(
      Effect.mapError((error) =>
        usage(`--token-file ${file.value}`, `the file can't be read: ${error.reason._tag}`, "Write the token into it.")
      )
    )
    : yield* Config.String("DRIFTGATE_TOKEN").pipe(Config.withDefault(""), Effect.orElseSucceed(() => ""))
  const token = given.trim()
  if (token === "" && (Option.isSome(file) || !isLocal(host))) {
    return yield* usage(
      Option.isSome(file) ? `--token-file ${file.value}` : `--listen ${host}`,
      Option.isSome(file) ? "it holds no token" : "other machines can reach this address, so a token is required",
      "Give one with --token-file FILE or DRIFTGATE_TOKEN, of at least 16 characters, such as `openssl rand -hex 32` makes."
    )
  }
  if (token !== "" && (token.length < 16 || /\s/.test(token))) {
    return yield* usage(
      "--token-file or DRIFTGATE_TOKEN",
      "a token has at least 16 characters and no spaces",
      "Make one with `openssl rand -hex 32`."
    )
  }
  return token === "" ? undefined : token
})

const rootsOf = Effect.fnUntraced(function*(roots: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.forEach(roots, (root) =>
    fs.realPath(root).pipe(
      Effect.mapError((error) =>
        usage(
          `--root ${root}`,
          `the folder can't be used: ${error.reason._tag}`,
          "Name a folder that is there, under which trainers save."
        )
      )
    ))
})

/** The database of the queue; of two services the second one does not start. */
const storeOf = Effect.fnUntraced(function*(state: string, database: boolean) {
  const path = yield* Path.Path
  if (!database) return sqliteLayer(path.join(state, "queue.sqlite"))
  const url = yield* Config.Redacted("DRIFTGATE_DATABASE_URL").pipe(
    Effect.mapError(() =>
      usage("--postgres", "DRIFTGATE_DATABASE_URL is not set", "Set it to postgres://USER@HOST:PORT/DATABASE.")
    )
  )
  return postgresLayer(url)
})

/** `driftgate serve`: ends in an orderly way at the first signal; what runs then is taken up at the next start. */
export const work = Effect.fn("cli.serve")(function*(input: Input) {
  const path = yield* Path.Path
  const { version } = yield* Installation
  const { asked } = yield* Interruption
  const { host, port } = yield* addressOf(input.listen)
  const token = yield* tokenOf(input.tokenFile, host)
  const leaseMillis = yield* durationOf("lease", input.lease)
  const gateMillis = yield* durationOf("gate-timeout", input.gateTimeout)
  const roots = yield* rootsOf(input.root)
  const bases = new Map(yield* Effect.forEach(input.bases, namedBase))
  const settings = yield* readSettings(input.flags)
  const state = path.resolve(input.state)
  yield* makeFolder(state, "Choose a folder you may write to with --state DIR.")
  yield* holdLock(path.join(state, "lock"))
  const sql = yield* storeOf(state, input.database)
  const store = GateStore.layer.pipe(
    Layer.provide(sql),
    Layer.catch((error) =>
      Layer.effectDiscard(Effect.fail(
        error instanceof UnavailableProblem ? error : new UnavailableProblem({
          reason: "server",
          what: `the database of the queue can't be used: ${error.message}`,
          fix: input.database
            ? "Start PostgreSQL, or check DRIFTGATE_DATABASE_URL."
            : "Free space, or name another folder with --state DIR."
        })
      )) as Layer.Layer<GateStore, UnavailableProblem>
    )
  )
  const queue = queueLayer({
    state,
    roots,
    bases,
    engine: input.engine,
    digestOf: makeDigests(),
    capacity: input.queue,
    leaseMillis,
    gateMillis
  })
  const evaluator = childEvaluatorLayer({
    command: [process.execPath, ...process.execArgv, process.argv[1]!],
    flags: ["--confirm", input.confirm, ...decidingArguments(input.flags), ...askingArguments(input.flags)],
    asking: askingArguments(input.flags),
    triage: Option.getOrUndefined(input.triage),
    allowIdenticalStart: input.allowIdenticalStart,
    profile: input.flags.profile,
    preset: input.flags.preset
  })
  yield* Effect.gen(function*() {
    const output = yield* Output
    const worker = yield* Effect.forkScoped(runWorker)
    const working = Effect.sync(() => worker.pollUnsafe() === undefined)
    const scores = Option.isNone(input.rewardScorer)
      ? undefined
      : yield* openAnswerScores(input.rewardScorer.value, settings)
    const hosts = new Set(
      ["localhost", "127.0.0.1", "::1", host, hostname(), ...input.hostName].map((name) => name.toLowerCase())
    )
    const server = serverLayer({ host, port, token, hosts, facts: { version, host: hostname(), working, scores } })
      .pipe(
        Layer.catch((error) =>
          Layer.effectDiscard(Effect.fail(
            new UnavailableProblem({
              reason: "server",
              where: `--listen ${input.listen}`,
              what: `the address can't be listened on: ${String(error)}`,
              fix: "Choose another port, or stop the process that has this one."
            })
          )) as Layer.Layer<HttpServer.HttpServer, UnavailableProblem>
        )
      )
    yield* Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const url = HttpServer.formatAddress(address)
      yield* output.line(`driftgate ${version} serves ${url}${token === undefined ? ", without a token" : ""}`)
      yield* output.record({ type: "listening", url, token: token !== undefined, state, roots })
      const { lost } = yield* GateStore
      yield* Effect.raceAllFirst([Deferred.await(asked), Fiber.join(worker), lost])
    }).pipe(Effect.provide(server))
  }).pipe(
    Effect.scoped,
    Effect.provide(evaluator),
    Effect.provide(queue.pipe(Layer.provideMerge(store))),
    Effect.provide(Layer.mergeAll(
      hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
      cacheLayer(false),
      Output.layer(input.json)
    ))
  )
}, Effect.scoped)
