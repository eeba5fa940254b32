import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Verdict } from "../domain/decision.ts"
import { exitCodes } from "../domain/problem.ts"
import { type Comparison, Look } from "../domain/trajectory.ts"
import { candidateSpec } from "./bases.ts"
import { type Evaluation, EvaluationFailed, type EvaluationJob, Evaluator } from "./evaluator.ts"

/** How the command is started again, and what every evaluation is told beside its models. */
interface ChildOptions {
  /** Program and its first arguments, up to the name of the subcommand. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  /** Flags of `driftgate trajectory` that hold for every gate. */
  readonly flags: ReadonlyArray<string>
  readonly profile: string | undefined
  readonly preset: string | undefined
  /** Flags that choose suites and say how they are asked, without those that only a decision takes. */
  readonly asking: ReadonlyArray<string>
  /** Nats a token: a step whose policy drift from the base is not above it is skipped. undefined asks everything of each. */
  readonly triage: number | undefined
  /** Whether step 0 of a run may be its base. @default false */
  readonly allowIdenticalStart?: boolean
}

const Count = Schema.Finite
const Record = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("progress"),
    arms: Schema.Array(Schema.Struct({ ended: Count, planned: Count }))
  }),
  Schema.Struct({ type: Schema.Literal("look"), look: Schema.NullOr(Look) }),
  Schema.Struct({ type: Schema.Literal("artifact"), path: Schema.String }),
  Schema.Struct({ type: Schema.Literal("drift"), mean: Count, identical: Schema.Boolean }),
  Schema.Struct({
    type: Schema.Literal("verdict"),
    verdict: Verdict,
    exitCode: Schema.Int,
    reasons: Schema.Array(Schema.String)
  }),
  Schema.Struct({ type: Schema.Literal("error"), message: Schema.String })
])
type Record = typeof Record.Type
const decodeRecord = Schema.decodeUnknownResult(Schema.fromJsonString(Record))

/** What is kept of a child's records: the last of each kind. */
interface Said {
  look?: typeof Look.Type | null
  verdict?: Extract<Record, { readonly type: "verdict" }>
  error?: string
  decision?: string
  drift?: number
}

/** The comparison that a look's verdict follows from. */
const deciding = ({ confirmation, selection }: Look): Comparison => {
  const stage = confirmation ?? selection
  const { sinceAccepted, sinceBase } = stage
  return sinceAccepted !== undefined && sinceBase.verdict === "pass" && sinceAccepted.verdict !== "pass"
    ? sinceAccepted
    : sinceBase
}

const modelsOf = (
  { base, folder, gate }: EvaluationJob,
  candidate: "--candidate" | "--tuned"
): ReadonlyArray<string> => [
  "--base",
  base.spec,
  candidate,
  candidateSpec(base, folder, gate.format)
]

const flagsOf = (job: EvaluationJob, options: ChildOptions): ReadonlyArray<string> => {
  const { gate, out } = job
  const profile = gate.profile ?? options.profile
  const preset = gate.policy ?? options.preset
  return [
    "trajectory",
    "--json",
    ...modelsOf(job, "--candidate"),
    "--out",
    out,
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...(preset === undefined ? [] : ["--preset", preset]),
    ...(options.allowIdenticalStart === true && gate.step === 0 ? ["--allow-identical"] : []),
    ...options.flags
  ]
}

/** Tail of a text that a child wrote, for a message. */
const tail = (text: string): string => text.trim().split("\n").slice(-6).join("\n").slice(-1500)

/**
 * Evaluates in a process of its own, `driftgate trajectory`, so that requests are answered meanwhile and a gate that is
 * cancelled, or an engine that dies, takes nothing else with it. The process ends with this one.
 */
export const childEvaluatorLayer = (options: ChildOptions) =>
  Layer.effect(Evaluator)(Effect.gen(function*() {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const path = yield* Path.Path
    const run = Effect.fnUntraced(function*(job: EvaluationJob, flags: ReadonlyArray<string>) {
      const [program, ...first] = options.command
      const said: Said = {}
      let errors = ""
      const child = yield* ChildProcess.make(program, [...first, ...flags], {
        env: { DRIFTGATE_ENDS_WITH_STDIN: "1" },
        extendEnv: true,
        stdin: { stream: "pipe", endOnDone: false },
        forceKillAfter: "20 seconds"
      })
      const heed = (line: string) => {
        const record = Result.getOrUndefined(decodeRecord(line))
        switch (record?.type) {
          case "progress":
            return job.progress({
              ended: record.arms.reduce((sum, { ended }) => sum + ended, 0),
              planned: record.arms.reduce((sum, { planned }) => sum + planned, 0)
            })
          case "look":
            said.look = record.look
            break
          case "verdict":
            said.verdict = record
            break
          case "drift":
            said.drift = record.mean
            break
          case "error":
            said.error = record.message
            break
          case "artifact":
            if (record.path.endsWith("/decision.json")) said.decision = record.path
        }
        return Effect.void
      }
      const reading = child.stdout.pipe(Stream.decodeText(), Stream.splitLines, Stream.runForEach(heed))
      const listening = child.stderr.pipe(
        Stream.decodeText(),
        Stream.runForEach((text) =>
          Effect.sync(() => {
            errors = (errors + text).slice(-20_000)
          })
        )
      )
      const [, , code] = yield* Effect.all([reading, listening, child.exitCode], { concurrency: "unbounded" })
      return { code: Number(code), errors, said }
    })
    const runAlone = (job: EvaluationJob, flags: ReadonlyArray<string>) =>
      run(job, flags).pipe(
        Effect.scoped,
        Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner),
        Effect.mapError((error) =>
          new EvaluationFailed({ reason: `the evaluation can't be started: ${error.message}` })
        )
      )
    /** Policy drift from the base; null where it can't be measured, and then everything is asked. */
    const measured = Effect.fnUntraced(function*(job: EvaluationJob, limit: number) {
      const profile = job.gate.profile ?? options.profile
      const { code, said } = yield* runAlone(job, [
        "drift",
        "--json",
        ...modelsOf(job, "--tuned"),
        ...(profile === undefined ? [] : ["--profile", profile]),
        ...options.asking
      ])
      return code !== 0 || said.drift === undefined
        ? null
        : { drift: said.drift, limit, above: !(said.drift <= limit) }
    })
    const evaluate = Effect.fn("Evaluator.child")(function*(job: EvaluationJob) {
      const { triage: limit } = options
      // Any step may be the last one of a trainer that does not say so.
      const triage = limit === undefined || job.gate.saysLast === false ? null : yield* measured(job, limit)
      // The last step is asked everything: nothing comes after it that could show what was missed.
      if (triage?.above === false && !job.gate.final) {
        return {
          kind: "skipped",
          reason:
            `the policy drift of ${
              triage.drift.toPrecision(3)
            } nats a token from the base is not above ${triage.limit}; `
            + "the suites were not asked, which is no pass",
          evidence: { look: null, triage }
        } satisfies Evaluation as Evaluation
      }
      // An evaluation of a service that was killed holds its run for a moment longer.
      const { code, errors, said } = yield* Effect.repeat(runAlone(job, flagsOf(job, options)), {
        until: ({ code }) => code !== exitCodes.UnavailableProblem,
        schedule: Schedule.spaced("2 seconds").pipe(Schedule.upTo({ times: 3 }))
      })
      const { error, look = null, verdict } = said
      // The exit code and the last record have to say the same: anything else is no verdict.
      if (verdict === undefined || verdict.exitCode !== code || exitCodes[verdict.verdict] !== code) {
        return yield* new EvaluationFailed({
          reason: error ?? `the evaluation ended with code ${code} and no verdict: ${tail(errors)}`
        })
      }
      if (verdict.verdict === "pass" && look?.accepted !== true) {
        return yield* new EvaluationFailed({ reason: "the evaluation says pass and its look was not accepted" })
      }
      return {
        kind: "decided",
        verdict: verdict.verdict,
        reasons: verdict.reasons,
        decisionPath: look === null
          ? said.decision ?? null
          : path.join(job.out, deciding(look).decision, "decision.json"),
        evidence: { look, triage }
      } satisfies Evaluation as Evaluation
    })
    return { evaluate }
  }))
