import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as OpenApi from "effect/http-api/OpenApi"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { optionsAt, place, queueOver, save, scripted, verdictOf } from "../queue/queue.fixture.ts"
import { GateQueue, type QueueOptions } from "../queue/queue.ts"
import { runWorker } from "../queue/worker.ts"
import { Api } from "./api.ts"
import { unavailable } from "./errors.ts"
import type { AnswerScores } from "./facts.ts"
import { serverLayer, type ServerOptions } from "./server.ts"

const token = "a-token-of-sixteen-and-more"

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: any
}

/** A service on loopback, and how to ask it: plain node:http, since `fetch` sends no Host of one's choice. */
const withServer = <A, E>(
  use: (context: {
    readonly ask: (
      method: string,
      path: string,
      options?: { readonly body?: unknown; readonly headers?: Record<string, string>; readonly raw?: string | Buffer }
    ) => Effect.Effect<Reply>
    readonly submit: (folder: string, step: number, more?: object) => Effect.Effect<Reply>
    readonly port: number
    readonly runs: string
    readonly state: string
    readonly script: ReturnType<typeof scripted>
    readonly queue: GateQueue["Service"]
  }) => Effect.Effect<A, E>,
  options: Partial<ServerOptions> & { readonly queue?: Partial<QueueOptions>; readonly scores?: AnswerScores } = {}
) =>
  Effect.gen(function*() {
    const { runs, state } = yield* place
    mkdirSync(runs)
    const script = scripted()
    const { queue: queueOptions, scores, ...server } = options
    const facts = { version: "9.9.9", working: Effect.succeed(true), scores }
    return yield* Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const port = Number(/:(\d+)$/.exec(HttpServer.formatAddress(address))![1])
      yield* Effect.forkScoped(runWorker)
      const ask: Parameters<typeof use>[0]["ask"] = (method, path, { body, headers = {}, raw } = {}) =>
        Effect.promise(() =>
          new Promise<Reply>((resolve, reject) => {
            const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
            const sent = request({
              host: "127.0.0.1",
              port,
              method,
              path,
              headers: { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers }
            }, (response) => {
              const parts: Array<Buffer> = []
              response.on("data", (part) => parts.push(part))
              response.on("end", () => {
                const text = Buffer.concat(parts).toString()
                const isJson = response.headers["content-type"]?.startsWith("application/json") === true
                resolve({
                  status: response.statusCode!,
                  headers: response.headers,
                  body: isJson ? JSON.parse(text) : text
                })
              })
            })
            sent.on("error", reject)
            sent.end(text)
          })
        )
      const submit = (folder: string, step: number, more: object = {}) =>
        ask("POST", "/v1/gates", {
          body: { checkpoint: folder, base: "base", run_id: "run", step, attempt: "first", host: "here", ...more }
        })
      return yield* use({ ask, submit, port, runs, state, script, queue: yield* GateQueue })
    }).pipe(
      Effect.scoped,
      Effect.provide(
        serverLayer({
          host: "127.0.0.1",
          port: 0,
          hosts: new Set(["127.0.0.1", "localhost"]),
          token: undefined,
          facts,
          ...server
        }).pipe(Layer.provideMerge(Layer.merge(script.layer, queueOver(optionsAt(state, [runs], queueOptions)))))
      )
    )
  }).pipe(Effect.scoped)

const errorOf = ({ body, status }: Reply) => [status, body.error?.code]

describe("the API", () => {
  it("is the one in schema/openapi.json", () => {
    const file = join(import.meta.dirname, "../../schema/openapi.json")
    assert.deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), JSON.parse(JSON.stringify(OpenApi.fromApi(Api))))
  })

  it.live("takes a checkpoint, and gives the verdict to whoever waits for it", () =>
    withServer(({ ask, runs, script, submit }) =>
      Effect.gen(function*() {
        const accepted = yield* submit(save(runs, 2), 2)
        assert.strictEqual(accepted.status, 202)
        assert.deepInclude(accepted.body, { run_id: "run", step: 2, verdict: null, digest: null, pinned: "link" })
        const { id } = accepted.body
        const waiting = yield* Effect.forkChild(ask("GET", `/v1/gates/${id}?wait=30&decision=full`))
        yield* script.ends(2, verdictOf("fail"))
        const { body } = yield* Fiber.join(waiting)
        assert.deepInclude(body, { status: "completed", verdict: "fail", reasons: ["it is fail"], decision: null })
        const { body: list } = yield* ask("GET", "/v1/gates?run_id=run")
        assert.deepStrictEqual(list.gates.map((gate: any) => gate.id), [id])
        const { body: series } = yield* ask("GET", "/v1/runs/run")
        assert.deepInclude(series, { run_id: "run", state: "live", gates: 1, promoted: null, alpha_spent: 0 })
        assert.deepStrictEqual(series.steps.map((step: any) => [step.step, step.verdict, step.promoted]), [[
          2,
          "fail",
          false
        ]])
        const { body: events } = yield* ask("GET", `/v1/gates/${id}/events`)
        assert.deepInclude(JSON.parse(events), { gate: id, status: "completed", verdict: "fail" })
      })
    ))

  it.live("tells its version, its health and its numbers", () =>
    withServer(({ ask, runs, submit }) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* ask("GET", "/v1/health")).body, { api: 1, version: "9.9.9", status: "ok" })
        assert.strictEqual((yield* ask("GET", "/healthz")).status, 200)
        assert.strictEqual((yield* ask("GET", "/readyz")).status, 200)
        yield* submit(save(runs, 2), 2)
        yield* submit(join(runs, "nothing"), 3)
        yield* ask("POST", "/v1/runs/quiet/heartbeat", { body: { attempt: "a", host: "b" } })
        const { body } = yield* ask("GET", "/metrics")
        for (
          const line of [
            "driftgate_submissions_total{result=\"accepted\"} 1",
            "driftgate_submissions_total{result=\"incomplete_checkpoint\"} 1",
            "driftgate_runs{state=\"live\"} 2",
            "driftgate_runs_without_gate 1"
          ]
        ) assert.include(body, `${line}\n`)
        const { body: runsSeen } = yield* ask("GET", "/v1/runs")
        assert.deepStrictEqual(runsSeen.runs.map((run: any) => [run.run_id, run.gates]).toSorted(), [["quiet", 0], [
          "run",
          1
        ]])
      })
    ))

  it.live("cancels, and knows no gate and no run that it was not told of", () =>
    withServer(({ ask, runs, submit }) =>
      Effect.gen(function*() {
        const { body: { id } } = yield* submit(save(runs, 2), 2)
        assert.strictEqual((yield* ask("POST", `/v1/gates/${id}/cancel`)).body.status, "cancelled")
        assert.deepStrictEqual(errorOf(yield* ask("GET", "/v1/gates/g-1")), [404, "no_such_gate"])
        assert.deepStrictEqual(errorOf(yield* ask("POST", "/v1/gates/g-1/cancel")), [404, "no_such_gate"])
        assert.deepStrictEqual(errorOf(yield* ask("GET", "/v1/runs/nobody")), [404, "no_such_run"])
        assert.deepStrictEqual(errorOf(yield* ask("GET", "/v2/anything")), [404, "not_found"])
      })
    ))

  it.live("answers every refusal in one form", () =>
    withServer(({ ask, runs, state, submit }) =>
      Effect.gen(function*() {
        const folder = save(runs, 2)
        yield* submit(folder, 2)
        const inUse = yield* submit(folder, 2, { attempt: "second" })
        assert.deepStrictEqual(errorOf(inUse), [409, "run_in_use"])
        assert.match(inUse.body.error.detail, /attempt first on here/)
        assert.deepStrictEqual(errorOf(yield* submit(join(runs, "gone"), 4)), [409, "incomplete_checkpoint"])
        assert.deepStrictEqual(errorOf(yield* submit(state, 4)), [403, "outside_roots"])
        assert.deepStrictEqual(errorOf(yield* submit(`${runs}/../state`, 4)), [403, "outside_roots"])
        assert.deepStrictEqual(errorOf(yield* ask("POST", "/v1/gates", { body: {} })), [422, "missing_field"])
        assert.deepStrictEqual(errorOf(yield* submit(folder, -1)), [422, "invalid_field"])
        assert.deepStrictEqual(errorOf(yield* submit(folder, 2, { step: "2; DROP TABLE" })), [422, "invalid_field"])
        assert.deepStrictEqual(errorOf(yield* ask("POST", "/v1/gates", { raw: "{\"checkpoint\": " })), [
          400,
          "bad_request"
        ])
        assert.deepStrictEqual(errorOf(yield* ask("POST", "/v1/gates", { raw: "[]" })), [400, "bad_request"])
        assert.deepStrictEqual(
          errorOf(yield* ask("POST", "/v1/gates", { raw: "a=b", headers: { "content-type": "text/plain" } })),
          [415, "unsupported_media_type"]
        )
        assert.deepStrictEqual(errorOf(yield* ask("GET", "/v1/gates/x?wait=61")), [422, "invalid_field"])
      })
    ))

  it.live("refuses with 429 and a time when the queue is full", () =>
    withServer(({ runs, submit }) =>
      Effect.gen(function*() {
        yield* submit(save(runs, 2), 2)
        const refused = yield* submit(save(runs, 2, "b"), 2, { run_id: "b" })
        assert.deepStrictEqual(errorOf(refused), [429, "queue_full"])
        assert.match(String(refused.headers["retry-after"]), /^\d+$/)
      }), { queue: { capacity: 1 } }))
})

describe("who may ask", () => {
  it.live("is whoever has the token, where there is one", () =>
    withServer(({ ask }) =>
      Effect.gen(function*() {
        const health = (authorization?: string) =>
          ask("GET", "/v1/health", { headers: authorization === undefined ? {} : { authorization } })
        assert.strictEqual((yield* health(`Bearer ${token}`)).status, 200)
        for (
          const wrong of [
            undefined,
            "",
            "Bearer",
            `Bearer ${token}x`,
            `Bearer ${token.slice(0, -1)}`,
            `Basic ${token}`,
            token
          ]
        ) {
          assert.deepStrictEqual(errorOf(yield* health(wrong)), [401, "unauthorized"])
        }
        for (const path of ["/metrics", "/openapi.json", "/v1/gates", "/v1/runs", "/eval/x"]) {
          assert.deepStrictEqual(errorOf(yield* ask("GET", path)), [401, "unauthorized"])
        }
        assert.deepStrictEqual(errorOf(yield* ask("POST", "/v1/gates", { body: {} })), [401, "unauthorized"])
        assert.strictEqual((yield* ask("GET", "/healthz")).status, 200)
      }), { token }))

  it.live("is nobody who asks for another name, and no page of a web site", () =>
    withServer(({ ask }) =>
      Effect.gen(function*() {
        for (const host of ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::1]x"]) {
          assert.strictEqual((yield* ask("GET", "/v1/health", { headers: { host } })).status, 421)
        }
        assert.strictEqual((yield* ask("GET", "/v1/health", { headers: { host: "LOCALHOST:1" } })).status, 200)
        assert.deepStrictEqual(
          errorOf(yield* ask("GET", "/v1/health", { headers: { origin: "http://127.0.0.1" } })),
          [403, "forbidden_origin"]
        )
      })
    ))
})

describe("a request that is too much", () => {
  it.live("in bytes is refused, announced or not", () =>
    withServer(({ ask }) =>
      Effect.gen(function*() {
        const ten = Buffer.alloc(10 * 1024 * 1024, "x")
        const announced = yield* Effect.exit(ask("POST", "/v1/gates", { raw: ten }))
        if (announced._tag === "Success") assert.deepStrictEqual(errorOf(announced.value), [413, "too_large"])
        const chunked = yield* ask("POST", "/v1/gates", {
          raw: Buffer.alloc(80_000, "x"),
          headers: { "transfer-encoding": "chunked" }
        })
        assert.deepStrictEqual(errorOf(chunked), [413, "too_large"])
        assert.strictEqual((yield* ask("GET", "/v1/health")).status, 200)
      })
    ))

  it.live("in time is cut off", () =>
    withServer(({ ask, port }) =>
      Effect.gen(function*() {
        const reply = yield* Effect.promise(() =>
          new Promise<string>((resolve) => {
            const socket = connect(port, "127.0.0.1", () => {
              socket.write(
                "POST /v1/gates HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"
              )
            })
            let text = ""
            socket.on("data", (part) => (text += part))
            socket.on("close", () => resolve(text))
            socket.on("error", () => resolve(text))
          })
        )
        assert.match(reply, /^HTTP\/1.1 408 /)
        assert.include(reply, "\"code\":\"timeout\"")
        assert.strictEqual((yield* ask("GET", "/v1/health")).status, 200)
      }), { requestMillis: 200 }))
})

describe("the route for Axolotl", () => {
  it.live("queues a checkpoint, and tells failure by a number that is there only then", () =>
    withServer(({ ask, port, runs, script }) =>
      Effect.gen(function*() {
        const event = (step: number, verdict: "pass" | "inconclusive") =>
          Effect.gen(function*() {
            const folder = save(runs, step)
            const { body } = yield* ask("POST", "/eval", {
              body: { event: "save", step, checkpoint_dir: folder, output_dir: join(runs, "out") }
            })
            assert.deepStrictEqual([body.status, body.poll_url], [
              "queued",
              `http://127.0.0.1:${port}/eval/${body.job_id}`
            ])
            yield* script.ends(step, verdictOf(verdict))
            yield* ask("GET", `/v1/gates/${body.job_id}?wait=10`)
            return (yield* ask("GET", `/eval/${body.job_id}`)).body
          })
        assert.deepInclude(yield* event(2, "pass"), { status: "completed", metrics: { "gate/step": 2 } })
        assert.deepInclude(yield* event(4, "inconclusive"), { metrics: { "gate/step": 4, "gate/failed": 1 } })
      })
    ))

  it.live("tells failure when the evaluation could not be done, since Axolotl goes on after a failed job", () =>
    withServer(({ ask, runs, script }) =>
      Effect.gen(function*() {
        yield* script.breaks(2, "no engine")
        const { body } = yield* ask("POST", "/eval?run_id=mine&wait=10", {
          body: { event: "train_end", step: 2, checkpoint_dir: save(runs, 2) }
        })
        assert.deepInclude(body, { status: "completed", metrics: { "gate/step": 2, "gate/failed": 1 } })
      })
    ))

  it.live("takes other files of the same step for another gate, and the output folder for no checkpoint", () =>
    withServer(({ ask, runs }) =>
      Effect.gen(function*() {
        const folder = save(runs, 2)
        const send = (checkpoint: string | undefined, output: string) =>
          ask("POST", "/eval", { body: { event: "save", step: 2, checkpoint_dir: checkpoint, output_dir: output } })
        const first = yield* send(folder, join(runs, "out"))
        const again = yield* send(folder, join(runs, "out"))
        assert.strictEqual(again.body.job_id, first.body.job_id)
        writeFileSync(join(folder, "config.json"), "{\"saved\": \"again\"}")
        assert.notStrictEqual((yield* send(folder, join(runs, "out"))).body.job_id, first.body.job_id)
        assert.deepStrictEqual(errorOf(yield* send(folder, `${folder}/`)), [422, "invalid_field"])
        assert.deepStrictEqual(errorOf(yield* send(undefined, join(runs, "out"))), [422, "invalid_field"])
      })
    ))
})

describe("the route for OpenRLHF", () => {
  const scoring = () => {
    const counts = { scored: 0, unscored: 0, failed: 0 }
    const seen: Array<string> = []
    const scores: AnswerScores = {
      measure: "unsafe",
      counts: () => counts,
      score: (answers) => {
        seen.push(...answers.map(({ response }) => response))
        if (answers.some(({ response }) => response.includes("unclear"))) {
          counts.unscored++
          return Effect.fail(unavailable("no score"))
        }
        counts.scored += answers.length
        return Effect.succeed(answers.map(({ response }) => response.includes("bad") ? 1 : 0))
      }
    }
    return { scores, seen }
  }

  it.live("scores answers without their prompts and counts them; an answer without a score is an error, not a number", () => {
    const { scores, seen } = scoring()
    return withServer(({ ask }) =>
      Effect.gen(function*() {
        const { body } = yield* ask("POST", "/get_reward", {
          body: { query: ["Q: a good one", "Q: a bad one"], prompts: ["Q: ", "Q: "], labels: ["", ""] }
        })
        assert.deepStrictEqual(body, { rewards: [1, 0], scores: [1, 0], extra_logs: { unsafe: [0, 1] } })
        assert.deepStrictEqual(seen, ["a good one", "a bad one"])
        assert.deepStrictEqual(
          errorOf(yield* ask("POST", "/get_reward", { body: { query: ["Q: unclear"], prompts: ["Q: "] } })),
          [503, "unavailable"]
        )
        const { body: metrics } = yield* ask("GET", "/metrics")
        assert.include(metrics, "driftgate_reward_answers_total{result=\"scored\"} 2\n")
        assert.include(metrics, "driftgate_reward_answers_total{result=\"unscored\"} 1\n")
      }), { scores })
  })

  it.live("is not there without a scorer", () =>
    withServer(({ ask }) =>
      Effect.gen(function*() {
        const reply = yield* ask("POST", "/get_reward", { body: { query: [], prompts: [] } })
        assert.strictEqual(reply.status, 404)
      })
    ))
})
