import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Annotation } from "../../domain/decision.ts"
import { exitCodes } from "../../domain/problem.ts"
import type { Confirm } from "../../domain/trajectory.ts"
import { cacheLayer, hostLayer } from "../../evaluate/layers.ts"
import { type Flags, readSettings } from "../../evaluate/settings.ts"
import { followTrajectory, type LookResult } from "../../evaluate/trajectory.ts"
import { ledgerLines } from "../../gate/ledger-table.ts"
import { annotated } from "../../gate/verdict.ts"
import type { RunSummary } from "../../run/summary.ts"
import { Ended } from "../ended.ts"
import { Interruption } from "../interruption.ts"
import { Output } from "../output.ts"
import { armLines, progressListener } from "../print/progress.ts"
import { trajectoryTable } from "../print/trajectory.ts"

const sinceText = { base: "since the base", accepted: "since the model accepted last" } as const

/** The reasons of the decisions that keep a candidate from being accepted, or of all of them when none does. */
const reasonsOf = ({ decisions }: LookResult): ReadonlyArray<string> => {
  const blocking = decisions.filter(({ stored }) => stored.decision.verdict !== "pass")
  return (blocking.length === 0 ? decisions : blocking).flatMap(({ since, stage, stored }) =>
    stored.decision.reasons.map((reason) => `${stage}, ${sinceText[since]}: ${reason}`)
  )
}

/** The words that stand beside any verdict of a look. */
const annotationsOf = ({ decisions }: LookResult): ReadonlyArray<Annotation> =>
  annotated(decisions.flatMap(({ stored }) => stored.decision.annotations))

/** What the ledgers of a look say, one line a suite and stage. */
const risesOf = ({ decisions }: LookResult): ReadonlyArray<string> =>
  decisions.flatMap(({ stage, stored: { decision: { ledger } } }) =>
    ledger === undefined ? [] : ledgerLines(ledger).map((line) => `${stage}, by its answers under both models: ${line}`)
  )

/** `driftgate trajectory`: the exit code is the verdict of the last candidate. */
export const work = Effect.fn("cli.trajectory")(function*(input: {
  readonly flags: Flags
  readonly candidate: ReadonlyArray<string>
  readonly accepted: Option.Option<string>
  readonly confirm: Confirm
  readonly allowIdentical: boolean
  readonly json: boolean
}) {
  const settings = yield* readSettings(input.flags)
  const { asked } = yield* Interruption
  yield* Effect.gen(function*() {
    const output = yield* Output
    const progress = yield* progressListener
    const looked = Effect.fnUntraced(function*(result: LookResult) {
      const { candidate, decisions, folder, look, verdict } = result
      yield* output.note(
        look === undefined ? `${candidate}: ${verdict}` : `look ${look.look}, ${candidate}: ${verdict}`
      )
      for (const { stored } of decisions) {
        yield* output.record({ type: "artifact", path: `${stored.folder}/decision.json` })
      }
      yield* output.record({
        type: "look",
        spec: candidate,
        verdict,
        reasons: reasonsOf(result),
        annotations: annotationsOf(result),
        folder,
        look: look ?? null
      })
    })
    const told = (summary: RunSummary) => Effect.forEach(armLines(summary), output.note, { discard: true })
    const targets = {
      candidates: input.candidate,
      accepted: Option.getOrUndefined(input.accepted),
      confirm: input.confirm,
      allowIdentical: input.allowIdentical
    }
    const results = yield* followTrajectory(settings, targets, { ...progress, looked, asked: told }, asked)
    const last = results.at(-1)!
    for (const line of trajectoryTable(last.trajectory)) yield* output.line(line)
    if (last.interrupted) return yield* new Ended({ code: exitCodes.interrupted })
    for (const result of results) {
      const words = annotationsOf(result)
      yield* output.line(
        `\n${result.candidate}: ${result.verdict.toUpperCase()}${words.length === 0 ? "" : ` (${words.join(", ")})`}`
      )
      for (const line of [...reasonsOf(result), ...risesOf(result)]) yield* output.line(`  ${line}`)
    }
    if (last.trajectory.looks.length > 0) {
      yield* output.line(`\ntrajectory: ${last.folder}/trajectory.json`)
      yield* output.record({ type: "artifact", path: `${last.folder}/trajectory.json` })
    }
    const exitCode = exitCodes[last.verdict]
    yield* output.record({
      type: "verdict",
      verdict: last.verdict,
      exitCode,
      reasons: reasonsOf(last),
      annotations: annotationsOf(last),
      folder: last.folder
    })
    if (exitCode !== exitCodes.pass) return yield* new Ended({ code: exitCode })
  }).pipe(
    Effect.provide(Layer.mergeAll(
      hostLayer({ explicit: settings.plugins, configFolder: settings.configFolder }),
      cacheLayer(settings.cache),
      Output.layer(input.json)
    ))
  )
})
