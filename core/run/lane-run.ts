import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { InternalProblem } from "../domain/problem.ts"
import { unitSeed } from "../domain/seed.ts"
import type { Generation, Message, Unit } from "../plugin/contract.ts"
import { isOpen } from "./arm.ts"
import { ask, type Lane } from "./ask.ts"
import { type Asker, type Loss, makeAsker } from "./asker.ts"
import type { Budget } from "./budget.ts"
import { cacheKey, ResponseCache } from "./cache.ts"
import { connectAhead } from "./connect-ahead.ts"
import { makeCrew } from "./crew.ts"
import type { Place } from "./order.ts"
import { promptDigest } from "./population.ts"
import type { RunningArm } from "./running-arm.ts"
import type { Need, Steering } from "./steering.ts"
import type { Open, UnitWork } from "./unit-work.ts"

/** What the lanes of one run share. */
export interface LaneOptions {
  readonly budget: Budget
  readonly work: UnitWork
  readonly steering: Steering | undefined
  /** Whether no new unit should be asked. */
  readonly draining: () => boolean
  /** Whether a suite's units stay open because a judge that they need is gone. */
  readonly unjudged: (suite: number) => boolean
  /** A model of the run is asked from now on. */
  readonly asking: (asker: Asker) => void
  /** A model is gone. */
  readonly lost: (member: RunningArm, loss: Loss) => void
  /** Something was settled, so that what a unit waits for may have come. */
  readonly news: () => void
  /** Waits until a unit need not wait any longer, or there are news. */
  readonly untilNews: (place: Place) => Effect.Effect<void>
  /** An answer came from the cache. */
  readonly onCached: () => void
}

/** What a unit's model is asked; `key`: where the answer lies in the cache. */
interface Question {
  readonly seed: number
  readonly messages: ReadonlyArray<Message>
  readonly key: string | undefined
}

/** Whether a unit may begin, `out` when its model or the run has stopped. */
type Admission = "in" | "out" | { readonly spared: string }

/** An arm, and its model's use of the endpoint. */
interface Seat {
  readonly member: RunningArm
  readonly asker: Asker
}

/**
 * Asks and scores what is open in the arms whose targets share an endpoint, in turn, unit by unit.
 *
 * An arm whose model is gone asks nothing more, while the others go on. Units that a budget leaves out are journaled as
 * skipped, units that the steering spares as not needed; units left by a drain or a lost model or judge stay open.
 */
export const runLane = Effect.fnUntraced(
  function*(lane: Lane, members: ReadonlyArray<RunningArm>, options: LaneOptions) {
    const { budget, draining, news, steering, unjudged, untilNews, work } = options
    const { fail, finish, leaveOut, skipWhenSpent } = work
    const clock = yield* Clock.Clock
    const cache = yield* ResponseCache
    const needOf = (place: Place): Need => steering?.need(place) ?? "ask"
    // Units that wait for a retry or a judge hold no place in the limiter, so their number has a bound of its own.
    const crew = yield* makeCrew(lane.limiter.figures().limit * 4 + 64)
    const seats = members.map((member): Seat => {
      const asker = makeAsker(lane, {
        sending: budget.sent,
        mayAsk: () => !draining() && budget.exhausted() === undefined,
        onLost: (loss) => options.lost(member, loss)
      })
      options.asking(asker)
      return { member, asker }
    })

    const runUnit = Effect.fnUntraced(function*(asker: Asker, open: Open, { key, messages, seed }: Question) {
      const { attempt, member, place, unit } = open
      const { arm } = member
      const { decoding } = arm.plan.suites[place.suite]!
      const request = { unit, input: { messages }, decoding, seed }
      member.ask()
      const result = yield* ask(lane, arm.target, request, asker).pipe(Effect.result)
      if (result._tag === "Success") {
        const { generation, millis, tries } = result.success
        budget.spend(generation, arm.price, request)
        arm.journal.append({
          type: "generation",
          unit,
          attempt,
          generation,
          ...(tries === 1 ? {} : { tries }),
          ms: millis,
          at: clock.currentTimeMillisUnsafe()
        })
        if (key !== undefined) cache.put(key, generation)
        return yield* finish(open, generation)
      }
      const { error, tries } = result.failure
      // A unit that stays open is asked again by the same command, once the cause is mended.
      const end = asker.failed(result.failure)
      if (end === "abandoned") skipWhenSpent(open)
      if (end === "errored") {
        fail(open, { stage: "generation", reason: error.reason, message: error.message, tries })
      }
    })

    const launch = (place: Place, work: Effect.Effect<void, InternalProblem>) => {
      steering?.launched(place)
      return crew.launch(work, () => {
        steering?.settled(place)
        news()
      })
    }

    /** Waits for room and, where a model is asked, for a place at the endpoint, which is then held. */
    const admit = Effect.fnUntraced(function*(place: Place, asker?: Asker): Effect.fn.Return<Admission> {
      while (true) {
        yield* crew.room
        if (asker !== undefined) {
          if (!asker.mayRetry() || !(yield* lane.limiter.acquire({ retry: false, by: asker }))) return "out"
          if (!asker.mayRetry()) {
            lane.limiter.release("other")
            return "out"
          }
        } else if (draining()) return "out"
        const need = needOf(place)
        if (need === "ask") return "in"
        if (asker !== undefined) lane.limiter.release("other")
        if (need !== "wait") return need
        yield* untilNews(place)
      }
    })

    const questionOf = ({ member: { arm }, place }: Open): Question | undefined => {
      const { decoding, id } = arm.plan.suites[place.suite]!
      const { prompts, samples } = arm.suites[place.suite]!
      const { id: sample, messages } = samples[place.sample]!
      const prompt = promptDigest(messages)
      if (prompt !== prompts.at(place.sample)) return undefined
      const seed = unitSeed(arm.plan.answerSeed ?? arm.plan.seed, id, sample, place.epoch)
      const key = arm.cache ? cacheKey({ behaviour: arm.target.identity.behaviour, prompt, decoding, seed }) : undefined
      return { seed, messages, key }
    }

    /** Takes an answer from the cache. */
    const stored = (open: Open, generation: Generation) => {
      const { attempt, member, unit } = open
      options.onCached()
      member.ask()
      const at = clock.currentTimeMillisUnsafe()
      member.arm.journal.append({ type: "generation", unit, attempt, generation, cached: true, at })
      return finish(open, generation)
    }

    let connected = false
    const feed = Effect.gen(function*() {
      // Arms of one lane ask the same units in the same order; each goes by its own plan.
      for (const place of members[0]!.numbers.order()) {
        if (unjudged(place.suite)) continue
        for (const { asker, member } of seats) {
          const { arm, numbers } = member
          const number = numbers.of(place)
          if (!isOpen(arm.states, number)) continue
          const state = arm.states.get(number)
          if (state?.generation === undefined && asker.lost() !== undefined) continue
          const unit: Unit = {
            suite: arm.plan.suites[place.suite]!.id,
            sample: arm.suites[place.suite]!.samples[place.sample]!.id,
            epoch: place.epoch
          }
          const attempt = state?.outcome === undefined ? state?.attempt ?? 1 : state.attempt + 1
          const open: Open = { member, place, unit, attempt }
          const need = needOf(place)
          if (typeof need === "object") {
            leaveOut(open, need.spared)
            continue
          }
          if (state?.generation === undefined && !arm.asks) continue
          if (draining()) return
          if (state?.generation !== undefined) {
            // Judges spend too; the answer is kept for a run that may go on.
            if (arm.suites[place.suite]!.asksJudges && skipWhenSpent(open)) continue
            const admitted = yield* admit(place)
            if (admitted === "out") return
            if (admitted === "in") yield* launch(place, finish(open, state.generation))
            else leaveOut(open, admitted.spared)
            continue
          }
          if (skipWhenSpent(open)) continue
          const question = questionOf(open)
          if (question === undefined) {
            fail(open, {
              stage: "generation",
              reason: "changed",
              message: "the sample's messages are not those that were planned",
              tries: 0
            })
            continue
          }
          const known = question.key === undefined ? undefined : cache.get(question.key)
          if (known === undefined && !connected) {
            connected = true
            yield* connectAhead(lane, members)
          }
          const admitted = yield* admit(place, known === undefined ? asker : undefined)
          if (typeof admitted === "object") leaveOut(open, admitted.spared)
          else if (admitted === "in") {
            yield* launch(place, known === undefined ? runUnit(asker, open, question) : stored(open, known))
          } else if (asker.lost() === undefined && !draining()) skipWhenSpent(open)
        }
      }
    })
    yield* feed.pipe(Effect.andThen(crew.idle), Effect.raceFirst(crew.broken))
  },
  Effect.scoped
)
