import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"
import { watching } from "./watch-flags.ts"

export const watch = Command.make(
  "watch",
  {
    dir: Argument.String("dir").pipe(Argument.withDescription("The folder in which a trainer saves its checkpoints")),
    once: Flag.Boolean("once").pipe(
      Flag.withDescription("Judge what is there, and end"),
      Flag.withDefault(false)
    ),
    untilExit: Flag.Int("until-exit").pipe(
      Flag.withMetavar("PID"),
      Flag.withDescription("End once this process has ended and its last checkpoint is judged"),
      Flag.optional
    ),
    finalStep: Flag.Int("final-step").pipe(
      Flag.withDescription("End once a checkpoint of this step is there and judged"),
      Flag.optional
    ),
    stopCommand: Flag.String("stop-command").pipe(
      Flag.withMetavar("CMD"),
      Flag.withDescription("Run when an outcome is not accepted: words divided by spaces, no shell"),
      Flag.optional
    ),
    killPid: Flag.Int("kill-pid").pipe(
      Flag.withMetavar("PID"),
      Flag.withDescription("Signal this process when an outcome is not accepted"),
      Flag.optional
    ),
    signal: Flag.Literals("signal", ["TERM", "INT", "HUP", "USR1", "USR2", "KILL"]).pipe(
      Flag.withDescription("The signal for --kill-pid"),
      Flag.withDefault("TERM" as const)
    ),
    ...watching
  },
  (input) => lazily(() => import("./work/watch.ts"), ({ watch }) => watch({ ...input, flags: flagsOf(input) }))
).pipe(
  Command.withDescription(
    "Gate each complete checkpoint that a trainer saves into a folder, and stop the trainer at the first that is not "
      + "accepted. Exit 0: the last one was accepted; 3: refused or never gated; 4: could not start"
  ),
  Command.withExamples([
    {
      command: "driftgate watch runs/grpo --base checkpoint:./base --until-exit 4711 --kill-pid 4711",
      description: "Beside a trainer that runs already as process 4711"
    }
  ])
)
