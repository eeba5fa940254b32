import * as Command from "effect/cli/Command"
import { evaluation, json } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const list = Command.make(
  "list",
  { json, plugin: evaluation.plugin, config: evaluation.config },
  (input) => lazily(() => import("./work/plugin.ts"), ({ list }) => list(flagsOf(input), input.json))
).pipe(Command.withAlias("ls"), Command.withDescription("The plugins that were found; none is imported"))

export const plugin = Command.make("plugin").pipe(
  Command.withDescription("Benchmarks, scorers, targets and reporters"),
  Command.withSubcommands([list])
)
