import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { objectOf, textOf } from "../reply.ts"
import type { EngineAdapter } from "./adapter.ts"
import { type Gpu, readGpus } from "./cards.ts"
import { type Interpreter, interpreterPaths, readInterpreter } from "./python.ts"

/** Whether an engine can be used here, and how it comes here if not. */
export interface EngineState {
  readonly name: string
  readonly state: "here" | "incomplete" | "missing"
  readonly version: string | undefined
  /** The interpreter, folder or program that has it. */
  readonly where: string | undefined
  /** What it can do, in a few words each. */
  readonly can: ReadonlyArray<string>
  /** How a target names it. */
  readonly use: string
  /** The line that installs what is missing. */
  readonly install: string | undefined
}

/** What is on this machine to run models with. */
interface Survey {
  readonly engines: ReadonlyArray<EngineState>
  readonly interpreters: ReadonlyArray<Interpreter>
  readonly gpus: ReadonlyArray<Gpu>
}

const abilities = ({ capabilities }: EngineAdapter): ReadonlyArray<string> => [
  capabilities.tokenPrompts ? "token ids" : "text only",
  ...(capabilities.scoresGivenTokens ? ["log-probabilities of given tokens"] : ["no log-probabilities"]),
  capabilities.lora === "hot" ? "LoRA while it runs" : "LoRA at its start",
  ...(capabilities.weightSwap ? ["weights exchanged, proven by a probe"] : []),
  {
    always: "batch invariant",
    flag: "batch invariant on request (GPU)",
    none: "one at a time"
  }[capabilities.batchInvariance]
]

const ofPython = (adapter: EngineAdapter, interpreters: ReadonlyArray<Interpreter>): EngineState => {
  const use = `checkpoint:DIR[+ADAPTER]?engine=${adapter.name}`
  const having = interpreters.flatMap((interpreter) => {
    const name = adapter.packages.find((each) => interpreter.distributions.has(each))
    if (name === undefined) return []
    const missing = adapter.needs.filter((each) => !interpreter.distributions.has(each))
    return [{ interpreter, name, missing }]
  }).sort((a, b) => a.missing.length - b.missing.length)
  const [found] = having
  const can = abilities(adapter)
  if (found === undefined) {
    return {
      name: adapter.name,
      state: "missing",
      version: undefined,
      where: undefined,
      can,
      use,
      install: adapter.install
    }
  }
  const { interpreter: { distributions, path }, missing, name } = found
  return {
    name: adapter.name,
    state: missing.length === 0 ? "here" : "incomplete",
    version: `${name} ${distributions.get(name)}, torch ${distributions.get("torch") ?? "missing"}`,
    where: path,
    can,
    use,
    install: missing.length === 0 ? undefined : `${path} -m pip install ${missing.join(" ")}`
  }
}

/** The version in a manifest; undefined for one that can't be read, such as that of an installation which was cut off. */
const versionIn = (manifest: string): string | undefined => {
  try {
    return textOf(objectOf(JSON.parse(readFileSync(manifest, "utf8")))?.["version"])
  } catch {
    return undefined
  }
}

const nodeLlama = (environment: Readonly<Record<string, string | undefined>>, folder: string): EngineState => {
  const places = [environment["DRIFTGATE_NODE_LLAMA_CPP"], folder].filter((place) => place !== undefined)
  const file = places.map((place) => join(place, "node_modules", "node-llama-cpp", "package.json")).find(existsSync)
  const version = file === undefined ? undefined : versionIn(file)
  return {
    name: "node-llama-cpp",
    state: file === undefined ? "missing" : version === undefined ? "incomplete" : "here",
    version,
    where: file === undefined ? undefined : join(file, ".."),
    can: ["token ids", "log-probabilities of given tokens", "LoRA as GGUF", "one at a time"],
    use: "gguf:FILE.gguf[+ADAPTER.gguf]",
    install: version === undefined
      ? `npm install --omit=optional node-llama-cpp @node-llama-cpp/${process.platform}-${process.arch}`
      : undefined
  }
}

const llamaServer = (): Promise<EngineState> =>
  new Promise((resolve) => {
    execFile("llama-server", ["--version"], { timeout: 10_000, encoding: "utf8" }, (error, stdout, stderr) => {
      const here = error === null
      resolve({
        name: "llama-server",
        state: here ? "here" : "missing",
        version: here ? /version:\s*(\S+)/.exec(stdout + stderr)?.[1] ?? "unknown" : undefined,
        where: here ? "PATH" : undefined,
        can: ["answers only: driftgate does not start it"],
        use: "openai:NAME@http://127.0.0.1:8080/v1",
        install: here ? undefined : "build the target llama-server of llama.cpp"
      })
    })
  })

/** Looks at the machine; starts no engine and loads no model. `named`: interpreters to look at first. */
export const survey = async (
  adapters: ReadonlyArray<EngineAdapter>,
  where: {
    readonly named: ReadonlyArray<string>
    readonly environment: Readonly<Record<string, string | undefined>>
    readonly folder: string
  }
): Promise<Survey> => {
  const paths = interpreterPaths(where.named, where.environment, where.folder)
  const [read, gpus, server] = await Promise.all([
    Promise.all(paths.map(readInterpreter)),
    readGpus(),
    llamaServer()
  ])
  const interpreters = read.filter((each) => each !== undefined)
  return {
    interpreters,
    gpus,
    engines: [
      ...adapters.map((adapter) => ofPython(adapter, interpreters)),
      nodeLlama(where.environment, where.folder),
      server
    ]
  }
}
