import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { layerSchemaErrorTransform } from "effect/http-api/HttpApiMiddleware"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Stream from "effect/Stream"
import { apiVersion, type Gate, isEnded, Refused } from "../queue/gate.ts"
import { GateQueue } from "../queue/queue.ts"
import { GateStore } from "../queue/store.ts"
import { Api, Readable } from "./api.ts"
import { compatibleLayer } from "./compatible.ts"
import { badRequest, lookupErrorOf, refused, unavailable, unprocessable } from "./errors.ts"
import type { ServiceFacts } from "./facts.ts"
import { metricsText } from "./metrics.ts"
import { makeReadiness } from "./readiness.ts"
import { gateView, runView, seriesView } from "./views.ts"

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** What a schema refused, told by field. */
const readableLayer = layerSchemaErrorTransform(Readable, (error) => {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return Effect.fail(error)
  const issues = issuesOf(error.cause.issue).issues.map(({ message, path = [] }) => ({
    field: path.map((part) => String(typeof part === "object" ? part.key : part)).join("."),
    message
  }))
  const first = issues[0]!
  if (first.field === "") return Effect.fail(badRequest("expected a JSON object"))
  const missing = issues.filter(({ message }) => message === "Missing key")
  return Effect.fail(
    missing.length > 0
      ? unprocessable("missing_field", missing.map(({ field }) => field).join(", "))
      // What was found stays out of the reply: it may be anything.
      : unprocessable(
        "invalid_field",
        issues.map(({ field, message }) => `${field}: ${message.split(", ")[0]}`).join("; ")
      )
  )
})

const progressIn = (queue: GateQueue["Service"], { id }: Gate) => queue.open.get(id)?.progress

const dayMillis = 86_400_000
const listed = 1000

const decisionOf = Effect.fnUntraced(function*(file: string | null) {
  if (file === null) return null
  const fs = yield* FileSystem.FileSystem
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Json))
  return yield* fs.readFileString(file).pipe(Effect.flatMap(decode), Effect.orElseSucceed(() => null))
})

const gatesLayer = HttpApiBuilder.group(
  Api,
  "gates",
  Effect.fn(function*(handlers) {
    const queue = yield* GateQueue
    const store = yield* GateStore
    const viewOf = (gate: Gate) => gateView(gate, progressIn(queue, gate))
    return handlers.handleAll({
      submit: ({ payload }) =>
        queue.submit({
          checkpoint: payload.checkpoint,
          base: payload.base,
          profile: payload.profile ?? undefined,
          policy: payload.policy ?? undefined,
          runId: payload.run_id,
          step: payload.step,
          attempt: payload.attempt,
          host: payload.host,
          origin: payload.origin ?? undefined,
          final: payload.final ?? false
        }).pipe(Effect.map(viewOf), Effect.catch(refused)),
      list: ({ query }) =>
        store.list({ runId: query.run_id, status: query.status, limit: query.limit ?? 100 }).pipe(
          Effect.map((gates) => ({ gates: gates.map(viewOf) })),
          Effect.mapError(lookupErrorOf)
        ),
      get: Effect.fnUntraced(function*({ params, query }) {
        const gate = yield* queue.wait(params.id, query.wait ?? 0).pipe(Effect.mapError(lookupErrorOf))
        const view = viewOf(gate)
        return query.decision === undefined ? view : { ...view, decision: yield* decisionOf(gate.decisionPath) }
      }),
      cancel: ({ params }) => queue.cancel(params.id).pipe(Effect.map(viewOf), Effect.mapError(lookupErrorOf)),
      events: Effect.fnUntraced(function*({ params }) {
        yield* queue.find(params.id).pipe(Effect.mapError(lookupErrorOf))
        return Stream.unfold({ first: true, ended: false }, ({ ended, first }) =>
          Effect.gen(function*() {
            if (ended) return undefined
            const entry = queue.open.get(params.id)
            if (entry !== undefined && !first) yield* queue.change(entry)
            const gate = yield* Effect.orDie(queue.find(params.id))
            const event = {
              time: new Date(yield* Clock.currentTimeMillis).toISOString(),
              gate: gate.id,
              status: gate.status,
              verdict: gate.verdict,
              progress: progressIn(queue, gate) ?? null
            }
            return [event, { first: false, ended: isEnded(gate.status) }] as const
          }))
      })
    })
  })
)

const runsLayer = HttpApiBuilder.group(
  Api,
  "runs",
  Effect.fn(function*(handlers) {
    const queue = yield* GateQueue
    const store = yield* GateStore
    const gatesOf = (runId: string) => store.list({ runId, status: undefined, limit: listed })
    const recent = Effect.gen(function*() {
      const runs = yield* store.runsSince((yield* Clock.currentTimeMillis) - dayMillis, listed)
      const gates = yield* store.gatesOf(runs.map(({ runId }) => runId))
      return yield* Effect.forEach(
        runs,
        (run) => Effect.map(queue.stateOf(run), (state) => runView(run.runId, state, gates.get(run.runId) ?? 0))
      )
    })
    return handlers.handleAll({
      all: () => recent.pipe(Effect.map((runs) => ({ runs })), Effect.mapError(lookupErrorOf)),
      series: ({ params }) =>
        Effect.gen(function*() {
          const run = yield* store.findRun(params.run)
          const gates = yield* gatesOf(params.run)
          if (run === undefined && gates.length === 0) {
            return yield* new Refused({ code: "no_such_run", detail: "no gate and no sign of life came from this run" })
          }
          const state = run === undefined ? undefined : yield* queue.stateOf(run)
          return seriesView({ runId: params.run, state }, gates.toReversed())
        }).pipe(Effect.mapError(lookupErrorOf)),
      heartbeat: ({ params, payload: { attempt, ended = false, host } }) =>
        Effect.gen(function*() {
          const state = yield* queue.heartbeat({ runId: params.run, attempt, host }, ended)
          const gates = yield* store.gatesOf([params.run])
          return {
            ...runView(params.run, state, gates.get(params.run) ?? 0),
            lease_seconds: queue.options.leaseMillis / 1000
          }
        }).pipe(Effect.catch(refused))
    })
  })
)

const serviceLayer = (facts: ServiceFacts) =>
  HttpApiBuilder.group(
    Api,
    "service",
    Effect.fn(function*(handlers) {
      const queue = yield* GateQueue
      const store = yield* GateStore
      const ready = yield* makeReadiness(queue.options.state)
      return handlers.handleAll({
        health: () =>
          Effect.succeed({ api: apiVersion, version: facts.version, host: facts.host, status: "ok" } as const),
        healthz: () => Effect.succeed({ status: "ok" }),
        readyz: () =>
          Effect.andThen(ready, facts.working).pipe(
            Effect.mapError(lookupErrorOf),
            Effect.flatMap((working) =>
              working ? Effect.succeed({ status: "ok" }) : Effect.fail(unavailable("the worker has stopped"))
            )
          ),
        metrics: () =>
          Effect.gen(function*() {
            const runs = yield* store.runsSince((yield* Clock.currentTimeMillis) - dayMillis, listed)
            const gates = yield* store.gatesOf(runs.map(({ runId }) => runId))
            const measured = yield* Effect.forEach(
              runs,
              (run) => Effect.map(queue.stateOf(run), (state) => ({ state, gates: gates.get(run.runId) ?? 0 }))
            )
            return metricsText({
              counts: yield* queue.counts,
              gates: yield* store.counts,
              runs: measured,
              scores: facts.scores?.counts() ?? { scored: 0, unscored: 0, failed: 0 },
              working: yield* facts.working,
              writable: yield* Effect.isSuccess(ready)
            })
          }).pipe(Effect.mapError(lookupErrorOf))
      })
    })
  )

/** Every endpoint of the API over a queue. */
export const apiLayer = (facts: ServiceFacts) =>
  HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
    Layer.provide([gatesLayer, runsLayer, compatibleLayer(facts), serviceLayer(facts)]),
    Layer.provide(readableLayer)
  )
