import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { Verdict } from "../domain/decision.ts"
import { EntryDrift, Rise } from "../domain/trajectory.ts"
import { apiVersion, GateStatus } from "../queue/gate.ts"
import { commonErrors, Conflict, NoSpace, NotFound, TooMany } from "./errors.ts"

/** Turns what a schema refused into `missing_field`, `invalid_field` or `bad_request`. */
export class Readable extends HttpApiMiddleware.Service<Readable>()("driftgate/server/Readable", {
  error: commonErrors
}) {}

const Time = Schema.String.annotate({ description: "ISO 8601, UTC" })

export const NewGate = Schema.Struct({
  checkpoint: Schema.String.annotate({
    description: "Absolute path of the checkpoint's folder, under a root of the service"
  }),
  base: Schema.String.annotate({
    description: "Name of a base of the service, sha256:... of its weights, or an absolute path under a root"
  }),
  profile: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({
    description: "Id of a profile, such as core-5@1"
  }),
  policy: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({ description: "smoke, training or release" }),
  run_id: Schema.String.annotate({ description: "The training run; its checkpoints share one trajectory" }),
  step: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  attempt: Schema.String.annotate({ description: "One process of the trainer; a repeated request is the same gate" }),
  host: Schema.String,
  origin: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({
    description: "The trainer's folder, where `checkpoint` is a pin of it that will go; replies name it instead"
  }),
  final: Schema.optionalKey(Schema.Boolean).annotate({
    description: "The last step of the run, which is never skipped"
  })
}).annotate({ identifier: "NewGate" })

export const GateView = Schema.Struct({
  id: Schema.String,
  run_id: Schema.String,
  step: Schema.Finite,
  attempt: Schema.String,
  status: GateStatus,
  verdict: Schema.NullOr(Verdict),
  reasons: Schema.Array(Schema.String),
  digest: Schema.NullOr(Schema.String).annotate({
    description: "sha256 of the lines `<sha256>  <name>` of the weights' files; null until they were read"
  }),
  pinned: Schema.Literals(["link", "copy"]),
  final: Schema.Boolean,
  checkpoint: Schema.String,
  base: Schema.String,
  created_at: Time,
  started_at: Schema.NullOr(Time),
  ended_at: Schema.NullOr(Time),
  progress: Schema.NullOr(Schema.Struct({ ended: Schema.Finite, planned: Schema.Finite })),
  decision_path: Schema.NullOr(Schema.String).annotate({ description: "On the service's machine" }),
  decision: Schema.optionalKey(Schema.NullOr(Schema.Json)).annotate({
    description: "decision.json, with ?decision=full; its schema is decision.schema.json"
  })
}).annotate({ identifier: "Gate" })
export type GateView = typeof GateView.Type

const RunLife = Schema.Literals(["live", "silent", "ended"]).annotate({
  description: "silent: no sign of life for longer than the lease, and not ended"
})

export const RunView = Schema.Struct({
  run_id: Schema.String,
  attempt: Schema.NullOr(Schema.String),
  host: Schema.NullOr(Schema.String),
  state: Schema.NullOr(RunLife).annotate({ description: "null for a run whose sender gives no signs of life" }),
  seen_seconds_ago: Schema.NullOr(Schema.Finite),
  gates: Schema.Finite.annotate({ description: "How many gates it submitted" })
}).annotate({ identifier: "Run" })
export type RunView = typeof RunView.Type

export const StepView = Schema.Struct({
  gate: Schema.String,
  step: Schema.Finite,
  attempt: Schema.String,
  status: GateStatus,
  verdict: Schema.NullOr(Verdict),
  digest: Schema.NullOr(Schema.String),
  promoted: Schema.Boolean.annotate({ description: "Passed, and passed again on samples it was not chosen on" }),
  look: Schema.NullOr(Schema.Finite),
  alpha: Schema.NullOr(Schema.Finite).annotate({ description: "One-sided error rate that this look spent" }),
  drift: Schema.Array(EntryDrift).annotate({ description: "Since the base: the cumulative drift" }),
  rises: Schema.Array(Rise).annotate({
    description: "Since the base, by the checkpoint's answers under both models; empty where they were not scored"
  }),
  drift_since_promoted: Schema.Array(EntryDrift).annotate({ description: "Since the checkpoint promoted before it" }),
  triage: Schema.NullOr(Schema.Struct({ drift: Schema.Finite, limit: Schema.Finite, above: Schema.Boolean }))
}).annotate({ identifier: "Step" })
export type StepView = typeof StepView.Type

export const SeriesView = Schema.Struct({
  ...RunView.fields,
  steps: Schema.Array(StepView).annotate({ description: "In the order of acceptance; the latest 1000" }),
  alpha_spent: Schema.Finite.annotate({ description: "Sum over looks" }),
  promoted: Schema.NullOr(Schema.Struct({
    step: Schema.Finite,
    gate: Schema.String,
    checkpoint: Schema.String,
    digest: Schema.NullOr(Schema.String)
  })).annotate({ description: "The checkpoint promoted last" }),
  cumulative_drift: Schema.NullOr(EntryDrift).annotate({
    description: "Headline entry of the last decided step, since the base"
  })
}).annotate({ identifier: "Series" })
export type SeriesView = typeof SeriesView.Type

export const Event = Schema.Struct({
  time: Time,
  gate: Schema.String,
  status: GateStatus,
  verdict: Schema.NullOr(Verdict),
  progress: Schema.NullOr(Schema.Struct({ ended: Schema.Finite, planned: Schema.Finite }))
}).annotate({ identifier: "Event" })

const Seconds = Schema.NumberFromString.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
const id = { id: Schema.String }

export class Gates extends HttpApiGroup.make("gates").add(
  HttpApiEndpoint.post("submit", "/v1/gates", {
    payload: NewGate,
    success: GateView.pipe(HttpApiSchema.status(202)),
    error: [...commonErrors, Conflict, TooMany, NoSpace]
  }),
  HttpApiEndpoint.get("list", "/v1/gates", {
    query: {
      run_id: Schema.optionalKey(Schema.String),
      status: Schema.optionalKey(GateStatus),
      limit: Schema.optionalKey(
        Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 1000 }))
      )
    },
    success: Schema.Struct({ gates: Schema.Array(GateView) }),
    error: commonErrors
  }),
  HttpApiEndpoint.get("get", "/v1/gates/:id", {
    params: id,
    query: {
      wait: Schema.optionalKey(Seconds).annotate({ description: "Seconds to wait for the end, 60 at most" }),
      decision: Schema.optionalKey(Schema.Literals(["full"]))
    },
    success: GateView,
    error: [...commonErrors, NotFound]
  }),
  HttpApiEndpoint.post("cancel", "/v1/gates/:id/cancel", {
    params: id,
    success: GateView,
    error: [...commonErrors, NotFound]
  }),
  HttpApiEndpoint.get("events", "/v1/gates/:id/events", {
    params: id,
    success: HttpApiSchema.StreamNdjson({ schema: Event }),
    error: [...commonErrors, NotFound]
  })
).middleware(Readable) {}

export class Runs extends HttpApiGroup.make("runs").add(
  HttpApiEndpoint.get("all", "/v1/runs", {
    success: Schema.Struct({ runs: Schema.Array(RunView) }),
    error: commonErrors
  }),
  HttpApiEndpoint.get("series", "/v1/runs/:run", {
    params: { run: Schema.String },
    success: SeriesView,
    error: [...commonErrors, NotFound]
  }),
  HttpApiEndpoint.post("heartbeat", "/v1/runs/:run/heartbeat", {
    params: { run: Schema.String },
    payload: Schema.Struct({
      attempt: Schema.String,
      host: Schema.String,
      ended: Schema.optionalKey(Schema.Boolean).annotate({ description: "The trainer ends and gives the run back" })
    }),
    success: Schema.Struct({ ...RunView.fields, lease_seconds: Schema.Finite }),
    error: [...commonErrors, Conflict]
  })
).middleware(Readable) {}

const Ok = Schema.Struct({ status: Schema.String })

export class Service extends HttpApiGroup.make("service").add(
  HttpApiEndpoint.get("health", "/v1/health", {
    success: Schema.Struct({
      api: Schema.Literal(apiVersion),
      version: Schema.String,
      host: Schema.String.annotate({ description: "Name of the service's machine" }),
      status: Schema.Literal("ok")
    }),
    error: commonErrors
  }),
  HttpApiEndpoint.get("healthz", "/healthz", { success: Ok }),
  HttpApiEndpoint.get("readyz", "/readyz", { success: Ok, error: commonErrors }),
  HttpApiEndpoint.get("metrics", "/metrics", {
    success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" })),
    error: commonErrors
  })
).middleware(Readable) {}

const AxolotlEvent = Schema.Struct({
  event: Schema.Literals(["save", "eval", "train_end"]),
  step: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  checkpoint_dir: Schema.optionalKey(Schema.NullOr(Schema.String)),
  output_dir: Schema.optionalKey(Schema.NullOr(Schema.String))
}).annotate({ identifier: "AxolotlEvent" })

export const AxolotlReply = Schema.Struct({
  status: Schema.Literals(["queued", "running", "completed"]),
  job_id: Schema.String,
  poll_url: Schema.optionalKey(Schema.String),
  metrics: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite)).annotate({
    description: "gate/failed is 1 when the checkpoint may not be used, and left out otherwise"
  })
}).annotate({ identifier: "AxolotlReply" })
export type AxolotlReply = typeof AxolotlReply.Type

const Words = Schema.Array(Schema.String)

/** For trainers that speak another protocol already. */
export class Compatible extends HttpApiGroup.make("compatible").add(
  HttpApiEndpoint.post("evaluate", "/eval", {
    query: {
      base: Schema.optionalKey(Schema.String).annotate({
        description: "May be left out when the service has one base"
      }),
      run_id: Schema.optionalKey(Schema.String).annotate({ description: "Otherwise made of output_dir" }),
      profile: Schema.optionalKey(Schema.String),
      policy: Schema.optionalKey(Schema.String),
      wait: Schema.optionalKey(Schema.NumberFromString.check(Schema.isBetween({ minimum: 0, maximum: 3600 })))
    },
    payload: AxolotlEvent,
    success: AxolotlReply,
    error: [...commonErrors, Conflict, TooMany, NoSpace]
  }),
  HttpApiEndpoint.get("evaluated", "/eval/:id", {
    params: id,
    success: AxolotlReply,
    error: [...commonErrors, NotFound]
  }),
  HttpApiEndpoint.post("reward", "/get_reward", {
    payload: Schema.Struct({
      query: Words.annotate({ description: "Prompt and answer, one behind the other" }),
      prompts: Words,
      labels: Schema.optionalKey(Schema.Json)
    }),
    success: Schema.Struct({
      rewards: Schema.Array(Schema.Finite),
      scores: Schema.Array(Schema.Finite),
      extra_logs: Schema.Record(Schema.String, Schema.Array(Schema.Finite))
    }),
    error: [...commonErrors, NotFound]
  })
).middleware(Readable) {}

/** The whole API; `schema/openapi.json` is made of it. */
export class Api extends HttpApi.make("driftgate").add(Gates, Runs, Compatible, Service).annotateMerge(
  OpenApi.annotations({
    title: "driftgate",
    version: String(apiVersion),
    description: "Gates checkpoints of a training run. Every error is {error: {code, detail}}."
  })
) {}
