import { spawnSync } from "node:child_process"
import { cpSync, existsSync, globSync, renameSync, rmSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import { sealBuiltSync } from "../core/plugin/content.ts"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/**
 * Builds `dist/`: plain modules and types for what is public, the plugins beside their manifests, each with the digest of
 * its source, and the command as one bundle, since 400 small modules take three times as long to start.
 */
export const build = async (): Promise<void> => {
  // Built aside and moved into place: whoever runs the command meanwhile has the old one or the new one, never half.
  const aside = path.join(root, `dist.${process.pid}`)
  const dist = path.join(root, "dist")
  try {
    const tsc = spawnSync(
      path.join(root, "node_modules", ".bin", "tsc"),
      ["-p", "tsconfig.build.json", "--outDir", aside],
      { cwd: root, stdio: "inherit" }
    )
    if (tsc.status !== 0) throw new Error("tsc failed")
    const beside = globSync([
      "{plugins,benchmarks,reports,core}/**/*.{json,jsonl,yaml,md,txt,bin}",
      "demo/checkpoints/**/*.*",
      "demo/{driftgate.yaml,MODEL-CARD.md}"
    ], { cwd: root })
    for (const file of beside) cpSync(path.join(root, file), path.join(aside, file))
    for (const manifest of globSync("{plugins/*,benchmarks,reports}/*/plugin.json", { cwd: root })) {
      const folder = path.dirname(manifest)
      sealBuiltSync(path.join(root, folder), path.join(aside, folder))
    }
    const bundle = await rolldown({
      input: { main: path.join(root, "core/cli/main.ts") },
      platform: "node",
      external: [/^node:/, /^undici$/, /^openai/, /^@huggingface\//, /^node-llama-cpp$/, /^driftgate\//],
      resolve: { conditionNames: ["node", "import", "default"] }
    })
    await bundle.write({ dir: path.join(aside, "cli"), format: "esm", chunkFileNames: "[name]-[hash].js" })
    await bundle.close()
    rmSync(`${dist}.old`, { recursive: true, force: true })
    if (existsSync(dist)) renameSync(dist, `${dist}.old`)
    renameSync(aside, dist)
  } finally {
    rmSync(aside, { recursive: true, force: true })
    rmSync(`${dist}.old`, { recursive: true, force: true })
  }
}
