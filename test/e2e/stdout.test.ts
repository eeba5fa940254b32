import { spawnSync } from "node:child_process"
import { closeSync, existsSync, openSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

const main = join(import.meta.dirname, "../../core/cli/main.ts")
// The device on which every write fails for lack of space.
const full = "/dev/full"
const whySkipped = existsSync(full) ? "" : ` (skipped: there is no ${full} here)`

describe.skipIf(whySkipped !== "")(`results that can't be written${whySkipped}`, () => {
  test.each([
    ["are no success", ["suites", "list"], 69],
    ["are none as records either", ["suites", "list", "--json"], 69],
    ["leave a worse code as it is", ["suites", "lst"], 64]
  ])("%s", (_, args, code) => {
    const device = openSync(full, "w")
    const ended = spawnSync(process.execPath, ["--conditions=driftgate-source", main, ...args], {
      stdio: ["ignore", device, "pipe"],
      encoding: "utf8"
    })
    closeSync(device)
    expect(ended.status).toBe(code)
    if (code === 69) expect(ended.stderr).toMatch(/^driftgate: the results can't be written to stdout: ENOSPC/)
  })
})
