import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import type { Arm } from "./arm.ts"
import type { Lane } from "./ask.ts"
import type { Asker } from "./asker.ts"
import type { Budget } from "./budget.ts"
import type { Judges } from "./judge-model.ts"
import { runLane } from "./lane-run.ts"
import type { Lanes } from "./lanes.ts"
import { monotonicMillis } from "./monotonic.ts"
import type { Place } from "./order.ts"
import { progressOf, type RunProgress } from "./progress.ts"
import { type RunningArm, startArm } from "./running-arm.ts"
import type { Steering } from "./steering.ts"
import { summaryOf } from "./summary.ts"
import { makeUnitWork } from "./unit-work.ts"

export interface RunOptions {
  readonly lanes: Lanes
  readonly judges: Judges
  readonly budget: Budget
  readonly version: string
  /** Called once with a way to see where the run stands. */
  readonly onStart: (snapshot: () => RunProgress) => void
  /** Completed from outside when no new unit should be asked; what is in flight is finished. */
  readonly drain: Deferred.Deferred<string>
  /** Leaves out units that are not needed any more. @default every open unit is asked */
  readonly steering?: Steering | undefined
}

/**
 * Asks and scores every open unit of every arm.
 *
 * Arms whose targets share an endpoint share a limiter and are asked in turn, unit by unit. Memory is bounded by what is
 * in flight. Units that a budget leaves out are journaled as skipped, units that the steering spares as not needed; units
 * left by a drain, or by a model or judge that is gone, stay open.
 * Fails only when a journal can't be written or a defect shows.
 */
export const runArms = Effect.fn("Runner.run")(function*(arms: ReadonlyArray<Arm>, options: RunOptions) {
  const { budget, steering } = options
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const elapsed = monotonicMillis(clock)
  const startedAt = elapsed()
  let cached = 0
  let draining: string | undefined
  let lost: string | undefined
  // Suites whose units need a judge that is gone.
  const unjudged = new Set<number>()
  const askers: Array<Asker> = []
  yield* Deferred.await(options.drain).pipe(
    Effect.tap((why) =>
      Effect.sync(() => {
        draining = why
        for (const { wake } of askers) wake()
      })
    ),
    Effect.forkScoped({ startImmediately: true })
  )

  const news = yield* Latch.make(false)
  const running = arms.map((arm) =>
    startArm(arm, options.version, now(), (name, place, outcome) => {
      steering?.ended(name, place, outcome)
      news.openUnsafe()
    })
  )
  steering?.begin()
  const lose = (why: string) => {
    lost ??= why
    steering?.hurry()
    news.openUnsafe()
  }
  const work = yield* makeUnitWork({
    judges: options.judges,
    budget,
    onLostJudge: ({ place }, why) => {
      unjudged.add(place.suite)
      lose(why)
    }
  })

  const lanes = new Map<Lane, Array<RunningArm>>()
  for (const member of running) {
    const lane = options.lanes.of(member.arm.target)
    lanes.set(lane, [...lanes.get(lane) ?? [], member])
  }

  const snapshot = (): RunProgress =>
    progressOf(running, { ...options, cached, elapsedMillis: Math.round(elapsed() - startedAt) })
  options.onStart(snapshot)

  const laneOptions = {
    budget,
    work,
    steering,
    draining: () => draining !== undefined,
    unjudged: (suite: number) => unjudged.has(suite),
    asking: (asker: Asker) => void askers.push(asker),
    lost: ({ arm }: RunningArm, { why }: { readonly why: string }) =>
      lose(arms.length === 1 ? why : `${arm.name}: ${why}`),
    news: () => void news.openUnsafe(),
    // Closing and asking are one step, so that no news between them is missed.
    untilNews: (place: Place) =>
      Effect.suspend(() => {
        if (steering?.need(place) !== "wait") return Effect.void
        news.closeUnsafe()
        return news.await
      }),
    onCached: () => void cached++
  }
  const asking = Effect.forEach(lanes, ([lane, members]) => runLane(lane, members, laneOptions), {
    concurrency: "unbounded",
    discard: true
  })
  const writable = Effect.raceAll(arms.map(({ journal }) => journal.failed))
  yield* asking.pipe(
    Effect.raceFirst(writable),
    Effect.onExit((exit) =>
      Effect.forEach(running, ({ arm, numbers, tally }) =>
        Effect.suspend(() => {
          const failed = Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
          const state = failed ? "failed" : tally.ended() >= numbers.count ? "finished" : "interrupted"
          arm.journal.append({ type: "close", state, at: now() })
          return Effect.ignore(arm.journal.flush)
        }), { discard: true })
    )
  )
  return summaryOf(snapshot(), { dead: lost, exhausted: budget.exhausted(), draining })
}, Effect.scoped)
