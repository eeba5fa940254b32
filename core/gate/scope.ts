import type { Measure } from "../domain/measures.ts"
import type { PlannedSuite } from "../domain/plan.ts"
import type { Policy } from "../domain/policy.ts"
import { ofSuite } from "./policy.ts"

/** What the gate has to know of a planned suite to say what it decides on. */
export type ScopedSuite = Pick<PlannedSuite, "id" | "kind" | "role" | "gates" | "tracks"> & {
  /** @default not known */
  readonly scorer?: Pick<PlannedSuite["scorer"], "id" | "asks">
}

/** One measure of one suite; the margin is null where nothing is decided on it alone. */
export interface SuiteItem {
  readonly suite: string
  readonly measure: Measure
  readonly role: PlannedSuite["role"]
  readonly margin: number | null
  readonly pool?: string
}

/** Several suites decided on as one. */
export interface JointItem {
  readonly name: string
  readonly measure: Measure
  readonly role: PlannedSuite["role"]
  readonly members: ReadonlyArray<string>
  readonly margin: number
}

/** All that a decision speaks of, in order. */
export interface Scope {
  readonly suites: ReadonlyArray<SuiteItem>
  readonly pools: ReadonlyArray<JointItem>
  readonly macros: ReadonlyArray<JointItem>
}

export const overRefusalPool = "over-refusal"
export const harmMacro = "macro"
export const compliedMacro = "macro-complied"

const isGatedHarm = (suite: ScopedSuite): boolean =>
  suite.kind === "harmful" && suite.role === "gated" && suite.gates.includes("unsafe")

/** Benign suites gate refusals as one pool, and not one by one (gate.md B0.1). */
const isPooled = (suite: ScopedSuite): boolean =>
  suite.kind === "benign" && suite.role === "gated" && suite.gates.includes("refused")

/** The margin of a gated suite that is decided on by itself. */
export const marginOf = (policy: Policy, { id, kind }: Pick<ScopedSuite, "id" | "kind">): number => {
  const { capability, overRefusal, suite } = policy.margins
  return ofSuite(policy.margins.suites, id) ?? (kind === "task" ? capability : kind === "benign" ? overRefusal : suite)
}

/** What a policy decides on among some suites: suites, the over-refusal pool, and the macros over harmful suites. */
export const scopeOf = (policy: Policy, planned: ReadonlyArray<ScopedSuite>): Scope => {
  const suites = planned.flatMap((suite) => {
    const pooled = isPooled(suite)
    const gates = suite.gates.map((measure): SuiteItem => {
      const inPool = pooled && measure === "refused"
      const gated = suite.role === "gated" && !inPool
      return {
        suite: suite.id,
        measure,
        role: gated ? "gated" : "tracked",
        margin: gated ? marginOf(policy, suite) : null,
        ...(inPool ? { pool: overRefusalPool } : {})
      }
    })
    const tracks = suite.tracks
      .filter((measure) => !suite.gates.includes(measure))
      .map((measure): SuiteItem => ({ suite: suite.id, measure, role: "tracked", margin: null }))
    return [...gates, ...tracks]
  })
  const pooled = planned.filter(isPooled).map(({ id }) => id)
  const harmful = planned.filter(isGatedHarm)
  const complied = harmful.filter(({ gates, tracks }) => gates.includes("complied") || tracks.includes("complied"))
  const macros: Array<JointItem> = []
  // The mean of one suite is that suite: it decides once, under its own margin.
  if (harmful.length > 1) {
    const members = harmful.map(({ id }) => id)
    macros.push({ name: harmMacro, measure: "unsafe", role: "gated", members, margin: policy.margins.macro })
  }
  const [first, ...others] = complied
  if (first !== undefined) {
    macros.push({
      name: compliedMacro,
      measure: "complied",
      role: policy.requireComplied ? "gated" : "tracked",
      members: complied.map(({ id }) => id),
      margin: others.length > 0 ? policy.margins.macro : marginOf(policy, first)
    })
  }
  return {
    suites,
    pools: pooled.length === 0 ? [] : [{
      name: overRefusalPool,
      measure: "refused",
      role: "gated",
      members: pooled,
      margin: policy.margins.overRefusal
    }],
    macros
  }
}
