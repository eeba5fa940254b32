import * as Effect from "effect/Effect"
import type { ReasoningPolicy } from "../domain/judging.ts"
import { PluginHost } from "../plugin/host.ts"
import type { LoadedScorer } from "../plugin/scoring.ts"
import type { Judges } from "../run/judge-model.ts"
import type { SuiteToPlan } from "../run/planner.ts"
import { readPopulation } from "../run/population.ts"
import { judgedUnder, judgesReasoning, refUnder } from "../run/reasoning.ts"
import { clustersOf } from "./clusters.ts"
import type { SelectedSuite } from "./selection.ts"

/** A suite whose samples are at hand and whose scorer is ready. */
export interface LoadedSuite {
  readonly toPlan: SuiteToPlan
  readonly scorer: Pick<LoadedScorer, "score">
  /** Whether the scorer asks models in roles. */
  readonly asksJudges: boolean
  /** The scorers behind it that ask them. */
  readonly judges: LoadedScorer["judges"]
}

/** Imports benchmarks and scorers, opens their pinned files, and reads every suite to its end. */
export const loadSuites = Effect.fn("Suites.load")(function*(
  suites: ReadonlyArray<SelectedSuite>,
  { epochs, limit, reasoning = "final", seed }: {
    readonly epochs: number
    readonly limit: number | undefined
    readonly seed: number
    /** How reasoning text counts. @default final */
    readonly reasoning?: ReasoningPolicy | undefined
  },
  judges: Judges
) {
  const host = yield* PluginHost
  return yield* Effect.forEach(
    suites,
    Effect.fnUntraced(function*(choice) {
      const scorer = yield* host.loadScorer(choice.scorer, { seed, model: judges.model })
      const suite = yield* host.loadBenchmark(choice.suite, { seed })
      const population = yield* readPopulation({ suite: choice.suite.id, rows: suite.samples, limit, seed })
      const { manifest, plugin, selection } = choice.suite
      const toPlan: SuiteToPlan = {
        population,
        selection,
        plugin,
        kind: manifest.kind,
        role: choice.role,
        gates: manifest.gates,
        tracks: manifest.tracks.filter((measure) => scorer.measures.includes(measure)),
        clustered: clustersOf(population.samples) < population.samples.length,
        decoding: choice.decoding,
        epochs,
        scorer: refUnder(reasoning, scorer),
        ...(judgesReasoning(reasoning, scorer) ? { reasoning } : {}),
        limit,
        assets: suite.assets()
      }
      const score = judgedUnder(reasoning, scorer)
      return {
        toPlan,
        scorer: { score },
        asksJudges: choice.scorer.roles.length > 0,
        judges: scorer.judges
      } satisfies LoadedSuite as LoadedSuite
    })
  )
})
