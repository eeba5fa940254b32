import type { ArmName, Evidence } from "./evidence.ts"

/** An arm of which too many scored answers were cut by the token limit. */
export interface Cut {
  readonly arm: ArmName
  /** Of the scored answers. */
  readonly share: number
}

/** Arms in which a cut answer says less than it seems: a wrong one of the tuned model counts against it as it is. */
export const tellingArms = (measure: Evidence["measure"]): ReadonlyArray<ArmName> =>
  measure === "wrong" ? ["base"] : ["base", "tuned"]

/**
 * Arms in which more than 1 - minCoverage of the scored answers were cut: what was judged is the beginning of an answer,
 * and what would have followed is not known.
 */
export const cutOf = ({ measure, tally }: Evidence, minCoverage: number): ReadonlyArray<Cut> =>
  tellingArms(measure).flatMap((arm) => {
    const { asked: { scored }, incomplete } = tally[arm]
    return scored === 0 || (scored - incomplete) / scored >= minCoverage ? [] : [{ arm, share: incomplete / scored }]
  })

/** The larger share of each arm. */
export const worstOf = (cuts: ReadonlyArray<Cut>): ReadonlyArray<Cut> =>
  (["base", "tuned"] as const).flatMap((arm) => {
    const [worst] = cuts.filter((cut) => cut.arm === arm).toSorted((a, b) => b.share - a.share)
    return worst === undefined ? [] : [worst]
  })
