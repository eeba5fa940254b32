import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { Plan } from "../domain/plan.ts"
import type { Target } from "../plugin/contract.ts"
import { type Arm, readStates } from "../run/arm.ts"
import type { Budget, Price } from "../run/budget.ts"
import type { Digests } from "../run/digests.ts"
import { openJournal } from "../run/journal-writer.ts"
import type { Judges } from "../run/judge-model.ts"
import type { Lanes } from "../run/lanes.ts"
import { holdLock } from "../run/lock.ts"
import type { RunProgress } from "../run/progress.ts"
import { runArms } from "../run/runner.ts"
import type { Steering } from "../run/steering.ts"
import type { RunSummary } from "../run/summary.ts"
import { earlierIn, readAnswers } from "./answers.ts"
import { writeEnvironment } from "./environment.ts"
import type { FrozenRun } from "./freeze.ts"
import { Installation } from "./installation.ts"
import type { LoadedSuite } from "./load.ts"
import { watchJudges } from "./watched-judges.ts"

/** Who listens while a command works. */
export interface Listener {
  /** The plans are frozen; nothing has been asked yet. */
  readonly planned: (plans: ReadonlyArray<{ readonly arm: string; readonly plan: Plan }>) => Effect.Effect<void>
  /** Something about the models that is good to know before anything is asked. */
  readonly noted: (line: string) => Effect.Effect<void>
  /** The run began: `snapshot` says at any time where it stands. */
  readonly started: (snapshot: () => RunProgress) => Effect.Effect<void>
}

/** A frozen run and the model that answers it. */
export interface ArmToExecute {
  readonly name: string
  readonly run: FrozenRun
  readonly target: Target
  /** Whether open units are asked; otherwise only stored answers are judged. */
  readonly asks: boolean
  readonly cache: boolean
  readonly price: Price | undefined
}

export interface Execution {
  readonly arms: ReadonlyArray<ArmToExecute>
  readonly suites: ReadonlyArray<LoadedSuite>
  /** Digest of each sample's messages, by suite and place. */
  readonly prompts: ReadonlyArray<Digests>
  readonly lanes: Lanes
  readonly judges: Judges
  readonly budget: Budget
}

/** Locks the run folders, opens their journals, and asks and scores what is open in every arm. */
export const execute = Effect.fn("Evaluation.execute")(function*(
  execution: Execution,
  listener: Listener,
  drain: Deferred.Deferred<string>,
  steering?: Steering
) {
  const fs = yield* FileSystem.FileSystem
  const { version } = yield* Installation
  const suites = execution.suites.map(({ asksJudges, scorer, toPlan }, index) => ({
    samples: toPlan.population.samples,
    prompts: execution.prompts[index]!,
    scorer,
    asksJudges
  }))
  const arms = yield* Effect.forEach(
    execution.arms,
    Effect.fnUntraced(function*({ run, ...arm }) {
      const { directory, plan, planDigest } = run
      yield* holdLock(directory.lock)
      const journal = yield* openJournal(directory.journal)
      const { size } = yield* fs.stat(directory.journal).pipe(Effect.orElseSucceed(() => ({ size: 0 })))
      const states = Number(size) === 0 ? new Map() : yield* readStates(run, suites, directory.journal)
      yield* writeEnvironment(directory.environment)
      return { ...arm, plan, planDigest, directory, journal, suites, states } satisfies Arm as Arm
    })
  )
  const resumed = arms.map(({ states }) => states.size > 0)
  const started = yield* Deferred.make<() => RunProgress>()
  const watching = Deferred.await(started).pipe(Effect.flatMap(listener.started), Effect.andThen(Effect.never))
  const watched = yield* watchJudges(
    arms,
    execution.suites.flatMap(({ judges }) => judges),
    execution.judges
  )
  const running = runArms(arms, {
    lanes: execution.lanes,
    judges: watched.judges,
    budget: execution.budget,
    version,
    drain,
    steering,
    onStart: (snapshot) => Deferred.doneUnsafe(started, Effect.succeed(snapshot))
  })
  const judged = running.pipe(
    Effect.tap(({ stopped }) => watched.ended({ stopped: stopped !== undefined }))
  )
  const summary = yield* Effect.raceFirst(judged, watching)
  // What was told in an earlier session, maybe long ago, may be another model's where its name is all that is known.
  const told = yield* Effect.forEach(
    summary.arms,
    Effect.fnUntraced(function*(progress, index) {
      const { asks, cache, journal, target } = arms[index]!
      const unseen = !target.identity.verifiable && (resumed[index]! || cache)
      if (!asks || (progress.asked > 0 && !unseen)) return progress
      yield* journal.flush
      const answers = yield* readAnswers(arms[index]!)
      const earlier = earlierIn(answers, answers.sessions)
      return earlier === undefined ? progress : { ...progress, earlier }
    })
  )
  return { ...summary, arms: told } satisfies RunSummary as RunSummary
}, Effect.scoped)
