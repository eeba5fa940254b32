// `npm run test:service`: the service under load, and over PostgreSQL where DRIFTGATE_TEST_POSTGRES names one.
import { spawnSync } from "node:child_process"
import { build } from "../build.ts"

await build()
process.exitCode = spawnSync("vitest", ["run", "--config", "vitest.service.config.ts"], { stdio: "inherit" }).status ??
  1
