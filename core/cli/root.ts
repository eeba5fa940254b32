import * as Command from "effect/cli/Command"
import { assets } from "./assets.ts"
import { calibrate } from "./calibrate.ts"
import { compare } from "./compare.ts"
import { demo } from "./demo.ts"
import { doctor } from "./doctor.ts"
import { drift } from "./drift.ts"
import { explain } from "./explain.ts"
import { gate } from "./gate.ts"
import { plan } from "./plan.ts"
import { plugin } from "./plugin.ts"
import { predict } from "./predict.ts"
import { report } from "./report.ts"
import { rescore } from "./rescore.ts"
import { run } from "./run.ts"
import { score } from "./score.ts"
import { scorer } from "./scorer.ts"
import { serve } from "./serve.ts"
import { suites } from "./suites.ts"
import { train } from "./train.ts"
import { trainerCallback } from "./trainer-callback.ts"
import { trajectory } from "./trajectory.ts"
import { verify } from "./verify.ts"
import { watch } from "./watch.ts"

export const root = Command.make("driftgate").pipe(
  Command.withDescription(
    "Tells whether a fine-tuned language model is still as safe as the model it came from, with evidence and an exit code. " +
      "--exit-map fail=1,inconclusive=2 on any command gives verdicts other numbers"
  ),
  Command.withSubcommands([
    demo,
    gate,
    plan,
    predict,
    trajectory,
    drift,
    serve,
    watch,
    train,
    trainerCallback,
    run,
    compare,
    rescore,
    score,
    scorer,
    calibrate,
    explain,
    report,
    verify,
    suites,
    plugin,
    assets,
    doctor
  ])
)
