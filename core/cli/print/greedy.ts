import type { GreedyRow } from "../../evaluate/demo-card.ts"
import { columns } from "./columns.ts"

/** What greedy decoding shows of the same suites, counted beforehand. */
export const greedyLines = (
  rows: ReadonlyArray<GreedyRow>,
  suites: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const shown = rows.filter(({ suite }) => suites.includes(suite))
  return shown.length === 0 ? [] : [
    "greedy instead of sampled, bad answers of 200 (counted in demo/MODEL-CARD.md, not asked here):",
    ...columns(
      [["suite", "base", "tuned"], ...shown.map(({ base, suite, tuned }) => [suite, base, tuned])],
      new Set([1, 2])
    )
  ]
}
