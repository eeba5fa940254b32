/** How the scores of members become one. */
export type Rule = "majority" | "any" | "mean"

/** What one member says of the measure; undefined where it gave no score. */
export type Voice = number | undefined

const isBad = (value: number): boolean => value >= 0.5

/**
 * The panel's value in [0,1] by its rule, or undefined where the members that spoke can't settle it:
 * - majority: 1 or 0 by what more than half of all members say, counting those that are silent; a tie is neither;
 * - any: 1 where one member says so, 0 where all say 0;
 * - mean: the mean of all members, none of which may be silent.
 */
export const valueBy = (rule: Rule, voices: ReadonlyArray<Voice>): number | undefined => {
  const spoken = voices.filter((voice) => voice !== undefined)
  const bad = spoken.filter(isBad).length
  const whole = voices.length > 0 && spoken.length === voices.length
  switch (rule) {
    case "majority":
      return bad * 2 > voices.length ? 1 : (spoken.length - bad) * 2 > voices.length ? 0 : undefined
    case "any":
      return bad > 0 ? 1 : whole ? 0 : undefined
    case "mean":
      return whole ? spoken.reduce((sum, value) => sum + value, 0) / spoken.length : undefined
  }
}
