import { driftByCovariance, studentQuantile, tilt } from "../stats/index.ts"

/** One answer of the base model to a prompt with a verifier: both in [0, 1]. */
export interface RewardedAnswer {
  readonly reward: number
  readonly unsafe: number
}

/** Answers of the base model to one prompt. */
export interface RewardedPrompt {
  readonly category: string
  readonly answers: ReadonlyArray<RewardedAnswer>
}

/** How strong the training is to be: its KL coefficient, or how far it may move, in nats a prompt. */
export type Strength = { readonly beta: number } | { readonly kl: number }

/** A mean over prompts with t limits over prompts, asymptotic; null limits where the prompts do not differ. */
export interface OverPrompts {
  readonly estimate: number
  readonly limits: { readonly lower: number; readonly upper: number } | null
}

/** What a verifiable reward would do to the unsafe rate; rises are positive, in rate units. */
export interface Prediction {
  readonly prompts: number
  readonly answers: number
  /** Prompts whose answers were rewarded differently: the only ones that a reward can move. */
  readonly informative: number
  readonly base: { readonly reward: number; readonly unsafe: number }
  /** Mean over prompts of Cov(unsafe, reward) under the base. */
  readonly covariance: number
  /** Given or found for the KL budget; null when even the least beta stays within it. */
  readonly beta: number | null
  /** Mean sequence KL at the optimum, nats. */
  readonly kl: number
  readonly reward: number
  readonly rise: OverPrompts
  /** The rise as beta goes to 0: only the best rewarded answers of each prompt are left. */
  readonly limit: OverPrompts
  /** tanh(1 / (4 beta)): what no reward in [0, 1] can exceed at this beta. */
  readonly most: number | null
  readonly categories: ReadonlyArray<{ readonly name: string; readonly prompts: number; readonly contribution: number }>
}

const leastBeta = 1e-6
const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

const overPrompts = (values: ReadonlyArray<number>, alpha: number): OverPrompts => {
  const estimate = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - estimate) ** 2, 0)
  if (values.length < 2 || squares === 0) return { estimate, limits: null }
  const reach = studentQuantile(1 - alpha, values.length - 1) *
    Math.sqrt(squares / (values.length - 1) / values.length)
  return { estimate, limits: { lower: Math.max(-1, estimate - reach), upper: Math.min(1, estimate + reach) } }
}

/** One prompt's answers, each as likely as the others, under the optimum for a beta. */
const tilted = (answers: ReadonlyArray<RewardedAnswer>, beta: number) => {
  const reference = answers.map(() => 1 / answers.length)
  const reward = answers.map((answer) => answer.reward)
  const { tuned } = tilt({ reference, reward, beta })
  const safe = answers.map(({ unsafe }) => 1 - unsafe)
  return {
    // 0 instead of -0 where nothing moves.
    rise: 0 - driftByCovariance({ reference, tuned, safe }),
    kl: Math.max(0, tuned.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p * answers.length) : 0), 0)),
    reward: tuned.reduce((sum, p, at) => sum + p * reward[at]!, 0)
  }
}

const klAt = (prompts: ReadonlyArray<RewardedPrompt>, beta: number): number =>
  mean(prompts.map(({ answers }) => tilted(answers, beta).kl))

/** The beta whose optimum moves as far as the budget, or undefined when none moves that far. */
const betaFor = (prompts: ReadonlyArray<RewardedPrompt>, budget: number): number | undefined => {
  if (klAt(prompts, leastBeta) <= budget) return undefined
  let low = Math.log(leastBeta)
  let high = Math.log(1e6)
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (klAt(prompts, Math.exp(middle)) > budget) low = middle
    else high = middle
  }
  return Math.exp(high)
}

/**
 * Drift of the unsafe rate that training on a reward would cause on these prompts, or undefined when no prompt has
 * answers of different reward, so that they say nothing.
 *
 * Each prompt's answers stand for the base's distribution, and the trained policy is the optimum of
 * E[reward] - beta KL: drift = Cov(safe, e^(reward / beta)) / Z. prompts: two or more answers each; alpha one-sided.
 * Source: docs/statistics.md, "Drift bounds".
 */
export const predict = (
  prompts: ReadonlyArray<RewardedPrompt>,
  strength: Strength,
  { alpha = 0.05 }: { readonly alpha?: number } = {}
): Prediction | undefined => {
  const isInformative = ({ answers }: RewardedPrompt): boolean =>
    answers.some(({ reward }) => reward !== answers[0]!.reward)
  const informative = prompts.filter(isInformative).length
  if (informative === 0) return undefined
  const beta = "beta" in strength ? strength.beta : betaFor(prompts, strength.kl)
  const found = prompts.map(({ answers }) => tilted(answers, beta ?? leastBeta))
  const rise = overPrompts(found.map((one) => one.rise), alpha)
  const moments = prompts.map(({ answers }) => {
    const reward = mean(answers.map((answer) => answer.reward))
    const unsafe = mean(answers.map((answer) => answer.unsafe))
    return { reward, unsafe, covariance: mean(answers.map((one) => (one.reward - reward) * (one.unsafe - unsafe))) }
  })
  return {
    prompts: prompts.length,
    answers: prompts.reduce((sum, { answers }) => sum + answers.length, 0),
    informative,
    base: { reward: mean(moments.map(({ reward }) => reward)), unsafe: mean(moments.map(({ unsafe }) => unsafe)) },
    covariance: mean(moments.map(({ covariance }) => covariance)),
    beta: beta ?? null,
    kl: mean(found.map(({ kl }) => kl)),
    reward: mean(found.map(({ reward }) => reward)),
    rise,
    limit: overPrompts(prompts.map(({ answers }) => tilted(answers, leastBeta).rise), alpha),
    most: beta === undefined ? null : Math.tanh(1 / (4 * beta)),
    categories: [
      ...Map.groupBy(prompts.map((prompt, at) => ({ ...prompt, rise: found[at]!.rise })), (one) => one.category)
    ]
      .map(([name, members]) => ({
        name,
        prompts: members.length,
        contribution: members.reduce((sum, member) => sum + member.rise, 0) / prompts.length
      }))
      .sort((a, b) => b.contribution - a.contribution || (a.name < b.name ? -1 : 1))
  }
}
