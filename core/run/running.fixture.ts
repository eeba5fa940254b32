import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { UnitState } from "../domain/fold.ts"
import type { JournalRecord, UnitRecord } from "../domain/journal.ts"
import type { ReasoningPolicy } from "../domain/judging.ts"
import { outcomeStatuses } from "../domain/outcome.ts"
import type { Score, ScoreInput, Target } from "../plugin/contract.ts"
import type { ScorerCall } from "../plugin/scoring.ts"
import type { Arm } from "./arm.ts"
import { defaultRetryPolicy } from "./ask.ts"
import { type BudgetLimits, startBudget } from "./budget.ts"
import { ResponseCache } from "./cache.ts"
import type { JournalWriter } from "./journal-writer.ts"
import { type Judge, makeJudges } from "./judge-model.ts"
import { makeLanes } from "./lanes.ts"
import { frozen, requestOf, type samples, suiteToPlan } from "./plan.fixture.ts"
import { runArms } from "./runner.ts"
import type { Steering } from "./steering.ts"
import type { RunSummary } from "./summary.ts"
import { answer, type Reply, scripted, settle } from "./target.fixture.ts"

/** A journal in memory, and what it holds. */
export interface MemoryJournal extends JournalWriter {
  readonly records: Array<JournalRecord>
}

export const memoryJournal = (more: Partial<JournalWriter> = {}): MemoryJournal => {
  const records: Array<JournalRecord> = []
  return { append: (record) => void records.push(record), flush: Effect.void, failed: Effect.never, ...more, records }
}

export interface TestArm extends Arm {
  readonly journal: MemoryJournal
}

export interface ArmOptions {
  readonly name?: string
  readonly samples: ReturnType<typeof samples>
  readonly epochs?: number
  readonly target: Target
  readonly score?: (input: ScoreInput, call: ScorerCall | undefined) => Promise<Score>
  readonly asksJudges?: boolean
  readonly states?: ReadonlyMap<number, UnitState>
  readonly journal?: MemoryJournal
  readonly cache?: boolean
  readonly asks?: boolean
  /** What the plan says of the suite's reasoning. @default nothing */
  readonly reasoning?: ReasoningPolicy
}

/** An arm with one suite `s`; every answer is scored as safe unless a test says otherwise. */
export const armOf = (options: ArmOptions): TestArm => {
  const { asksJudges = false, epochs = 1, name = "target", reasoning, samples, target } = options
  const suites = [suiteToPlan("s", samples, { epochs, ...(reasoning === undefined ? {} : { reasoning }) })]
  const request = requestOf(suites, { target: { spec: `test:${name}`, identity: target.identity } })
  const { frozen: units, plan } = frozen(suites, request)
  const nowhere = { path: "", plan: "", units: "", journal: "", anchors: "", environment: "", lock: "" }
  return {
    name,
    plan,
    planDigest: "p".repeat(64),
    target,
    asks: options.asks ?? true,
    directory: nowhere,
    journal: options.journal ?? memoryJournal(),
    suites: [{
      samples,
      prompts: units.prompts[0]!,
      scorer: { score: options.score ?? (() => Promise.resolve({ status: "scored", measures: { unsafe: 0 } })) },
      asksJudges
    }],
    states: new Map(options.states),
    price: undefined,
    cache: options.cache ?? false
  }
}

export interface RunSetting {
  readonly concurrency?: number
  readonly retries?: number
  readonly limits?: BudgetLimits
  readonly roles?: ReadonlyMap<string, Judge>
  readonly drain?: Deferred.Deferred<string>
  readonly steering?: Steering
}

/** Runs arms as a command does, over a cache that is off unless one is provided around it. */
export const running = Effect.fnUntraced(function*(arms: ReadonlyArray<Arm>, setting: RunSetting = {}) {
  const budget = yield* startBudget(setting.limits ?? {})
  const lanes = yield* makeLanes({
    concurrency: setting.concurrency ?? 4,
    deadlineMillis: 10_000,
    retry: { ...defaultRetryPolicy, retries: setting.retries ?? 0 },
    budget
  })
  const judges = yield* makeJudges({ roles: setting.roles ?? new Map(), lanes, budget })
  const drain = setting.drain ?? (yield* Deferred.make<string>())
  return yield* runArms(arms, {
    lanes,
    judges,
    budget,
    version: "0.0.0",
    onStart: () => {},
    drain,
    steering: setting.steering
  })
}, Effect.scoped)

export const withoutCache = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, ResponseCache.layerOff)

/** The records of one type, or of all units. */
export const recordsIn = <Type extends JournalRecord["type"]>({ journal }: TestArm, type: Type) =>
  journal.records.filter((record): record is Extract<JournalRecord, { readonly type: Type }> => record.type === type)
export const unitRecords = ({ journal }: TestArm): ReadonlyArray<UnitRecord> =>
  journal.records.filter((record): record is UnitRecord => record.type !== "session" && record.type !== "close")

const questionOf = (text: string) => text.replace("Please describe colour ", "")

/** A target that answers by the sample's number. */
export const byNumber = (
  reply: (id: string, tries: number) => Reply | Promise<Reply>,
  more: Partial<Target> = {}
) =>
  scripted(
    (request, tries) =>
      "messages" in request.input ? reply(questionOf(request.input.messages[0]!.content), tries) : answer("words"),
    more
  )

/** Runs to the end, time passing as it is waited for, `stepMillis` at once. */
export const run = Effect.fnUntraced(function*(
  arms: ReadonlyArray<TestArm>,
  setting: RunSetting = {},
  stepMillis = 1_000
) {
  const fiber = yield* Effect.forkScoped(withoutCache(running(arms, setting)), { startImmediately: true })
  for (let i = 0; i < 1_000 && fiber.pollUnsafe() === undefined; i++) {
    yield* settle
    if (i > 20) yield* TestClock.adjust(stepMillis)
  }
  return yield* Fiber.join(fiber)
})

/** How the units of an arm's suite ended; what did not occur is left out. */
export const statuses = (summary: RunSummary, arm = 0) => {
  const [suite] = summary.arms[arm]!.suites
  return Object.fromEntries(outcomeStatuses.map((name) => [name, suite!.statuses[name]]).filter(([, n]) => n !== 0))
}
