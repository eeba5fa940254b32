import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { evaluation, json } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const list = Command.make(
  "list",
  { json, plugin: evaluation.plugin, config: evaluation.config },
  (input) => lazily(() => import("./work/suites.ts"), ({ list }) => list(flagsOf(input), input.json))
).pipe(Command.withAlias("ls"), Command.withDescription("The suites that can be asked"))

const show = Command.make(
  "show",
  {
    suite: Argument.String("suite").pipe(Argument.withDescription("Suite id, with options as ID?k=v")),
    json,
    plugin: evaluation.plugin,
    config: evaluation.config,
    seed: evaluation.seed,
    reveal: Flag.Boolean("reveal").pipe(
      Flag.withDescription("Print the prompts too; they may be harmful"),
      Flag.withDefault(false)
    )
  },
  ({ reveal, suite, ...flags }) =>
    lazily(() => import("./work/suites.ts"), ({ show }) => show({ suite, reveal }, flagsOf(flags), flags.json))
).pipe(Command.withDescription("The samples of a suite: ids, categories and lengths; with --reveal the prompts too"))

export const suites = Command.make("suites").pipe(
  Command.withDescription("List suites and show their samples"),
  Command.withSubcommands([list, show])
)
