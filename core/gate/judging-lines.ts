import type { Decision, SuiteDecision } from "../domain/decision.ts"
import type { CascadeUse, PanelArm } from "../domain/judging.ts"
import { percent, points } from "./points.ts"

/** Suites whose scorer asks others, each once whatever it measures. */
const once = (suites: ReadonlyArray<SuiteDecision>): ReadonlyArray<SuiteDecision> =>
  suites.filter(({ cascade, panel, suite }, index) =>
    (cascade !== undefined || panel !== undefined) && suites.findIndex((other) => other.suite === suite) === index
  )

const cascadeLines = (suite: string, { band, base, first, last, tuned }: CascadeUse): ReadonlyArray<string> => {
  const gap = base.saved === null || tuned.saved === null
    ? ""
    : `, ${points(tuned.saved - base.saved, { sign: true })} points`
  return [
    `${suite}: ${first} decided below ${band}, ${last} the rest`,
    `  without ${last}: base ${percent(base.saved)} (${base.byFirst} of ${base.judged}), tuned ${
      percent(tuned.saved)
    } (${tuned.byFirst} of ${tuned.judged})${gap}`
  ]
}

const panelLine = (arm: string, { compared, disagreement, judged, members, pairs, split }: PanelArm): string => {
  const lost = members.filter(({ missing }) => missing > 0).map(({ missing, scorer }) => `${scorer} ${missing}`)
  const kappas = pairs.map(({ a, b, kappa }) => `${a} and ${b} ${kappa === null ? "no kappa" : kappa.toFixed(3)}`)
  return `  ${arm}: split on ${percent(disagreement)} (${split} of ${compared}); kappa ${kappas.join(", ")}${
    lost.length === 0 ? "" : `; of ${judged} without a score: ${lost.join(", ")}`
  }`
}

/** How scorers that ask others came to their scores: the share that a cascade saved, and how far a panel agreed. */
export const judgingLines = ({ suites }: Decision): ReadonlyArray<string> =>
  once(suites).flatMap(({ cascade, panel, suite }) => [
    ...(cascade === undefined ? [] : cascadeLines(suite, cascade)),
    ...(panel === undefined ? [] : [
      `${suite}: panel by ${panel.rule} of ${panel.tuned.members.map(({ scorer }) => scorer).join(", ")}`,
      panelLine("base", panel.base),
      panelLine("tuned", panel.tuned)
    ])
  ])
