import * as Effect from "effect/Effect"
import type { Probe } from "../domain/ledger.ts"
import { UsageProblem } from "../domain/problem.ts"
import { requireConsent } from "./consent.ts"
import { openEvaluation, requireSpec } from "./evaluate.ts"
import { scoringObstacle } from "./ledger-choice.ts"
import { loadSuites } from "./load.ts"
import { probePair, promptsToProbe } from "./probe.ts"
import type { Settings } from "./settings.ts"

/**
 * How far the policy of a tuned model is from that of its base, on the first prompts of the suites: mean |log-ratio| of
 * the tokens of short answers, in nats. Scoped.
 *
 * Costs seconds and says nothing of safety: a small change in the wrong place is a small drift.
 */
export const policyDrift = Effect.fn("PolicyDrift.measure")(function*(settings: Settings) {
  const opened = yield* openEvaluation(settings, [
    { name: "base", spec: yield* requireSpec(settings, "base") },
    { name: "tuned", spec: yield* requireSpec(settings, "tuned") }
  ])
  const [base, tuned] = opened.targets
  const unable = (what: string) =>
    new UsageProblem({
      reason: "spec",
      where: `${base!.spec}, ${tuned!.spec}`,
      what,
      fix: "Use an engine that scores given tokens, such as checkpoint, or gate the two models instead."
    })
  const obstacle = scoringObstacle(base!.target, tuned!.target)
  if (obstacle !== undefined) return yield* unable(obstacle)
  const loaded = yield* loadSuites(opened.selected.suites, settings, opened.judges)
  yield* requireConsent({
    targets: opened.targets,
    suites: loaded.map(({ toPlan: { kind, population } }) => ({
      id: population.suite,
      kind,
      samples: population.samples.length
    })),
    yes: settings.yes
  })
  const prompts = promptsToProbe({ populations: loaded.map(({ toPlan: { population } }) => population) })
  const probe: Probe | undefined = yield* probePair(base!, tuned!, prompts, settings.deadlineMillis)
  return probe ?? (yield* unable("the engine does not tell token ids"))
})
