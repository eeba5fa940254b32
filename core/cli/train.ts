import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"
import { watching } from "./watch-flags.ts"

export const train = Command.make(
  "train",
  {
    command: Argument.String("command").pipe(
      Argument.withDescription("The trainer and its arguments, after --"),
      Argument.variadic({ min: 1 })
    ),
    trainerOut: Flag.Directory("out").pipe(
      Flag.withDescription("The folder in which the trainer saves its checkpoints")
    ),
    grace: Flag.String("grace").pipe(
      Flag.withDescription("Time between SIGTERM and SIGKILL"),
      Flag.withDefault("10s")
    ),
    ...watching
  },
  (input) => lazily(() => import("./work/watch.ts"), ({ train }) => train({ ...input, flags: flagsOf(input) }))
).pipe(
  Command.withDescription(
    "Run a trainer, gate each checkpoint that it saves, and stop it at the first that is not accepted. Exit 3: the gate "
      + "said no, or the last checkpoint was never gated; 4: could not start; otherwise the trainer's own code"
  ),
  Command.withExamples([
    {
      command: "driftgate train --base checkpoint:./base --out runs/grpo -- python train.py --output_dir runs/grpo",
      description: "Any trainer, with no change to its code"
    }
  ])
)
