import { type Proportion, requireProportion } from "./proportion.ts"
import { RangeProblem } from "./range-problem.ts"

/**
 * Counts of a rate over clusters of like answers, divided by their design effect, for limits that ask for independence.
 * clusters: one proportion each, at least one. designEffect is 1 or more: the variance between clusters over that of as
 * many independent answers. x and n are rounded down, n is at least 1; where every answer or none is an event the
 * effect can't be seen, and each cluster counts once. Throws RangeProblem.
 * Source: Rao and Scott 1992, Biometrics 48, 577-585.
 */
export const clusteredProportion = (
  clusters: readonly Proportion[]
): Proportion & { readonly designEffect: number } => {
  const where = "clusteredProportion"
  const groups = clusters.length
  if (groups === 0) throw new RangeProblem(where, "clusters", "empty", "at least one cluster")
  clusters.forEach((cluster, g) => requireProportion(where, cluster, `clusters[${g}].`))
  const x = clusters.reduce((sum, cluster) => sum + cluster.x, 0)
  const n = clusters.reduce((sum, cluster) => sum + cluster.n, 0)
  const rate = x / n
  const binomial = rate * (1 - rate) / n
  const squares = clusters.reduce((sum, cluster) => sum + (cluster.x - rate * cluster.n) ** 2, 0)
  const visible = binomial > 0 && groups > 1
  const designEffect = visible ? Math.max(1, groups / (groups - 1) * squares / n ** 2 / binomial) : n / groups
  const size = Math.max(1, Math.floor(n / designEffect))
  return { x: Math.min(size, Math.floor(rate * size)), n: size, designEffect }
}
