import type { Price } from "../run/budget.ts"
import type { Population } from "../run/population.ts"
import { anchorCount } from "./anchors.ts"

/** From and to; an estimate, never a count. */
export interface Range {
  readonly low: number
  readonly high: number
}

/** What one suite will cost at most, over all arms. */
interface SuiteCost {
  readonly suite: string
  readonly samples: number
  readonly epochs: number
  readonly requests: number
  /** Of what is sent, without the chat template. */
  readonly promptTokens: Range
  /** As many as the answers may have at most. */
  readonly newTokensAtMost: number
  /** One a role and answer at most: a refusal that the protocol declares is not judged, and a cascade may end early. */
  readonly judgeCallsAtMost: number
  /** What judges read of goal and answer, without their own instructions. */
  readonly judgeTokens: Range
  readonly roles: ReadonlyArray<string>
}

/** What a gate will cost when nothing is stored, cached or stopped early. */
export interface Cost {
  readonly arms: ReadonlyArray<string>
  readonly suites: ReadonlyArray<SuiteCost>
  readonly requests: number
  readonly promptTokens: Range
  readonly newTokensAtMost: number
  /** Of all suites, and of the anchors. */
  readonly judgeCallsAtMost: number
  /** About the anchors, once for all arms. */
  readonly anchorCallsAtMost: number
  /** Of the suites alone. */
  readonly judgeTokens: Range
  /** Requests a second, where that is known from, and how long that takes. */
  readonly time?: { readonly rate: number; readonly from: string; readonly seconds: number }
  /** By the prices of the configuration; `unpriced` has none, and is left out. */
  readonly usd?: Range & { readonly unpriced: ReadonlyArray<string> }
}

export interface SuiteToCost {
  readonly population: Population
  readonly epochs: number
  readonly maxTokens: number
  readonly roles: ReadonlyArray<string>
  /** Texts of one answer that judges read: two where its reasoning is judged as well. @default 1 */
  readonly texts?: 1 | 2
}

// English text has about four characters a token; three to five covers most prompts and tokenizers.
const fewestTokens = (characters: number): number => Math.round(characters / 5)
const mostTokens = (characters: number): number => Math.round(characters / 3)

/** A judge's reply is a word or a short reason; only its price depends on this. */
const mostOfReply = 256

const sum = (ranges: ReadonlyArray<Range>): Range => ({
  low: ranges.reduce((total, { low }) => total + low, 0),
  high: ranges.reduce((total, { high }) => total + high, 0)
})
const total = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, number) => all + number, 0)

const costOf = ({ epochs, maxTokens, population, roles, texts = 1 }: SuiteToCost, arms: number): SuiteCost => {
  let sent = 0
  let goals = 0
  for (const { goal, messages } of population.samples) {
    for (const { content } of messages) sent += content.length
    goals += goal.length
  }
  const times = epochs * arms
  const requests = population.samples.length * times
  const newTokensAtMost = requests * maxTokens
  // The goal stands beside each text; answer and reasoning have the new tokens between them.
  const perRole = {
    low: fewestTokens(goals * times * texts),
    high: mostTokens(goals * times * texts) + newTokensAtMost
  }
  return {
    suite: population.suite,
    samples: population.samples.length,
    epochs,
    requests,
    promptTokens: { low: fewestTokens(sent * times), high: mostTokens(sent * times) },
    newTokensAtMost,
    judgeCallsAtMost: requests * roles.length * texts,
    judgeTokens: { low: perRole.low * roles.length, high: perRole.high * roles.length },
    roles
  }
}

const money = (price: Price, prompt: Range, completion: Range): Range => ({
  low: (prompt.low * price.input + completion.low * price.output) / 1_000_000,
  high: (prompt.high * price.input + completion.high * price.output) / 1_000_000
})

/** Adds up what a gate will cost; `rate` is in requests a second over all arms. */
export const estimateCost = (
  suites: ReadonlyArray<SuiteToCost>,
  { arms, judges = [], prices, rate }: {
    readonly arms: ReadonlyArray<string>
    /** Roles that each scorer asks which the anchors are put to. @default [] */
    readonly judges?: ReadonlyArray<ReadonlyArray<string>>
    readonly prices: Readonly<Record<string, Price>>
    readonly rate?: { readonly value: number; readonly from: string } | undefined
  }
): Cost => {
  const costs = suites.map((suite) => costOf(suite, arms.length))
  const requests = total(costs.map((cost) => cost.requests))
  const promptTokens = sum(costs.map((cost) => cost.promptTokens))
  const newTokensAtMost = total(costs.map((cost) => cost.newTokensAtMost))
  const asking = judges.flat()
  const anchorCallsAtMost = asking.length * anchorCount
  const roles = [...new Set([...costs.flatMap((cost) => cost.roles), ...asking])]
  const payers = [
    ...arms.map((name) => ({
      // The base that is asked twice has one price.
      name: name === "base again" ? "base" : name,
      prompt: { low: promptTokens.low / arms.length, high: promptTokens.high / arms.length },
      completion: { low: 0, high: newTokensAtMost / arms.length }
    })),
    ...roles.map((name) => {
      const asked = costs.filter((cost) => cost.roles.includes(name))
      const prompt = sum(asked.map(({ judgeTokens, roles }) => ({
        low: judgeTokens.low / roles.length,
        high: judgeTokens.high / roles.length
      })))
      const calls = total(asked.map((cost) => cost.judgeCallsAtMost / cost.roles.length))
        + asking.filter((role) => role === name).length * anchorCount
      return { name, prompt, completion: { low: 0, high: calls * mostOfReply } }
    })
  ]
  const priced = payers.filter(({ name }) => prices[name] !== undefined)
  const usd = sum(priced.map(({ completion, name, prompt }) => money(prices[name]!, prompt, completion)))
  const unpriced = [...new Set(payers.filter(({ name }) => prices[name] === undefined).map(({ name }) => name))]
  return {
    arms,
    suites: costs,
    requests,
    promptTokens,
    newTokensAtMost,
    judgeCallsAtMost: total(costs.map((cost) => cost.judgeCallsAtMost)) + anchorCallsAtMost,
    anchorCallsAtMost,
    judgeTokens: sum(costs.map((cost) => cost.judgeTokens)),
    ...(rate === undefined ? {} : { time: { rate: rate.value, from: rate.from, seconds: requests / rate.value } }),
    ...(priced.length === 0 ? {} : { usd: { ...usd, unpriced } })
  }
}
