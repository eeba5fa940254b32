import * as Arr from "effect/Array"
import { UsageProblem } from "../domain/problem.ts"

/** The step at which a plugin turned out to be unusable. */
type FaultStage = "manifest" | "contract" | "options" | "entry" | "duplicate"

/** Why a plugin that was found can't be used. */
export interface PluginFault {
  /** Its id, or the name of its folder while it has none. */
  readonly plugin: string
  readonly stage: FaultStage
  /** The manifest file. */
  readonly path: string
  readonly details: ReadonlyArray<string>
}

const fixes: Readonly<Record<FaultStage, string>> = {
  manifest: "Correct this file, or remove the plugin; docs/plugins.md describes every field",
  contract: "Install a version of the plugin that fits, or another version of driftgate",
  options: "Correct the options schema in this file; docs/plugins.md says what it may hold",
  entry: "Correct the entry in this file, or build the plugin so that its entry exists",
  duplicate: "Rename one of the two, or remove it"
}

const line = (fault: PluginFault): string =>
  `${fault.plugin} (${fault.path}): ${fault.stage}: ${fault.details.join("; ")}`

/** One problem for all the plugins that can't be used. */
export const problemOfFaults = (faults: Arr.NonEmptyReadonlyArray<PluginFault>): UsageProblem => {
  const [first, ...others] = faults
  return others.length === 0
    ? new UsageProblem({
      reason: "plugin",
      where: `${first.plugin} (${first.path})`,
      what: `${first.stage}: ${first.details.join("; ")}`,
      fix: fixes[first.stage]
    })
    : new UsageProblem({
      reason: "plugin",
      what: [`${faults.length} plugins can't be used`, ...faults.map(line)].join("\n  "),
      fix: "Correct or remove each of them; docs/plugins.md describes every field"
    })
}
