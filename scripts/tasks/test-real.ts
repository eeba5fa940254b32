// `npm run test:real`: the slow checks with a real model; fetches what they need on first use.
import { spawnSync } from "node:child_process"
import { installPython } from "../real/model.ts"
import { checkNeverOpen } from "../real/never-open.ts"
import { checkRealModel } from "../real/run.ts"
import { checkTraining } from "../real/training.ts"

await checkRealModel()
const interpreter = await installPython()
await checkNeverOpen(interpreter)
await checkTraining(interpreter)
process.exitCode = spawnSync("vitest", ["run", "--config", "vitest.real.config.ts"], { stdio: "inherit" }).status ?? 1
