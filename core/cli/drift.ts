import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { evaluation } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const model = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar("SCHEME:MODEL"), Flag.withDescription(description), Flag.optional)

const { out: _, ...asking } = evaluation

export const drift = Command.make(
  "drift",
  { base: model("base", "The reference model"), tuned: model("tuned", "The candidate"), ...asking },
  (input) => lazily(() => import("./work/drift.ts"), ({ work }) => work(flagsOf(input), input))
).pipe(
  Command.withDescription(
    "Measure in seconds how far a model's policy is from its base's, on the first prompts of the suites: mean |log-ratio| "
      + "of the tokens, in nats. Says nothing of safety; the service uses it to choose which checkpoints to gate"
  ),
  Command.withExamples([
    {
      command: "driftgate drift --base checkpoint:./base --tuned checkpoint:./step-100",
      description: "Needs an engine that scores given tokens"
    }
  ])
)
