import type { ScoredTokens } from "../gate/ledger.ts"
import { isTargetError, type Target, TargetError } from "../plugin/contract.ts"

/** Numbers that a full distribution of every token may take: 32 MiB. */
const mostNumbers = 8 * 2 ** 20

/** Numbers of one row of an engine's distributions, asked once. */
const widths = new WeakMap<Target, Promise<number>>()

const widthOf = (target: Target, tokens: ReadonlyArray<number>, signal: AbortSignal): Promise<number> => {
  const known = widths.get(target)
  if (known !== undefined) return known
  const asked = target.distributions!({ tokens: tokens.slice(0, 2), from: 1 }, signal).then(([row]) => row?.length ?? 0)
  widths.set(target, asked)
  asked.catch(() => widths.delete(target))
  return asked
}

/** Log-probabilities at a temperature, from those at temperature 1. */
const tempered = (row: Float32Array, temperature: number): ArrayLike<number> => {
  if (temperature === 1) return row
  const scaled = Float64Array.from(row, (value) => value / temperature)
  const highest = scaled.reduce((most, value) => Math.max(most, value), -Infinity)
  const norm = highest + Math.log(scaled.reduce((sum, value) => sum + Math.exp(value - highest), 0))
  return scaled.map((value) => value - norm)
}

/** KL of two rows of log-probabilities, in nats. */
const klOf = (tuned: ArrayLike<number>, base: ArrayLike<number>): number => {
  let kl = 0
  for (let token = 0; token < tuned.length; token++) {
    const chance = Math.exp(tuned[token]!)
    if (chance > 0) kl += chance * (tuned[token]! - base[token]!)
  }
  return Math.max(0, kl)
}

/** An answer behind the prompt as each model reads it. */
interface TokensToScore {
  readonly basePrompt: ReadonlyArray<number>
  readonly tunedPrompt: ReadonlyArray<number>
  readonly tokens: ReadonlyArray<number>
}

/** Undefined in place of what an engine can't give; what another try may bring is thrown on. */
const unlessRefused = async <A>(given: Promise<A>): Promise<A | undefined> => {
  try {
    return await given
  } catch (error) {
    if (isTargetError(error) && refusals.includes(error.reason)) return undefined
    throw error
  }
}
const refusals: ReadonlyArray<string> = ["unsupported_parameter", "protocol"]

/**
 * Log-probabilities of an answer's tokens under both models, and where their engines give full distributions of a
 * bearable size the KL before each token; an engine that fails over distributions is asked for log-probabilities alone.
 * Undefined when a value is not finite: what is missing never becomes 0.
 */
export const scoreTokens = async (
  base: Target,
  tuned: Target,
  { basePrompt, tokens, tunedPrompt }: TokensToScore,
  temperature: number,
  signal: AbortSignal
): Promise<ScoredTokens | undefined> => {
  const requests = [
    [base, { tokens: [...basePrompt, ...tokens], from: basePrompt.length }],
    [tuned, { tokens: [...tunedPrompt, ...tokens], from: tunedPrompt.length }]
  ] as const
  const requireAll = <A>(found: ReadonlyArray<A>): ReadonlyArray<A> => {
    if (found.length === tokens.length) return found
    throw new TargetError("protocol", `${found.length} of ${tokens.length} tokens were scored`, { retryable: false })
  }
  const full = base.distributions !== undefined && tuned.distributions !== undefined
    ? await unlessRefused(widthOf(tuned, requests[1][1].tokens, signal))
    : undefined
  const finite = (scored: ScoredTokens): ScoredTokens | undefined =>
    [...scored.base, ...scored.tuned].every(Number.isFinite) ? scored : undefined
  const rows = full !== undefined && full * tokens.length <= mostNumbers
    ? await unlessRefused(
      Promise.all(requests.map(([target, request]) => target.distributions!(request, signal).then(requireAll)))
    )
    : undefined
  if (rows === undefined) {
    if (temperature !== 1) return undefined
    const [mine, theirs] = await Promise.all(
      requests.map(([target, request]) => target.logprobs!(request, signal).then(requireAll))
    )
    return finite({ base: mine!, tuned: theirs! })
  }
  const [mine, theirs] = rows.map((all) => all.map((row) => tempered(row, temperature)))
  const kl = theirs!.map((row, at) => klOf(row, mine![at]!))
  return finite({
    base: tokens.map((token, at) => mine![at]![token]!),
    tuned: tokens.map((token, at) => theirs![at]![token]!),
    ...(kl.every(Number.isFinite) ? { kl } : {})
  })
}
