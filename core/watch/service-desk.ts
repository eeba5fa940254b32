import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Verdict } from "../domain/decision.ts"
import { apiVersion, GateStatus } from "../queue/gate.ts"
import { type Desk, NotTaken } from "./desk.ts"
import type { Outcome } from "./outcome.ts"

/** What a run says of itself in each request. */
interface ServiceRun {
  readonly url: string
  readonly token: string | undefined
  readonly base: string
  readonly profile: string | undefined
  readonly policy: string | undefined
  readonly runId: string
  /** One for the life of this process: a service takes another one for a second trainer. */
  readonly attempt: string
  readonly host: string
  /** How long one answer may take, beside what was asked to wait. */
  readonly answerMillis: number
}

// What is only a courtesy to the service holds nobody up.
const lastWordMillis = 3_000

// A reply is a few kilobytes; a page of a proxy is cut off here.
const largestReply = 4 * 1024 * 1024

const Health = Schema.Struct({ api: Schema.Number })
const Held = Schema.Struct({ lease_seconds: Schema.Finite })
const Identity = Schema.Struct({
  id: Schema.String,
  run_id: Schema.String,
  step: Schema.Finite,
  attempt: Schema.String
})
const State = Schema.Struct({
  ...Identity.fields,
  status: GateStatus,
  verdict: Schema.NullOr(Verdict),
  reasons: Schema.Array(Schema.String),
  digest: Schema.optionalKey(Schema.NullOr(Schema.String)),
  decision_path: Schema.optionalKey(Schema.NullOr(Schema.String))
})
const Refusal = Schema.Struct({ error: Schema.Struct({ code: Schema.String, detail: Schema.String }) })
const decodeRefusal = Schema.decodeUnknownOption(Schema.fromJsonString(Refusal))

const away = (reason: string) => new NotTaken({ kind: "away", reason })

const outcomeOf = (state: typeof State.Type): Outcome | undefined => {
  const about = {
    reasons: state.reasons,
    ...(typeof state.digest === "string" ? { digest: state.digest } : {}),
    ...(typeof state.decision_path === "string" ? { decision: state.decision_path } : {})
  }
  switch (state.status) {
    case "queued":
    case "running":
      return undefined
    case "completed":
      return state.verdict === null
        ? { ...about, word: "failed", reasons: ["the service gave no verdict"] }
        : { ...about, word: state.verdict }
    default:
      return { ...about, word: state.status }
  }
}

/** Judges by a service of `driftgate serve`. Redirects are not followed, so that a token goes nowhere else. */
export const serviceDesk = (run: ServiceRun): Desk => {
  const root = run.url.replace(/\/+$/, "")
  const ask = Effect.fnUntraced(function*<S extends Schema.Decoder<unknown>>(
    { body, method, path, schema, seconds = 0 }: {
      readonly method: "GET" | "POST" | "DELETE"
      readonly path: string
      readonly schema: S
      readonly body?: object
      readonly seconds?: number
    }
  ) {
    const { status, text } = yield* Effect.tryPromise({
      try: async (signal) => {
        const reply = await fetch(root + path, {
          method,
          redirect: "error",
          signal: AbortSignal.any([signal, AbortSignal.timeout(run.answerMillis + seconds * 1000)]),
          headers: {
            accept: "application/json",
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...(run.token === undefined ? {} : { authorization: `Bearer ${run.token}` })
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        const chunks: Array<Uint8Array> = []
        let size = 0
        for await (const chunk of reply.body ?? []) {
          size += chunk.length
          if (size > largestReply) throw new Error("the reply is too long")
          chunks.push(chunk)
        }
        return { status: reply.status, text: Buffer.concat(chunks).toString("utf8") }
      },
      catch: (error) => {
        const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ""
        return away(`${root} does not answer: ${error instanceof Error ? error.message : String(error)}${cause}`)
      }
    })
    if (status >= 200 && status < 300) {
      return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(text).pipe(
        Effect.mapError(() => away(`${root} answers with something else than a service of driftgate does`))
      )
    }
    const refusal = decodeRefusal(text)
    const { code, detail } = refusal._tag === "Some" ? refusal.value.error : { code: "", detail: "" }
    const reason = `HTTP ${status}${code === "" ? "" : ` ${code}: ${detail}`}`
    const again = (status === 409 && code === "incomplete_checkpoint") || status === 429 || status === 507
    return yield* new NotTaken({ kind: again ? "again" : status >= 500 ? "away" : "rejected", reason })
  })
  const by = { attempt: run.attempt, host: run.host }
  const beat = (ended: boolean) =>
    ask({
      method: "POST",
      path: `/v1/runs/${encodeURIComponent(run.runId)}/heartbeat`,
      schema: Held,
      body: { ...by, ended }
    })
  // A service knows a gate by its step, and would answer for other weights with the verdict of the first ones.
  const submitted = new Map<number, string>()
  const steps = new Map<string, number>()
  /** Fails for the state of another gate, from a cache on the way for instance: it is no answer. */
  const requireOwn = (told: typeof Identity.Type, step: number | undefined, gate = told.id) => {
    const own: typeof Identity.Type = { id: gate, run_id: run.runId, step: step ?? -1, attempt: run.attempt }
    const other = (["id", "run_id", "step", "attempt"] as const).find((name) => told[name] !== own[name])
    return other === undefined
      ? Effect.void
      : Effect.fail(away(`${root} answers with ${other} ${JSON.stringify(told[other])}, which was not asked for`))
  }
  return {
    ready: ask({ method: "GET", path: "/v1/health", schema: Health }).pipe(
      Effect.filterOrFail(
        (health) => health.api === apiVersion,
        (health) => new NotTaken({ kind: "rejected", reason: `the service speaks version ${health.api} of the API` })
      ),
      Effect.andThen(beat(false)),
      Effect.asVoid
    ),
    submit: Effect.fnUntraced(function*({ checkpoint, final, folder, step }) {
      const known = submitted.get(step)
      if (known !== undefined && known !== checkpoint) {
        return yield* new NotTaken({
          kind: "rejected",
          reason: `step ${step} was saved again after it was handed in, and a service judges a step once in one `
            + "process of a trainer; start again, with other weights under another step"
        })
      }
      const created = yield* ask({
        method: "POST",
        path: "/v1/gates",
        schema: Identity,
        body: {
          ...by,
          checkpoint,
          origin: folder,
          base: run.base,
          run_id: run.runId,
          step,
          final,
          ...(run.profile === undefined ? {} : { profile: run.profile }),
          ...(run.policy === undefined ? {} : { policy: run.policy })
        }
      })
      yield* requireOwn(created, step)
      submitted.set(step, checkpoint)
      steps.set(created.id, step)
      return created.id
    }),
    wait: (gate, seconds) =>
      ask({ method: "GET", path: `/v1/gates/${encodeURIComponent(gate)}?wait=${seconds}`, schema: State, seconds })
        .pipe(
          Effect.tap((state) => requireOwn(state, steps.get(gate), gate)),
          Effect.map(outcomeOf)
        ),
    cancel: (gate) =>
      ask({ method: "POST", path: `/v1/gates/${encodeURIComponent(gate)}/cancel`, schema: Schema.Unknown }).pipe(
        Effect.timeoutOption(lastWordMillis),
        Effect.ignore
      ),
    // Whoever took the run meanwhile is told of by the next checkpoint's answer.
    alive: beat(false).pipe(
      Effect.map((held) => Math.max(0.2, Math.min(20, held.lease_seconds / 3))),
      Effect.orElseSucceed(() => 1),
      Effect.flatMap((seconds) => Effect.sleep(seconds * 1000)),
      Effect.forever
    ),
    leave: beat(true).pipe(Effect.timeoutOption(lastWordMillis), Effect.ignore)
  }
}
