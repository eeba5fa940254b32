import { TargetError } from "driftgate/plugin"
import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"

/** The exact release that the install line names and that the tests ran with. */
export const testedVersion = "3.22.1"

/** What of node-llama-cpp this target uses; declared here because the package is an optional peer. */
export interface Binding {
  readonly getLlama: (options: Readonly<Record<string, unknown>>) => Promise<Llama>
  readonly LlamaLogLevel: { readonly error: string }
  readonly GgufFileType?: Readonly<Record<number, string>>
}

export interface Llama {
  readonly loadModel: (options: Readonly<Record<string, unknown>>) => Promise<LlamaModel>
  readonly llamaCppRelease: { readonly release: string }
  readonly systemInfo: string
  readonly dispose: () => Promise<void>
}

export interface LlamaModel {
  readonly fileInfo: {
    readonly metadata: {
      readonly general?: { readonly architecture?: string; readonly file_type?: number }
      readonly tokenizer?: {
        readonly chat_template?: unknown
        readonly ggml?: { readonly tokens?: ReadonlyArray<string>; readonly token_type?: ReadonlyArray<number> }
      }
    }
  }
  readonly tokens: {
    readonly bos: number | null
    readonly bosString: string | null
    readonly eosString: string | null
    readonly shouldPrependBosToken: boolean
  }
  readonly trainContextSize: number
  readonly flashAttentionSupported: boolean
  readonly tokenize: (text: string, special?: boolean) => ReadonlyArray<number>
  readonly detokenize: (
    tokens: ReadonlyArray<number>,
    special?: boolean,
    lastTokens?: ReadonlyArray<number>
  ) => string
  readonly isSpecialToken: (token: number) => boolean
  readonly isEogToken: (token: number) => boolean
  readonly getTokenAttributes: (token: number) => { readonly lstrip: boolean; readonly rstrip: boolean }
  readonly createContext: (options: Readonly<Record<string, unknown>>) => Promise<LlamaContext>
  readonly dispose: () => Promise<void>
}

export interface LlamaContext {
  readonly getSequence: (options: Readonly<Record<string, unknown>>) => LlamaSequence
  readonly dispose: () => Promise<void>
}

/** Where logits are asked for, and which. */
export type ControlledItem =
  | number
  | readonly [token: number, options: {
    readonly generateNext: {
      readonly totalLogitWeight: true
      readonly logits: { readonly filter: { readonly tokens: ReadonlyArray<number>; readonly includeTop: number } }
      readonly options: { readonly temperature: 0 }
    }
  }]

export interface ControlledOutput {
  readonly next: { readonly logits?: ReadonlyMap<number, number>; readonly totalLogitWeight?: number }
}

export interface LlamaSequence {
  readonly nextTokenIndex: number
  readonly needsCheckpoints: boolean
  readonly clearHistory: () => Promise<void>
  readonly eraseContextTokenRanges: (
    ranges: ReadonlyArray<{ readonly start: number; readonly end: number }>
  ) => Promise<void>
  readonly evaluateWithoutGeneratingNewTokens: (tokens: ReadonlyArray<number>) => Promise<void>
  readonly evaluateWithMetadata: (
    tokens: ReadonlyArray<number>,
    metadata: Readonly<Record<string, never>>,
    options: Readonly<Record<string, unknown>>
  ) => AsyncGenerator<{ readonly token: number }, void>
  readonly controlledEvaluate: (
    input: ReadonlyArray<ControlledItem>
  ) => Promise<ReadonlyArray<ControlledOutput | undefined>>
}

/** The binding and the release of the package that it came from. */
export interface FoundBinding {
  readonly binding: Binding
  readonly version: string
}

/** Where the package is looked for. */
export interface Places {
  /** A file URL beside which driftgate's own packages lie. */
  readonly beside: string
  readonly workingDirectory: string
  /** `DRIFTGATE_NODE_LLAMA_CPP`: a folder with `node_modules`, or the package itself. */
  readonly folder: string | undefined
}

interface Package {
  readonly folder: string
  readonly version: string
  readonly entry: string
}

const readPackage = (manifest: string): Package | undefined => {
  const { exports, name, version } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly name?: string
    readonly version?: string
    readonly exports?: Readonly<Record<string, { readonly import?: string } | undefined>>
  }
  const entry = exports?.["."]?.import
  return name !== "node-llama-cpp" || version === undefined || entry === undefined
    ? undefined
    : { folder: dirname(manifest), version, entry }
}

/** The package of a manifest; undefined where there is none, or one that an installation which was cut off left. */
const packageAt = (manifestOf: () => string | undefined): Package | undefined => {
  try {
    const manifest = manifestOf()
    return manifest === undefined ? undefined : readPackage(manifest)
  } catch {
    // Node throws where no package of that name can be found, and for text that is no JSON.
    return undefined
  }
}

const packageFrom = (base: string): Package | undefined => packageAt(() => findPackageJSON("node-llama-cpp", base))

const packageIn = (folder: string): Package | undefined =>
  packageAt(() => join(folder, "package.json")) ?? packageFrom(pathToFileURL(`${folder}/`).href)

const platformNames: Readonly<Record<string, string>> = { darwin: "mac", win32: "win", linux: "linux" }
const cpuPackages: ReadonlySet<string> = new Set([
  "linux-x64",
  "linux-arm64",
  "linux-riscv64",
  "mac-x64",
  "win-x64",
  "win-arm64"
])

/**
 * The lines that install node-llama-cpp into a folder of its own and name it.
 *
 * Its own folder, because `--omit=optional`, which keeps 800 MB of GPU binaries away, would take optional packages of
 * the project away as well.
 */
export const installLines = (platform: string = process.platform, arch: string = process.arch): string => {
  const slim = `${platformNames[platform] ?? platform}-${arch}`
  const folder = platform === "win32" ? "%LOCALAPPDATA%\\driftgate-llama" : "$HOME/.driftgate-llama"
  const packages = cpuPackages.has(slim)
    ? `--omit=optional node-llama-cpp@${testedVersion} @node-llama-cpp/${slim}@${testedVersion}`
    : `node-llama-cpp@${testedVersion}`
  const name = platform === "win32" ? "set DRIFTGATE_NODE_LLAMA_CPP=" : "export DRIFTGATE_NODE_LLAMA_CPP="
  return `npm install --prefix "${folder}" --ignore-scripts ${packages}\n  ${name}${
    platform === "win32" ? folder : `"${folder}"`
  }`
}

/** Whether a release fulfils the peer range ^3.22.1. */
const fits = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split("-")[0]!.split(".").map(Number)
  return major === 3 && (minor > 22 || (minor === 22 && patch >= 1))
}

/**
 * Imports node-llama-cpp from where it is found first: the folder that the environment names, beside driftgate, the
 * working directory. Throws a `TargetError` engine_dead with the install lines.
 */
export const findBinding = async (places: Places): Promise<FoundBinding> => {
  const { beside, folder, workingDirectory } = places
  const named = folder === undefined || folder === "" ? undefined : packageIn(resolve(workingDirectory, folder))
  if (named === undefined && folder !== undefined && folder !== "") {
    throw new TargetError(
      "engine_dead",
      `DRIFTGATE_NODE_LLAMA_CPP names ${folder}, and no node-llama-cpp is there. Install it:\n  ${installLines()}`
    )
  }
  const found = named ?? packageFrom(beside) ?? packageFrom(pathToFileURL(`${workingDirectory}/`).href)
  if (found === undefined) {
    throw new TargetError(
      "engine_dead",
      `node-llama-cpp is needed to run GGUF files and is not installed. Install it, about 85 MB:\n  ${installLines()}`
    )
  }
  if (!fits(found.version)) {
    throw new TargetError(
      "engine_dead",
      `node-llama-cpp ${found.version} in ${found.folder} does not fit ^${testedVersion}:\n  ${installLines()}`
    )
  }
  const binding = await import(pathToFileURL(join(found.folder, found.entry)).href) as Binding
  return { binding, version: found.version }
}
