import { spawnSync } from "node:child_process"

process.exitCode =
  spawnSync(process.execPath, ["scripts/format.mjs", ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1
