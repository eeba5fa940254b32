import type { Json, Measure, Score, Scorer } from "driftgate/plugin"
import { type Rule, valueBy } from "./rules.ts"

interface Options {
  readonly members: ReadonlyArray<string>
  readonly rule: Rule
  readonly measure: Measure
}

const told = (scorer: string, score: Score, measure: Measure): Readonly<Record<string, Json>> =>
  score.status === "unscored"
    ? { scorer, value: null, reason: score.reason }
    : { scorer, value: score.measures[measure] ?? null, ...(score.label === undefined ? {} : { label: score.label }) }

/**
 * Asks several scorers and makes one score of theirs.
 *
 * A member that gives no score counts for nobody, and where the others can't settle it without it the answer is
 * `unscored`. A member that can't be asked makes the whole answer an error, once all others have spoken.
 */
export const scorer: Scorer<Options> = {
  score: async (input, { options: { measure, members, rule }, score }) => {
    const settled = await Promise.allSettled(members.map((member) => score(member, input)))
    const scores = settled.map((end) => {
      if (end.status === "rejected") throw end.reason
      return end.value
    })
    const value = valueBy(rule, scores.map((each) => each.status === "scored" ? each.measures[measure] : undefined))
    const detail: Readonly<Record<string, Json>> = {
      panel: { rule, members: scores.map((each, index) => told(members[index]!, each, measure)) },
      ...(scores.some((each) => each.detail?.["trainedOn"] === true) ? { trainedOn: true } : {})
    }
    return value === undefined
      ? { status: "unscored", reason: "abstained", detail }
      : { status: "scored", measures: { [measure]: value }, detail }
  }
}
