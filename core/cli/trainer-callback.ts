import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { lazily } from "./lazily.ts"

export const trainerCallback = Command.make(
  "trainer-callback",
  {
    trainer: Argument.Literals("trainer", ["trl", "axolotl", "verl"]).pipe(
      Argument.withDescription("Whose callback is asked for; the one file serves all three"),
      Argument.withDefault("trl" as const)
    ),
    print: Flag.Boolean("print").pipe(
      Flag.withDescription("Write the file to stdout"),
      Flag.withDefault(false)
    )
  },
  (input) => lazily(() => import("./work/trainer-callback.ts"), ({ work }) => work(input))
).pipe(
  Command.withDescription(
    "The Python callback of the training gate as one file, for machines without packages: "
      + "driftgate trainer-callback --print > driftgate_callback.py"
  )
)
