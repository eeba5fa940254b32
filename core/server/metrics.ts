import type { QueueCounts, RunState } from "../queue/queue.ts"
import type { GateCount } from "../queue/store.ts"
import type { ScoreCounts } from "./facts.ts"

/** What a scrape shows. */
interface Measured {
  readonly counts: QueueCounts
  readonly gates: ReadonlyArray<GateCount>
  readonly runs: ReadonlyArray<{ readonly state: RunState; readonly gates: number }>
  readonly scores: ScoreCounts
  readonly working: boolean
  /** Whether a gate could be written down. */
  readonly writable: boolean
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (found) => found === "\n" ? "\\n" : `\\${found}`)

const metric = (name: string, kind: "gauge" | "counter", help: string, samples: ReadonlyArray<Sample>): string =>
  [
    `# HELP driftgate_${name} ${help}`,
    `# TYPE driftgate_${name} ${kind}`,
    ...samples.map(([labels, value]) => {
      const inside = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`).join(",")
      return `driftgate_${name}${inside === "" ? "" : `{${inside}}`} ${value}`
    })
  ].join("\n")

const plain = (value: number): ReadonlyArray<Sample> => [[{}, value]]

/** Prometheus text, version 0.0.4. Names of runs are left out: they are the clients' and without number. */
export const metricsText = ({ counts, gates, runs, scores, working, writable }: Measured): string => {
  const inState = (life: string) => runs.filter(({ state }) => state.life === life).length
  return [
    metric("up", "gauge", "Whether the worker runs", plain(working ? 1 : 0)),
    metric("writable", "gauge", "Whether a gate could be pinned and written down", plain(writable ? 1 : 0)),
    metric("queue_gates", "gauge", "Gates that wait or run", [
      [{ status: "queued" }, counts.queued],
      [{ status: "running" }, counts.running]
    ]),
    metric("queue_capacity", "gauge", "Gates that wait or run at most", plain(counts.capacity)),
    metric(
      "gates",
      "gauge",
      "Gates in the database",
      gates.map(({ count, status, verdict }) => [{ status, verdict: verdict ?? "none" }, count])
    ),
    metric("submissions_total", "counter", "Submissions since the start", [
      [{ result: "accepted" }, counts.accepted],
      [{ result: "repeated" }, counts.repeated],
      ...[...counts.refused].map(([result, count]): Sample => [{ result }, count])
    ]),
    metric("runs", "gauge", "Training runs seen in the last day, by sign of life", [
      [{ state: "live" }, inState("live")],
      [{ state: "silent" }, inState("silent")],
      [{ state: "ended" }, inState("ended")]
    ]),
    metric(
      "runs_without_gate",
      "gauge",
      "Training runs seen in the last day that have not submitted any gate",
      plain(runs.filter(({ gates }) => gates === 0).length)
    ),
    metric(
      "last_ended_seconds",
      "gauge",
      "Unix time at which a gate ended last",
      plain((counts.lastEndedAt ?? 0) / 1000)
    ),
    metric("reward_answers_total", "counter", "Answers sent to /get_reward, by what came of them", [
      [{ result: "scored" }, scores.scored],
      [{ result: "unscored" }, scores.unscored],
      [{ result: "failed" }, scores.failed]
    ])
  ].join("\n") + "\n"
}
