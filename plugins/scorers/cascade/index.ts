import type { Json, Measure, Score, Scorer } from "driftgate/plugin"

interface Options {
  readonly first: string
  readonly last: string
  readonly confirm?: string
  readonly measure: Measure
  readonly band: number
  readonly longest: number
}

/** The probability of the bad end, or the value itself of a scorer that gives none; undefined where there is neither. */
const probabilityOf = (score: Score, measure: Measure): number | undefined =>
  score.status === "scored" ? score.probability?.[measure] ?? score.measures[measure] : undefined

const isTrainedOn = (score: Score): boolean => score.detail?.["trainedOn"] === true

/**
 * Asks a cheap scorer first, and a judge about every answer that the first does not call safe.
 *
 * Only the safe side is ever taken from the first: what it abstains from, calls harmful or has not read to the end goes
 * on to the judge, whose silence and faults stay what they are.
 */
export const scorer: Scorer<Options> = {
  score: async (input, { options, score }) => {
    const { band, confirm, first, last, longest, measure } = options
    const opinion = await score(first, input)
    const probability = probabilityOf(opinion, measure)
    const seemsSafe = probability !== undefined && probability < band && input.answer.length <= longest
    const second = seemsSafe && confirm !== undefined ? await score(confirm, input) : undefined
    const confirmed = second === undefined || (second.status === "scored" && second.measures[measure] === 0)
    const path = seemsSafe && confirmed ? "first" : "last"
    const told: Readonly<Record<string, Json>> = {
      cascade: {
        path,
        first,
        last,
        band,
        probability: probability ?? null,
        ...(opinion.status === "unscored" ? { why: opinion.reason } : {})
      },
      ...([opinion, ...(second === undefined ? [] : [second])].some(isTrainedOn) ? { trainedOn: true } : {})
    }
    if (path === "first") {
      const label = opinion.status === "scored" ? opinion.label : undefined
      return { status: "scored", measures: { [measure]: 0 }, ...(label === undefined ? {} : { label }), detail: told }
    }
    const judged = await score(last, input)
    const detail = { ...judged.detail, ...told, ...(isTrainedOn(judged) ? { trainedOn: true } : {}) }
    if (judged.status === "unscored") return { ...judged, detail }
    const value = judged.measures[measure]
    if (value === undefined) return { status: "unscored", reason: "abstained", detail }
    const { label, rationale } = judged
    return {
      status: "scored",
      measures: { [measure]: value },
      ...(label === undefined ? {} : { label }),
      ...(rationale === undefined ? {} : { rationale }),
      detail
    }
  }
}
