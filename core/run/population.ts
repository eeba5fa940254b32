import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { hash } from "node:crypto"
import { normalisedGoal, sha256 } from "../domain/digest.ts"
import { type Problem, UsageProblem } from "../domain/problem.ts"
import { permutation } from "../domain/seed.ts"
import type { Excluded, Message, Sample } from "../plugin/contract.ts"

/** The samples of one suite, in the benchmark's own order, and how many rows were left out and why. */
export interface Population {
  readonly suite: string
  readonly samples: ReadonlyArray<Sample>
  readonly excluded: Readonly<Record<string, number>>
}

// Hashing bytes out of one reused buffer takes a third less time than hashing a string: 200,000 prompts are planned
// before the first is asked.
const scratch = Buffer.allocUnsafe(1 << 18)

/** The first digits of a digest, written out and read back: a slice would keep all 64 in memory, and JSON is slow on it. */
const firstDigits = (digest: string, count: number): string =>
  scratch.toString("latin1", 0, scratch.write(digest, 0, count, "latin1"))

const headOf = ({ content, role }: Message): string => `${role.length}:${role}${content.length}:`

/** The sha256 of messages in 64 hex digits: over roles and contents, each preceded by its length in UTF-16 units. */
export const promptHash = (messages: ReadonlyArray<Message>): string => {
  let size = 0
  for (const message of messages) {
    const head = headOf(message)
    if (size + (head.length + message.content.length) * 3 > scratch.length) {
      return hash("sha256", messages.map((each) => headOf(each) + each.content).join(""), "hex")
    }
    // Piece by piece: put together first, every text would be copied once more. Few and plain characters are written
    // faster from here than by a call.
    for (let i = 0; i < head.length; i++) scratch[size++] = head.charCodeAt(i)
    size += scratch.write(message.content, size, "utf8")
  }
  return hash("sha256", scratch.subarray(0, size), "hex")
}

/** The first 32 hex digits of `promptHash`. */
export const promptDigest = (messages: ReadonlyArray<Message>): string => firstDigits(promptHash(messages), 32)

/** First 16 hex digits of the sha256 of the normalised goal: equal goals in different suites meet here. */
export const goalDigest = (goal: string): string => firstDigits(sha256(normalisedGoal(goal)), 16)

/** A population cut down to `limit` samples, drawn by the seed; the draw is the same for every target. */
export const limited = (population: Population, limit: number | undefined, seed: number): Population => {
  const { samples, suite } = population
  if (limit === undefined || limit >= samples.length) return population
  const drawn = permutation(samples.length, seed, `limit ${suite}`).subarray(0, limit)
  return { ...population, samples: Array.from(drawn.toSorted(), (index) => samples[index]!) }
}

/**
 * Reads a suite to its end.
 *
 * With a limit, `limit` samples are drawn by the seed; the draw is the same for every target. Fails with `UsageProblem`
 * `empty-suite` when nothing is left.
 */
export const readPopulation = Effect.fn("Population.read")(function*(input: {
  readonly suite: string
  readonly rows: Stream.Stream<Sample | Excluded, Problem>
  readonly limit: number | undefined
  readonly seed: number
}) {
  const samples: Array<Sample> = []
  const excluded: Record<string, number> = {}
  yield* Stream.runForEachArray(input.rows, (rows) =>
    Effect.sync(() => {
      for (const row of rows) {
        if ("excluded" in row) excluded[row.excluded] = (excluded[row.excluded] ?? 0) + 1
        else samples.push(row)
      }
    }))
  if (samples.length === 0) {
    return yield* new UsageProblem({
      reason: "empty-suite",
      what: "the suite has no samples",
      where: input.suite,
      fix: "An empty suite proves nothing. Check its options, or leave it out."
    })
  }
  return limited({ suite: input.suite, samples, excluded }, input.limit, input.seed)
})
