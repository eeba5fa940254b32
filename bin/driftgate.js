#!/usr/bin/env node
// Runs on any Node >= 20: goes on in this process when it is new enough, else hands over to the bundled one.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const built = path.join(root, "dist", "cli", "main.js")
const [major, minor] = process.versions.node.split(".").map(Number)

if (!existsSync(built)) {
  console.error("driftgate: not built yet\n  Run `npm run build` in the folder of driftgate first.")
  process.exit(70)
}
if (major > 22 || (major === 22 && minor >= 19)) {
  const { enableCompileCache } = await import("node:module")
  enableCompileCache?.()
  // The heap for what is new doubles from 1 MiB: in steps of that, a run copies in its first half second what soon is
  // garbage (docs/decisions/0020).
  const { setFlagsFromString } = await import("node:v8")
  setFlagsFromString("--semi-space-growth-factor=16")
  await import(pathToFileURL(built).href)
} else {
  let node
  try {
    const require = createRequire(import.meta.url)
    node = path.join(path.dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`)), "bin", "node")
  } catch {
    console.error(
      `driftgate needs Node 22.19 or newer; this is ${process.version} and no bundled Node was installed.\n` +
        "  Install a newer Node, or install driftgate without --omit=optional."
    )
    process.exit(70)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code ?? 70 : 130
  })
}
