import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { config, json, out, policy, profile } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

export const compare = Command.make(
  "compare",
  {
    base: Argument.Directory("base").pipe(Argument.withDescription("Run folder of the reference model")),
    tuned: Argument.Directory("tuned").pipe(Argument.withDescription("Run folder of the candidate")),
    accept: Flag.String("accept").pipe(
      Flag.withMetavar("GUARD"),
      Flag.withDescription("Accept that the runs differ in this; marked in the decision; repeatable"),
      Flag.atLeast(0)
    ),
    ...policy,
    profile: profile("Profile that the runs were planned by: an id or a file [default: as it was then]"),
    config,
    json,
    out
  },
  ({ accept, base, tuned, ...flags }) =>
    lazily(() => import("./work/compare.ts"), ({ work }) => work({ accept, base, tuned }, flagsOf(flags), flags.json))
).pipe(Command.withDescription("Decide between two stored runs; no model is asked"))
