import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import type { Ended } from "./driftgate.ts"

const root = resolve(import.meta.dirname, "..", "..")

export interface TrainerOptions {
  readonly interpreter: string
  /** A module that starts the script, and its flags, such as torch.distributed.run. */
  readonly launcher?: ReadonlyArray<string>
  readonly script: string
  readonly args: ReadonlyArray<string>
  /** Settings of the callback, without `DRIFTGATE_`. */
  readonly settings: Readonly<Record<string, string>>
  /** What happens when the trainer prints `at NAME` and waits: it goes on afterwards. */
  readonly at?: Readonly<Record<string, () => Promise<void> | void>>
}

/** Runs a Python training script with the package's sources to its end. */
export const train = (
  { args, at = {}, interpreter, launcher = [], script, settings }: TrainerOptions
): Promise<Ended> =>
  new Promise((done, fail) => {
    const began = performance.now()
    const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`DRIFTGATE_${name}`, value]))
    const paths = ["python/src", "python/tests", "examples/trl-grpo"].map((folder) => join(root, folder))
    const child = spawn(interpreter, [...launcher, join(root, script), ...args], {
      env: {
        PATH: process.env.PATH ?? "",
        HOME: process.env.HOME ?? "/",
        PYTHONPATH: paths.join(":"),
        PYTHONDONTWRITEBYTECODE: "1",
        PYTHONUNBUFFERED: "1",
        HF_HUB_OFFLINE: "1",
        OMP_NUM_THREADS: "1",
        TOKENIZERS_PARALLELISM: "false",
        ...given
      },
      stdio: ["pipe", "pipe", "pipe"]
    })
    const end = () => void child.kill("SIGKILL")
    process.once("exit", end)
    let stdout = ""
    let stderr = ""
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout += `${line}\n`
      const name = /^at (\S+)$/.exec(line)?.[1]
      if (name === undefined) return
      Promise.resolve(at[name]?.()).then(() => child.stdin.write("\n"), (error: unknown) => {
        end()
        fail(error)
      })
    })
    child.stderr.on("data", (bytes: Buffer) => void (stderr = (stderr + bytes.toString()).slice(-20_000)))
    child.once("error", fail)
    child.once("close", (code) => {
      process.off("exit", end)
      done({ code, stdout, stderr, seconds: (performance.now() - began) / 1000 })
    })
  })

/** What the callback recorded of a step; only the fields that checks read. */
export const recordOf = async (out: string, step: number) =>
  JSON.parse(await readFile(join(out, "driftgate", `step-${step}.json`), "utf8")) as {
    readonly verdict: string | null
    readonly accepted?: boolean
    readonly reasons?: ReadonlyArray<string>
  }
