import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { expect, it } from "vitest"

const main = join(import.meta.dirname, "../../core/cli/main.ts")
const helpOf = (command: string): string =>
  execFileSync(process.execPath, ["--conditions=driftgate-source", main, command, "--help"], { encoding: "utf8" })

it.each([["serve", "training"], ["watch", "training"], ["train", "training"], ["trajectory", "training"], [
  "gate",
  "release"
]])(
  "the help of %s names every preset, and %s as the one that it falls back to",
  (command, preset) => {
    const line = helpOf(command).split("\n").find((line) => line.includes("--preset")) ?? ""
    expect(line).toContain("smoke, training, release or demo")
    expect(line).toContain(`[default: the profile's, else ${preset}]`)
  }
)
