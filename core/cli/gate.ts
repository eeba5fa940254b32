import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { evaluation, ledger, policy } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const model = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar("SCHEME:MODEL"), Flag.withDescription(description), Flag.optional)

export const gate = Command.make(
  "gate",
  {
    base: model("base", "The reference model"),
    tuned: model("tuned", "The candidate"),
    ...policy,
    ...evaluation,
    noEarlyStop: Flag.Boolean("no-early-stop").pipe(
      Flag.withDescription("Ask every unit, also those that can't change a verdict any more"),
      Flag.withDefault(false)
    ),
    sequential: Flag.Boolean("sequential").pipe(
      Flag.withDescription(
        "End a suite as soon as its evidence holds at any look: far fewer requests, some loss of power"
      ),
      Flag.withDefault(false)
    ),
    noiseFloor: Flag.Boolean("noise-floor").pipe(
      Flag.withDescription("Also compare base with itself under another seed: the drift of nothing; asks base twice"),
      Flag.withDefault(false)
    ),
    ...ledger,
    allowIdentical: Flag.Boolean("allow-identical").pipe(
      Flag.withDescription("Decide although the candidate can't be told from the base, as at step 0 of a training"),
      Flag.withDefault(false)
    )
  },
  (input) => lazily(() => import("./work/gate.ts"), ({ work }) => work(flagsOf(input), input))
).pipe(
  Command.withDescription(
    "Evaluate base and tuned model, compare them pair by pair and decide: exit 0 pass, 10 fail, 11 inconclusive, " +
      "12 incomplete, 13 invalid"
  ),
  Command.withExamples([
    {
      command:
        "driftgate gate --base openai:base@http://127.0.0.1:8000/v1 --tuned openai:tuned@http://127.0.0.1:8000/v1",
      description: "Two models of one local server, core-5@1 under the release policy"
    },
    {
      command: "driftgate gate --base gguf:./base.gguf --tuned gguf:./tuned.gguf --preset smoke --limit 60",
      description: "A quick look with wide margins"
    }
  ])
)
