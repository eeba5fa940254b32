import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { assetFolders } from "../../assets/folders.ts"
import { exitCodes, isProblem } from "../../domain/problem.ts"
import { demoTarget } from "../../evaluate/demo.ts"
import { Installation } from "../../evaluate/installation.ts"
import { hostLayer } from "../../evaluate/layers.ts"
import { openTargets } from "../../evaluate/targets.ts"
import { engines } from "../../target/engine.ts"
import { type EngineState, survey } from "../../target/engine/survey.ts"
import { Ended } from "../ended.ts"
import { Output } from "../output.ts"
import { columns } from "../print/columns.ts"

/** Whether the embedded engine runs the checkpoint that comes along: why not, or undefined. */
const embeddedFault = Effect.gen(function*() {
  const spec = yield* demoTarget("base")
  yield* Effect.scoped(openTargets([{ name: "demo", spec }], 0)).pipe(Effect.provide(hostLayer()))
  return undefined
}).pipe(Effect.catch((error: unknown) => Effect.succeed(isProblem(error) ? error.message : String(error))))

const embedded = (fault: string | undefined, version: string): EngineState => ({
  name: "embedded",
  state: fault === undefined ? "here" : "incomplete",
  version,
  where: "driftgate",
  can: [
    "token ids",
    "log-probabilities of given tokens",
    "whole distributions",
    "LoRA at its start",
    "batch invariant"
  ],
  use: "checkpoint:DIR[+ADAPTER]",
  install: fault
})

/** The nearest folder above a path that exists. */
const existing = (path: string): string => (existsSync(path) ? path : existing(dirname(path)))

const freeBytes = (path: string) =>
  Effect.promise(() => statfs(existing(path)).then(({ bavail, bsize }) => bavail * bsize, () => undefined))

const gib = (bytes: number | undefined): string =>
  bytes === undefined ? "unknown" : `${(bytes / 2 ** 30).toFixed(1)} GiB`

const variable = (name: string) => Config.String(name).pipe(Config.withDefault(""), Effect.orElseSucceed(() => ""))

// What the survey reads of the environment.
const variables = ["DRIFTGATE_PYTHON", "VIRTUAL_ENV", "DRIFTGATE_NODE_LLAMA_CPP"]

/** `driftgate doctor`: exit 0 when the engine that comes with driftgate works, 69 otherwise. */
export const work = Effect.fn("cli.doctor")(
  function*(input: { readonly json: boolean; readonly python: ReadonlyArray<string> }) {
    const output = Output.make(input.json)
    const { version } = yield* Installation
    const values = yield* Effect.forEach(variables, variable)
    const environment = Object.fromEntries(
      variables.flatMap((name, at) => (values[at] === "" ? [] : [[name, values[at]!]]))
    )
    const found = yield* Effect.promise(() =>
      survey(Object.values(engines), { named: input.python, environment, folder: resolve() })
    )
    const fault = yield* embeddedFault
    const states = [embedded(fault, version), ...found.engines]
    for (const state of states) yield* output.record({ type: "engine", ...state })
    const rows = states.map(({ can, name, state, version, where }) => [
      name,
      state,
      version ?? "",
      where === undefined ? "" : where,
      can.join(", ")
    ])
    for (const line of columns([["engine", "state", "version", "where", "can"], ...rows])) yield* output.line(line)
    yield* output.line("")
    for (const { install, name, state, use } of states) {
      if (state === "here") yield* output.line(`${name}: name it as ${use}`)
      else yield* output.line(`${name} is ${state}: ${install ?? "no way to install it is known"}`)
    }
    yield* output.line("")
    for (const { distributions, path, version } of found.interpreters) {
      yield* output.record({ type: "python", path, version, packages: Object.fromEntries(distributions) })
      const packages = [...distributions].map(([name, one]) => `${name} ${one}`).join(", ")
      yield* output.line(`python ${version} at ${path}: ${packages === "" ? "none of the packages above" : packages}`)
    }
    if (found.gpus.length === 0) yield* output.line("GPU: none that nvidia-smi tells of; engines run on the processor")
    for (const gpu of found.gpus) {
      yield* output.record({ type: "gpu", ...gpu })
      const { capability, driver, free, index, memory, name } = gpu
      yield* output.line(
        `GPU ${index}: ${name}, ${free} of ${memory} MiB free, driver ${driver}, compute capability ${capability}`
      )
    }
    const { cache, mirror } = yield* assetFolders
    const here = resolve()
    const [cacheFree, free] = [yield* freeBytes(cache), yield* freeBytes(here)]
    const mirrorState = mirror === undefined ? "not set" : existsSync(mirror) ? "there" : "missing"
    yield* output.record({ type: "disk", folder: here, free, cache, cacheFree, mirror, mirrorState })
    yield* output.line(`cache: ${cache}, ${gib(cacheFree)} free`)
    yield* output.line(`mirror of pinned files: ${mirror === undefined ? "not set" : `${mirror} (${mirrorState})`}`)
    yield* output.line(`working folder: ${gib(free)} free`)
    yield* output.record({ type: "doctor", works: fault === undefined })
    if (fault !== undefined) return yield* new Ended({ code: exitCodes.UnavailableProblem })
  }
)
