import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { confirmations } from "../domain/trajectory.ts"
import { evaluation, ledger, policy, trainingPreset } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const model = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar("SCHEME:MODEL"), Flag.withDescription(description))

export const trajectory = Command.make(
  "trajectory",
  {
    base: model("base", "The model that training began with, pinned").pipe(Flag.optional),
    candidate: model("candidate", "A checkpoint, in the order of training; repeatable").pipe(Flag.atLeast(1)),
    accepted: model("accepted", "The model accepted last, when it is not one of these candidates").pipe(Flag.optional),
    confirm: Flag.Literals("confirm", confirmations).pipe(
      Flag.withDescription(
        "Confirm a checkpoint that passes on the half of the goals that was held back, or on another draw"
      ),
      Flag.withDefault("half" as const)
    ),
    ...policy,
    preset: trainingPreset,
    ...evaluation,
    ...ledger,
    allowIdentical: Flag.Boolean("allow-identical").pipe(
      Flag.withDescription(
        "Decide although the first look's candidate can't be told from the base, as at step 0 of a training; never later"
      ),
      Flag.withDefault(false)
    )
  },
  (input) => lazily(() => import("./work/trajectory.ts"), ({ work }) => work({ ...input, flags: flagsOf(input) }))
).pipe(
  Command.withDescription(
    "Gate the checkpoints of a training run: alpha is spent over the looks, one that passes is confirmed on samples "
      + "it was not chosen on, and drift is measured since the base and since the checkpoint accepted last. "
      + "Exits with the last checkpoint's verdict"
  ),
  Command.withExamples([
    {
      command:
        "driftgate trajectory --base checkpoint:./base --candidate checkpoint:./step-100 --candidate checkpoint:./step-200",
      description: "Two checkpoints; a later command with the same base goes on at look 3"
    }
  ])
)
