import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { json } from "./flags.ts"
import { lazily } from "./lazily.ts"

export const doctor = Command.make(
  "doctor",
  {
    json,
    python: Flag.String("python").pipe(
      Flag.withDescription("An interpreter to look at first; repeatable [also: DRIFTGATE_PYTHON]"),
      Flag.atLeast(0)
    )
  },
  (input) => lazily(() => import("./work/doctor.ts"), ({ work }) => work(input))
).pipe(
  Command.withDescription(
    "What is here to run models with, what each engine can do, and the line that installs what is missing; exit 0 when " +
      "the engine that comes with driftgate works"
  )
)
