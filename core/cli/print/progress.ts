import * as Effect from "effect/Effect"
import type { Listener } from "../../evaluate/execute.ts"
import { timesText } from "../../gate/sentences.ts"
import type { EarlierAnswers, Failures, RunProgress } from "../../run/progress.ts"
import { Output, visible } from "../output.ts"

const share = (part: number, whole: number): string => `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`

/** So many of a thing. */
const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`

const firstLine = (text: string): string => {
  const line = visible(text.trim().split("\n", 1)[0]!.replace(/\s+/gu, " "))
  return line.length > 200 ? `${line.slice(0, 200)}...` : line
}

const seconds = (millis: number): string => {
  const s = Math.round(millis / 1000)
  return s < 60
    ? `${s} s`
    : s < 3600
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`
}

/** One line on where a run stands. */
export const progressLine = (progress: RunProgress): string => {
  const ended = progress.arms.reduce((sum, arm) => sum + arm.ended, 0)
  const planned = progress.arms.reduce((sum, arm) => sum + arm.planned, 0)
  const statuses = progress.arms.flatMap(({ suites }) => suites.map(({ statuses }) => statuses))
  const sum = (name: "unscored" | "blocked" | "unanswered" | "errored" | "skipped") =>
    statuses.reduce((total, row) => total + row[name], 0)
  const trouble = (["unscored", "blocked", "unanswered", "errored", "skipped"] as const)
    .map((name) => [name, sum(name)] as const)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${n} ${name}`)
  const inFlight = progress.endpoints.reduce((total, endpoint) => total + endpoint.inFlight, 0)
  const rate = ended / Math.max(0.001, progress.elapsedMillis / 1000)
  const left = rate > 0 && ended < planned ? `, about ${seconds(((planned - ended) / rate) * 1000)} left` : ""
  return [
    `${ended} of ${planned} (${share(ended, planned)})`,
    `${inFlight} in flight`,
    ...(progress.cached > 0 ? [`${progress.cached} from cache`] : []),
    ...trouble,
    `${seconds(progress.elapsedMillis)}${left}`
  ].join(" · ")
}

/** Why no more was in flight, in words, by endpoint; one that was asked nothing is left out. */
export const limitedBy = (progress: RunProgress): ReadonlyArray<string> =>
  progress.endpoints.filter(({ peakInFlight }) => peakInFlight > 0).map((endpoint) => {
    const why = endpoint.rateLimited > 0
      ? `${endpoint.rateLimited} replies of 429 narrowed the window to ${endpoint.window}`
      : endpoint.full > 0.5
      ? `limited by the window of ${endpoint.window} (--concurrency)`
      : "never short of places: limited by this process or by the number of samples"
    const who = endpoint.arms.length === 0 ? `judge at ${endpoint.endpoint}` : endpoint.arms.join(" and ")
    return `${who}: ${endpoint.meanInFlight.toFixed(1)} in flight on average, ${endpoint.peakInFlight} at most; ${why}`
  })

const earlierText = ({ answers, of = answers, ...times }: EarlierAnswers): string =>
  of > answers
    ? `${answers} of its ${of} answers are from ${timesText(times)}`
    : `nothing asked, ${answers === 1 ? "its 1 answer is" : `all ${answers} answers are`} from ${timesText(times)}`

/** Why so many of a thing failed, with the first message. */
export const failureLine = (who: string, what: string, { count, message, reason }: Failures): string =>
  `${who}: ${counted(count, what)} failed with ${reason}, the first: ${firstLine(message)}`

/** What a person should know of the arms of a run that has ended: what they rest on from before, and why units failed. */
export const armLines = ({ arms }: RunProgress): ReadonlyArray<string> => [
  ...arms.flatMap(({ arm, earlier, run }) =>
    earlier === undefined ? [] : [`${arm}: ${earlierText(earlier)} (run ${run})`]
  ),
  ...arms.flatMap(({ arm, failures }) => failures.map((failure) => failureLine(arm, "unit", failure)))
]

/** Shows progress on stderr: one line that renews itself on a terminal, plain lines otherwise, records with `--json`. */
export const progressListener = Effect.gen(function*() {
  const output = yield* Output
  const live = process.stderr.isTTY === true && !output.json
  const every = live ? "500 millis" : output.json ? "5 seconds" : "10 seconds"
  const show = (snapshot: () => RunProgress) =>
    Effect.suspend(() => {
      const progress = snapshot()
      if (output.json) return output.record({ type: "progress", ...progress })
      const line = progressLine(progress)
      return live ?
        Effect.sync(() => void process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 100) - 1)}`))
        : output.note(line)
    })
  return {
    planned: (plans) =>
      Effect.forEach(plans, ({ arm, plan }) =>
        output.json
          ? output.record({
            type: "plan",
            arm,
            run: plan.run,
            units: plan.units.count,
            suites: plan.suites.map(({ id, samples }) => ({ id, samples }))
          })
          : output.note(
            `${arm}: ${plan.target.spec} · ${counted(plan.suites.length, "suite")} · ${
              counted(plan.units.count, "unit")
            } · run ${plan.run}`
          ), { discard: true }),
    noted: (line) => output.note(`driftgate: ${line}`),
    started: (snapshot) =>
      Effect.forever(Effect.andThen(Effect.sleep(every), show(snapshot))).pipe(
        Effect.onExit(() => Effect.sync(() => live ? void process.stderr.write("\r\x1b[2K") : undefined))
      )
  } satisfies Listener as Listener
})
