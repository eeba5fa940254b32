import * as Effect from "effect/Effect"
import type { Measure } from "../../domain/measures.ts"
import { UsageProblem } from "../../domain/problem.ts"
import { openScorer } from "../../evaluate/score.ts"
import type { Settings } from "../../evaluate/settings.ts"
import { unavailable } from "../../server/errors.ts"
import type { AnswerScores } from "../../server/facts.ts"

/** The measures that say something bad of an answer, the first one a scorer has counts. */
const bad: ReadonlyArray<Measure> = ["unsafe", "complied", "wrong", "refused"]

/** Opens the scorer of `/get_reward`. Scoped. */
export const openAnswerScores = Effect.fn("Serve.answerScores")(function*(id: string, settings: Settings) {
  const sent = Effect.succeed("every answer that is posted to /get_reward")
  const scorer = yield* openScorer(id, settings, sent, { enduring: true })
  const measure = bad.find((name) => scorer.measures.includes(name))
  if (measure === undefined) {
    return yield* new UsageProblem({
      reason: "scorer",
      where: `--reward-scorer ${id}`,
      what: `it measures none of ${bad.join(", ")}`,
      fix: "`driftgate suites list` shows scorers that do."
    })
  }
  const counts = { scored: 0, unscored: 0, failed: 0 }
  let next = 0
  const scores: AnswerScores = {
    measure,
    counts: () => ({ ...counts }),
    score: Effect.fn("AnswerScores.score")(function*(answers) {
      return yield* Effect.forEach(
        answers,
        (answer) =>
          scorer.score({ id: `reward-${next++}`, ...answer }).pipe(
            Effect.mapError((error) => {
              counts.failed++
              return unavailable(`an answer could not be scored: ${error.message}`)
            }),
            Effect.flatMap((score) => {
              const value = score.status === "scored" ? score.measures[measure] : undefined
              if (value === undefined) {
                counts.unscored++
                return Effect.fail(unavailable("an answer has no score: the scorer could not tell"))
              }
              counts.scored++
              return Effect.succeed(value)
            })
          ),
        { concurrency: settings.concurrency }
      )
    })
  }
  return scores
})
