import type { Policy } from "../domain/policy.ts"
import type { Scope } from "./scope.ts"
import { concerns } from "./waiver.ts"

/** A key of a policy that no entry of the gate answers to. */
export interface Unnamed {
  readonly key: string
  readonly message: string
}

const bare = (id: string): string => id.split("?", 1)[0] ?? id

const listed = (names: ReadonlyArray<string>): string => names.length === 0 ? "there is none" : names.join(", ")

/** Margins, ceilings and waivers that would never apply: a misspelt name, a suite that is tracked or decided in a pool. */
export const unnamed = (policy: Policy, { macros, pools, suites }: Scope): ReadonlyArray<Unnamed> => {
  const own = [...new Set(suites.filter(({ role }) => role === "gated").map(({ suite }) => suite))]
  const joint = [...pools, ...macros].filter(({ role }) => role === "gated").map(({ name }) => name)
  const whyNot = (name: string): string => {
    const found = suites.find(({ suite }) => suite === name || bare(suite) === name)
    return found === undefined
      ? "there is no such entry"
      : found.pool !== undefined
      ? `this suite is decided in the pool ${found.pool}`
      : "this suite is only tracked"
  }
  const ofSuites = (rule: string, table: Readonly<Record<string, number>>) =>
    Object.keys(table).filter((key) => !own.some((id) => id === key || bare(id) === key)).map((key) => ({
      key: `${rule}.${key}`,
      message: `${rule}.${key} applies to nothing: ${whyNot(key)}; suites that are decided on their own: ${listed(own)}`
    }))
  const waivers = policy.waivers.filter((waiver) => ![...own, ...joint].some((name) => concerns(waiver, name)))
  return [
    ...ofSuites("margins.suites", policy.margins.suites),
    ...ofSuites("ceilings", policy.ceilings),
    ...waivers.map(({ owner, suite }) => ({
      key: `waivers.${suite}`,
      message: `the waiver of ${suite} by ${owner} applies to nothing: ${whyNot(suite)}; entries that are decided: ${
        listed([...own, ...joint])
      }`
    }))
  ]
}
