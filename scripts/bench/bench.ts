import { globSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { type Measuring, median, start, type Started, type Usage } from "./measured.ts"
import type { Server } from "./server.ts"

/** What the cases work with. */
export interface Bench {
  readonly root: string
  readonly measuring: Measuring
  readonly server: Server
  readonly quick: boolean
}

/** A line of the table. */
export interface Row {
  readonly what: string
  readonly figure: string
  /** The same of a client that does the least, where there is one. */
  readonly bare?: string
  readonly target: string
  readonly met: boolean
}

/** The command as it is installed, on the Node that the project brings. */
export const command = (
  { root }: Bench
): ReadonlyArray<string> => [process.execPath, path.join(root, "bin/driftgate.js")]

/** Samples of `in-the-wild`: 390 questions, each in `k` prompts. */
export const samplesOf = (k: number): number => 390 * k

export interface RunOptions {
  readonly k: number
  readonly out: string
  /** @default the server */
  readonly target?: string
  readonly flags?: ReadonlyArray<string>
}

/** `driftgate run` over one suite that a list of phrases scores, so that no judge is asked. */
export const startRun = (bench: Bench, { flags = [], k, out, target }: RunOptions): Started =>
  start(bench.measuring, [
    ...command(bench),
    "run",
    `--target=${target ?? `openai:mock@http://127.0.0.1:${bench.server.port}/v1`}`,
    `--suite=in-the-wild?k=${k}`,
    "--scorer=in-the-wild=phrases",
    `--out=${out}`,
    ...flags
  ])

export const run = (bench: Bench, options: RunOptions): Promise<Usage> => startRun(bench, options).usage

export const bareLoop = ({ measuring, root, server }: Bench, requests: number, inFlight: number): Promise<Usage> =>
  start(measuring, [
    process.execPath,
    path.join(root, "scripts/bench/bare-loop.mjs"),
    ...[server.port, requests, inFlight].map(String)
  ]).usage

let folders = 0

/** A folder that no run has had. */
export const freshOut = ({ measuring }: Bench): string => path.join(measuring.folder, `out-${++folders}`)

const journalOf = (out: string): string => globSync(path.join(out, "runs/*/journal.ndjson"))[0] ?? ""

/** Bytes that a run has written for each sample, plan and journal together. */
export const bytesPerSample = (out: string, samples: number): number =>
  globSync(path.join(out, "runs/*/*")).reduce((sum, file) => sum + readFileSync(file).length, 0) / samples

/** Writes the answers of a finished run as a file for `replay:`. */
export const writeReplay = (out: string, file: string): void => {
  const records = readFileSync(journalOf(out), "utf8").split("\n").filter((line) =>
    line.startsWith("{\"type\":\"generation\"")
  )
  const lines = records.map((line) => {
    const { generation, unit } = JSON.parse(line)
    return JSON.stringify({ ...unit, response: generation.text }) + "\n"
  })
  writeFileSync(file, lines.join(""))
}

/** Milliseconds of CPU: of one more sample, and of one with its share of starting and warming up. */
export interface PerSample {
  readonly more: number
  readonly whole: number
}

/** Medians over pairs of a short and a long run, whose difference leaves out what every run costs. */
export const perSample = (
  pairs: ReadonlyArray<{ readonly short: Usage; readonly long: Usage }>,
  shortSamples: number,
  longSamples: number
): PerSample => ({
  more: median(pairs.map(({ long, short }) => (long.cpuMs - short.cpuMs) / (longSamples - shortSamples))),
  whole: median(pairs.map(({ long }) => long.cpuMs / longSamples))
})
