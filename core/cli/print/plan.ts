import type { Cost, Range } from "../../evaluate/cost.ts"
import type { GatePlan } from "../../evaluate/plan.ts"
import type { EntryForecast } from "../../gate/forecast.ts"
import { marginPoints, points } from "../../gate/points.ts"
import type { Proposal } from "../../gate/propose.ts"
import { overRefusalPool } from "../../gate/scope.ts"
import { columns } from "./columns.ts"

const whole = (value: number): string => Math.round(value).toLocaleString("en-US")

/** Two digits that matter: an estimate is not more exact than that. */
const rough = (value: number): string => whole(value < 100 ? value : Number(value.toPrecision(2)))
const range = ({ high, low }: Range): string => `${rough(low)} to ${rough(high)}`
const usd = (value: number): string => value < 1 ? value.toFixed(3) : value.toFixed(2)

const duration = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5_400
    ? `${Math.ceil(seconds / 60)} min`
    : `${(seconds / 3600).toFixed(1)} h`

const chance = (power: number): string => power >= 0.9995 ? "> 0.999" : power.toFixed(3)

const costLines = (cost: Cost): ReadonlyArray<string> => {
  const rows = cost.suites.map((suite) => [
    suite.suite,
    whole(suite.samples),
    whole(suite.epochs),
    whole(suite.requests),
    range(suite.promptTokens),
    rough(suite.newTokensAtMost),
    whole(suite.judgeCallsAtMost)
  ])
  const all = [
    "all",
    "",
    "",
    whole(cost.requests),
    range(cost.promptTokens),
    rough(cost.newTokensAtMost),
    whole(cost.judgeCallsAtMost)
  ]
  const anchors = cost.anchorCallsAtMost === 0
    ? []
    : [["anchors", "", "", "", "", "", whole(cost.anchorCallsAtMost)]]
  const { time } = cost
  return [
    ...columns(
      [
        ["suite", "samples", "epochs", "requests", "prompt tokens", "new tokens", "judge calls"],
        ...rows,
        ...anchors,
        all
      ],
      new Set([1, 2, 3, 4, 5, 6])
    ),
    `Requests are those of ${
      cost.arms.join(" and ")
    }, with nothing stored, cached or stopped early. Tokens are estimates:`,
    "prompts at three to five characters a token, new tokens and judge calls at most.",
    "",
    time === undefined
      ? "time: not known; give --rate REQUESTS_PER_SECOND, or run something into the same --out first"
      : `time: about ${duration(time.seconds)} at ${Number(time.rate.toPrecision(3))} requests a second (${time.from})`,
    cost.usd === undefined
      ? "money: not known; set prices in driftgate.yaml, in USD a million tokens, by base, tuned and role"
      : `money: ${usd(cost.usd.low)} to ${usd(cost.usd.high)} USD by the prices of the configuration${
        cost.usd.unpriced.length === 0 ? "" : `, without ${cost.usd.unpriced.join(", ")}, which have none`
      }`
  ]
}

const entryRow = (entry: EntryForecast, measures: boolean): ReadonlyArray<string> => [
  measures ? `${entry.name} ${entry.measure}` : entry.name,
  entry.size === null ? "" : `${whole(entry.size.groups)}${entry.size.single ? "" : " clusters"}`,
  marginPoints(entry.margin),
  entry.discordance === null ? "" : points(entry.discordance),
  entry.reachable ? `${chance(entry.power)}${entry.by === "simulation" ? " ~" : ""}` : "never",
  entry.fewest === undefined ? "" : whole(entry.fewest),
  entry.needed === undefined ? "" : whole(entry.needed),
  entry.detectable === undefined ? "" : points(entry.detectable)
]

/** A proposal as what is to be written for it. */
export const proposalLine = (proposal: Proposal): string => {
  switch (proposal.change) {
    case "limit":
      return proposal.limit === null
        ? `leave out --limit: all pass with chance ${chance(proposal.joint)}`
        : `--limit ${proposal.limit}: all pass with chance ${chance(proposal.joint)}`
    case "epochs":
      return `--epochs ${proposal.epochs}: all pass with chance ${chance(proposal.joint)}`
    case "margin": {
      const { margin, name } = proposal
      // A pool has a margin of its own kind; its name is no suite.
      const key = name === overRefusalPool ? `overRefusal: ${margin}` : `suites: { ${name}: ${margin} }`
      return `policy margins: { ${key} } (${marginPoints(margin)} points) is what ${name} can show`
    }
    case "track":
      return proposal.name === overRefusalPool
        ? `more or larger gated benign suites: ${proposal.size} in all can't show the margin of ${proposal.name}${
          proposal.fewest === null ? "" : `, ${proposal.fewest} could`
        }`
        : `role: tracked for ${proposal.name}, or a larger suite: ${proposal.size} can't show its margin${
          proposal.fewest === null ? "" : `, ${proposal.fewest} could`
        }`
  }
}

/** What a gate would cost and could show, as lines for people. */
export const planLines = (plan: GatePlan): ReadonlyArray<string> => {
  const { discordance, forecast, policy, power, proposals } = plan
  const { entries, joint, levels, problems } = forecast
  const source = discordance.from === "flag"
    ? "--discordance"
    : discordance.from === "noise floor"
    ? `the noise floor ${discordance.floor?.decision}, ${points(discordance.assumed)} where it has none`
    : "assumed; `driftgate gate --noise-floor` measures it"
  const measures = new Set(entries.map(({ measure }) => measure)).size > 1
  return [
    ...costLines(plan.cost),
    "",
    `What the policy ${policy.name} could show when nothing drifted:`,
    ...columns(
      [
        ["", "n", "margin", "differ", "power", "fewest", `for ${power}`, "detects"],
        ...entries.map((entry) => entryRow(entry, measures))
      ],
      new Set([1, 2, 3, 4, 5, 6, 7])
    ),
    `differ: pairs in points that differ without any drift (${source})`,
    `power: chance of a pass, enumerated${
      joint.by === "simulation" ? `, or ~ simulated ${joint.draws} times` : ""
    }, at one-sided alpha ${Number(levels.drift.toPrecision(3))}`,
    `fewest: pairs that can pass at all; for ${power}: pairs that pass so often`,
    "detects: smallest drift in points that ends as a fail so often",
    "",
    `chance that all of it passes: ${chance(joint.all)}`,
    ...(problems.length === 0
      ? []
      : ["", "The gate would not start:", ...problems.map(({ message }) => `  ${message}`)]),
    ...(proposals.length === 0 ? [] : ["", `To reach ${power}:`, ...proposals.map((one) => `  ${proposalLine(one)}`)])
  ]
}
