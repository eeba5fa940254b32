import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { evaluation, json } from "./flags.ts"
import { lazily } from "./lazily.ts"

export const demo = Command.make(
  "demo",
  {
    json,
    concurrency: evaluation.concurrency,
    out: Flag.Directory("out").pipe(
      Flag.withDescription("Where runs and gates are kept [default: ./driftgate-out/demo, made anew]"),
      Flag.optional
    )
  },
  (input) => lazily(() => import("./work/demo.ts"), ({ work }) => work(input))
).pipe(
  Command.withDescription(
    "Gate two pairs of tiny checkpoints that come with driftgate, one that passes and one that fails; offline, in less " +
      "than a minute"
  )
)
