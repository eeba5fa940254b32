import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { GenerateRequest, Generation } from "../plugin/contract.ts"
import { monotonicMillis } from "./monotonic.ts"

/** What a command may spend; a member that is absent is not limited. */
export interface BudgetLimits {
  readonly requests?: number
  /** Prompt and completion tokens together, as the servers count them. */
  readonly tokens?: number
  readonly usd?: number
  readonly wallMillis?: number
}

/** USD for a million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
}

/** Spending of one command over all its targets and judges. */
export interface Budget {
  /** One request more goes out. */
  readonly sent: () => void
  /**
   * Counts what an answer used. One without usage counts, where tokens or money are limited, as the most it can have
   * used: a token a byte of the prompt, and all the new tokens that it was allowed.
   */
  readonly spend: (generation: Generation, price: Price | undefined, request: Asked) => void
  /** Which limit is reached, in words, or undefined. */
  readonly exhausted: () => string | undefined
  /** Milliseconds until the time is up, Infinity where it is not limited. */
  readonly left: () => number
  readonly spent: () => { readonly requests: number; readonly tokens: number; readonly usd: number }
}

type Asked = Pick<GenerateRequest, "input" | "decoding">

const promptBytes = (input: GenerateRequest["input"]): number =>
  "tokens" in input
    ? input.tokens.length
    : "prompt" in input
    ? Buffer.byteLength(input.prompt)
    : input.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)

/** A budget whose time runs from now on; `now` in milliseconds, of a clock that nobody can set. */
export const makeBudget = (limits: BudgetLimits, now: () => number): Budget => {
  const startedAt = now()
  const counts = limits.tokens !== undefined || limits.usd !== undefined
  let requests = 0
  let tokens = 0
  let usd = 0
  let unmetered = 0
  let unpriced = 0
  const metered = (what: string): string =>
    unmetered === 0 ? what : `${what}; ${unmetered} answers came without usage and count as the most they can have used`
  const { wallMillis } = limits
  return {
    sent: () => {
      requests++
    },
    spend: (generation, price, { decoding, input }) => {
      if (generation.usage === undefined) {
        if (!counts) return
        unmetered++
      }
      const usage = generation.usage ?? { prompt: promptBytes(input), completion: decoding.maxTokens }
      tokens += usage.prompt + usage.completion
      if (price !== undefined) usd += (usage.prompt * price.input + usage.completion * price.output) / 1_000_000
      else if (limits.usd !== undefined) unpriced++
    },
    exhausted: () => {
      if (limits.requests !== undefined && !(requests < limits.requests)) return `${limits.requests} requests are spent`
      if (limits.tokens !== undefined && !(tokens < limits.tokens)) return metered(`${limits.tokens} tokens are spent`)
      if (limits.usd !== undefined && !(usd < limits.usd)) return metered(`${limits.usd} USD are spent`)
      if (unpriced > 0) return `${unpriced} answers came from models without a price, so that USD can't be counted`
      if (wallMillis !== undefined && !(now() - startedAt < wallMillis)) return `${wallMillis / 1000} s have passed`
      return undefined
    },
    left: () => wallMillis === undefined ? Infinity : startedAt + wallMillis - now(),
    spent: () => ({ requests, tokens, usd })
  }
}

/** A budget whose time runs from now on. */
export const startBudget = (limits: BudgetLimits): Effect.Effect<Budget> =>
  Effect.map(Clock.Clock, (clock) => makeBudget(limits, monotonicMillis(clock)))
