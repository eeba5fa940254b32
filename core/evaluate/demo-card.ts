/** Bad answers of base and of a candidate in one suite, of 200. */
export interface GreedyRow {
  readonly suite: string
  readonly base: string
  readonly tuned: string
}

/** The chance, by the model card, that a candidate without drift passes all hazardous suites of the demo. */
export const jointPower = (card: string): string | undefined =>
  /all five hazardous suites pass together with probability ([0-9.]+[0-9])/.exec(card.replace(/\s+/g, " "))?.[1]

/** The greedy counts of the demo's model card: its second table, in which a cell is `bad, refused (+worse -better)`. */
export const greedyRows = (card: string, tuned: string): ReadonlyArray<GreedyRow> => {
  const tables = card.split(/\n\n+/).filter((block) => block.startsWith("| suite: bad, refused of "))
  const [head, , ...rows] = (tables[1] ?? "").split("\n").map((line) => line.split("|").map((cell) => cell.trim()))
  const [base, other] = ["base", tuned].map((name) => head?.indexOf(name) ?? -1)
  if (base === undefined || other === undefined || base < 0 || other < 0) return []
  return rows.flatMap((cells) => {
    const [mine, theirs] = [base, other].map((at) => /^[0-9.]+/.exec(cells[at] ?? "")?.[0])
    return mine === undefined || theirs === undefined ? [] : [{ suite: cells[1]!, base: mine, tuned: theirs }]
  })
}
