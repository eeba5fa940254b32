import type { PredictResult, SuitePrediction } from "../../evaluate/predict.ts"
import { boundPoints, percent, points } from "../../gate/points.ts"
import type { OverPrompts } from "../../gate/predict.ts"
import { columns } from "./columns.ts"

const rise = ({ estimate, limits }: OverPrompts): string =>
  `${points(estimate, { decimals: 2, sign: true })}${
    limits === null ? "" : ` [${boundPoints(limits.lower)}, ${boundPoints(limits.upper)}]`
  }`

const nats = (value: number): string => `${Number(value.toPrecision(3))}`

const suiteLines = ({ leftOut, observation, prediction, suite }: SuitePrediction): ReadonlyArray<string> => {
  const left = leftOut === 0
    ? []
    : [`  left out: ${leftOut} prompts with fewer than two answers that both scorers judged`]
  if (prediction === undefined) {
    return [
      `${suite}: nothing can be said`,
      "  No prompt was answered both right and wrong, so these answers do not tell what a reward would change.",
      "  More epochs, or prompts that the base solves now and then, would.",
      ...left
    ]
  }
  const { base, beta, categories, covariance, informative, kl, limit, most, prompts, reward } = prediction
  const seen = observation?.observed
  const rows: ReadonlyArray<ReadonlyArray<string>> = [
    ["  predicted, if the training reaches its optimum", rise(prediction.rise)],
    ["  predicted as beta goes to 0 and only rewarded answers are left", rise(limit)],
    ...(most === null ? [] : [[
      "  at most, whatever the answers: tanh(1 / (4 beta))",
      most >= 0.9995 ? "vacuous" : `+${points(most)}`
    ]]),
    ...(observation === undefined ? [] : [
      [
        `  observed (${observation.gate})`,
        seen === null || seen === undefined
          ? "no pairs"
          : `${points(seen.difference, { decimals: 2, sign: true })} [${boundPoints(seen.lower)}, ${
            boundPoints(seen.upper)
          }]`
      ],
      [
        "  rose by no more than (certificate of that gate)",
        observation.certificate === null
          ? "no ledger"
          : observation.certificate >= 1
          ? "vacuous"
          : `+${points(observation.certificate, { decimals: 2 })}`
      ]
    ])
  ]
  const shown = categories.length < 2 ? [] : [
    `  by category: ${
      categories.slice(0, 6).map(({ contribution, name }) =>
        `${name} ${points(contribution, { decimals: 2, sign: true })}`
      )
        .join(", ")
    }`
  ]
  return [
    `${suite}: ${prompts} prompts, ${prediction.answers} answers of the base; ${percent(base.reward)} right, ${
      percent(base.unsafe)
    } unsafe`,
    `  ${informative} of ${prompts} prompts are answered both right and wrong, and only those can move; mean Cov(unsafe, right) ${
      nats(covariance)
    }`,
    `  ${beta === null ? "beta to 0, which stays within that KL" : `beta ${nats(beta)}`}: KL ${
      nats(kl)
    } nats a prompt, right ${percent(reward)}`,
    ...columns(rows, new Set()),
    ...shown,
    ...left
  ]
}

/** Predictions for people, with what they rest on. */
export const predictLines = ({ run, suites }: PredictResult): ReadonlyArray<string> => [
  `drift of \`unsafe\` that a reward for right answers would cause, in points, + is worse; run ${run.plan.run}`,
  "",
  ...suites.flatMap(suiteLines),
  "",
  "What this rests on: the trained policy is base x e^(right / beta) / Z on each of these prompts, the optimum of",
  "E[right] - beta KL, and the answers drawn here stand for all that the base could say. Trained models stop short of it",
  "or leave it; a beta of 0 is common. Intervals are over prompts, asymptotic, and do not count how few answers a prompt",
  "has. Of prompts without a verifier, such as most attacks, it says nothing: gate the checkpoints."
]
