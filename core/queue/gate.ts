import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import { Verdict } from "../domain/decision.ts"
import { Look } from "../domain/trajectory.ts"

/** Major version of the API over which gates are asked for: a client refuses another one. */
export const apiVersion = 1

/** Where a gate stands. `skipped` is never a pass: a later step of its run stands for it. */
const gateStatuses = ["queued", "running", "completed", "failed", "skipped", "cancelled"] as const
export const GateStatus = Schema.Literals(gateStatuses)
export type GateStatus = typeof GateStatus.Type

/** Statuses after which nothing changes, except that a skipped step may turn out to be the last one. */
export const isEnded = (status: GateStatus): boolean => status !== "queued" && status !== "running"

/** What a client asks for; checked for form, not yet for sense. */
export interface Submission {
  readonly checkpoint: string
  /** The trainer's own folder, where `checkpoint` is a pin of it that its client will remove. @default `checkpoint` */
  readonly origin?: string | undefined
  readonly base: string
  readonly profile: string | undefined
  readonly policy: string | undefined
  readonly runId: string
  readonly step: number
  /** One process of a trainer: the same step in another process is another gate. */
  readonly attempt: string
  readonly host: string
  /** The last step of the run: never skipped, whatever comes after it. */
  readonly final: boolean
  /** Whether its sender says which step is the last one: only then may triage skip a step. @default true */
  readonly saysLast?: boolean
}

/** What an evaluation came to. */
export const Evidence = Schema.Struct({
  /** null when the candidate is the base itself, which spends no look. */
  look: Schema.NullOr(Look),
  /** Policy drift on the probe set, where it was measured. */
  triage: Schema.NullOr(Schema.Struct({ drift: Schema.Finite, limit: Schema.Finite, above: Schema.Boolean }))
})
export type Evidence = typeof Evidence.Type

/** The files of a pin as they were pinned. */
const PinnedFiles = Schema.Array(Schema.Struct({
  name: Schema.String,
  kind: Schema.Literals(["weights", "text"]),
  ino: Schema.Finite,
  size: Schema.Finite,
  mtimeMillis: Schema.Finite
}))

/** One checkpoint that was accepted for evaluation. Times are milliseconds since 1970. */
export const Gate = Schema.Struct({
  id: Schema.String,
  /** Order of acceptance, across runs. */
  seq: Schema.Finite,
  runId: Schema.String,
  step: Schema.Finite,
  attempt: Schema.String,
  host: Schema.String,
  /** The trainer's folder, without symbolic links; it may be gone. */
  checkpoint: Schema.String,
  base: Schema.String,
  profile: Schema.NullOr(Schema.String),
  policy: Schema.NullOr(Schema.String),
  final: Schema.Boolean,
  /** false for a sender that does not say which step is the last one. */
  saysLast: Schema.optionalKey(Schema.Boolean),
  format: Schema.Literals(["model", "adapter"]),
  status: GateStatus,
  verdict: Schema.NullOr(Verdict),
  reasons: Schema.Array(Schema.String),
  digest: Schema.NullOr(Schema.String),
  pinned: Schema.Literals(["link", "copy"]),
  files: PinnedFiles,
  /** Path of the deciding `decision.json`, or null. */
  decisionPath: Schema.NullOr(Schema.String),
  evidence: Schema.NullOr(Evidence),
  createdAt: Schema.Finite,
  startedAt: Schema.NullOr(Schema.Finite),
  endedAt: Schema.NullOr(Schema.Finite)
})
export type Gate = typeof Gate.Type

/** A gate as it is when its checkpoint has been pinned. */
export const acceptedGate = (
  { attempt, base, final, host, policy, profile, runId, saysLast, step }: Submission,
  { pin, ...accepted }: Pick<Gate, "id" | "seq" | "createdAt" | "format" | "checkpoint"> & {
    readonly pin: Pick<Gate, "pinned" | "files">
  }
): Gate => ({
  ...accepted,
  runId,
  step,
  attempt,
  host,
  base,
  profile: profile ?? null,
  policy: policy ?? null,
  final,
  ...(saysLast === undefined ? {} : { saysLast }),
  status: "queued",
  verdict: null,
  reasons: [],
  digest: null,
  pinned: pin.pinned,
  files: pin.files,
  decisionPath: null,
  evidence: null,
  startedAt: null,
  endedAt: null
})

/** A training run as the service knows it. */
export const Run = Schema.Struct({
  runId: Schema.String,
  attempt: Schema.String,
  host: Schema.String,
  /** Whether its trainer said that it ended. */
  ended: Schema.Boolean,
  createdAt: Schema.Finite,
  seenAt: Schema.Finite
})
export type Run = typeof Run.Type

/** Why a request is not done; the code is part of the API. */
type RefusalCode =
  | "missing_field"
  | "invalid_field"
  | "incomplete_checkpoint"
  | "run_in_use"
  | "not_readable"
  | "outside_roots"
  | "no_such_gate"
  | "no_such_run"
  | "queue_full"
  | "no_space"
  | "unavailable"

/** A request that is refused: a code for programs and a sentence for people. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly code: RefusalCode
  readonly detail: string
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number
}> {}

export const queueFull = (open: number) =>
  new Refused({
    code: "queue_full",
    detail: `${open} gates wait or run, which is all that this service holds; try again later`,
    retryAfter: 5
  })
