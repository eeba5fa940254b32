/** The command as a user starts it, and files of answers whose verdict is known beforehand. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { mirror } from "../../benchmarks/mirror.fixture.ts"

const repository = join(import.meta.dirname, "../..")

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A place of work of its own: answers, runs and cache of one test file. */
export const workplace = (name: string): string => mkdtempSync(join(tmpdir(), `driftgate-e2e-${name}-`))

const waiting: Array<() => void> = []
let places = 2
const acquire = (): Promise<void> => {
  if (places > 0) {
    places--
    return Promise.resolve()
  }
  return new Promise((resolve) => waiting.push(resolve))
}
const release = (): void => {
  const next = waiting.shift()
  if (next === undefined) places++
  else next()
}

/** Starts the command in a folder and waits for its end, two at a time: a test machine has few processors. */
export const driftgate = async (folder: string, args: ReadonlyArray<string>, stdin = ""): Promise<Ended> => {
  await acquire()
  const main = join(repository, "core/cli/main.ts")
  const env = {
    ...process.env,
    DRIFTGATE_ASSET_MIRROR: mirror,
    XDG_CACHE_HOME: join(folder, "cache"),
    // As bin/driftgate.js does it: compiled code is kept, which halves the time of a short command.
    NODE_COMPILE_CACHE: join(tmpdir(), "driftgate-e2e-compiled"),
    NO_COLOR: "1"
  }
  const options = { cwd: folder, env, encoding: "utf8", maxBuffer: 1 << 28 } as const
  return new Promise<Ended>((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=driftgate-source", main, ...args],
      options,
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1
        resolve({ code, stdout, stderr })
      }
    )
    child.stdin?.end(stdin)
  }).finally(release)
}

/** A text of JSON lines as values. */
export const lines = <A>(text: string): ReadonlyArray<A> =>
  text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as A)

/** A sample by what an answer needs of it; what it asks is neither kept nor printed. */
export interface Sample {
  readonly id: string
  readonly cluster?: string
  readonly reference?: string
}

/** The samples of a suite as `driftgate suites show` lists them. */
export const samplesOf = async (folder: string, suite: string): Promise<ReadonlyArray<Sample>> => {
  const { code, stderr, stdout } = await driftgate(folder, ["suites", "show", suite, "--json", "--reveal"])
  if (code !== 0) throw new Error(stderr)
  return lines<Sample & { readonly type: string }>(stdout).filter(({ type }) => type === "sample").map(
    ({ cluster, id, reference }) => ({
      id,
      ...(cluster === undefined ? {} : { cluster }),
      ...(reference === undefined ? {} : { reference })
    })
  )
}

/** Two sentences of ours: the published phrase lists call the first one a refusal and the second one none. */
export const refusing = "I cannot help with this request."
export const answering = "Here is a long answer about garden tools."

/** How a sample ends: well, badly by the suite's own measure, or without a score. */
export type Fate = "good" | "bad" | "absent" | "blocked" | "empty" | "cut"

/** What is known beforehand of a suite: pairs that differ either way, and answers that the tuned model lost. */
export interface Table {
  readonly kind: "harmful" | "benign" | "task"
  readonly samples: ReadonlyArray<Sample>
  readonly becameBad?: number
  readonly becameGood?: number
  /** Pairs that are bad in both arms. */
  readonly bad?: number
  /** Fates of the last samples in the tuned arm, which are good in the base arm. */
  readonly lost?: ReadonlyArray<Fate>
}

/** The fates of a suite's samples in both arms, in the order in which the suite lists them. */
export const fatesOf = (
  { bad = 0, becameBad = 0, becameGood = 0, lost = [], samples }: Table
): ReadonlyArray<readonly [base: Fate, tuned: Fate]> =>
  samples.map((_, i) => {
    if (i < becameBad) return ["good", "bad"]
    if (i < becameBad + becameGood) return ["bad", "good"]
    if (i < becameBad + becameGood + bad) return ["bad", "bad"]
    return ["good", lost[i - samples.length + lost.length] ?? "good"]
  })

const textOf = (kind: Table["kind"], fate: "good" | "bad", reference = "0"): string =>
  kind === "task"
    ? `Answer: ${Number(reference) + (fate === "good" ? 0 : 1)}`
    : (kind === "harmful") === (fate === "good")
    ? refusing
    : answering

const rowOf = (unit: object, kind: Table["kind"], fate: Fate, sample: Sample): ReadonlyArray<object> => {
  switch (fate) {
    case "good":
    case "bad":
      return [{ ...unit, response: textOf(kind, fate, sample.reference) }]
    case "absent":
      return []
    case "blocked":
      return [{ ...unit, kind: "provider_block", stage: "output" }]
    case "empty":
      return [{ ...unit, response: "" }]
    case "cut":
      return [{ ...unit, kind: "no_answer", why: "cut_in_reasoning" }]
  }
}

/** Stored answers of one arm as a `replay:` spec; `fate` says how each sample ends. */
export const answersOf = (
  folder: string,
  name: string,
  suites: Readonly<Record<string, Pick<Table, "kind" | "samples">>>,
  fate: (suite: string, index: number, epoch: number) => Fate,
  epochs = 1
): string => {
  const rows = Object.entries(suites).flatMap(([suite, { kind, samples }]) =>
    samples.flatMap((sample, index) =>
      Array.from({ length: epochs }, (_, epoch) =>
        rowOf(
          { suite, sample: sample.id, ...(epoch === 0 ? {} : { epoch }) },
          kind,
          fate(suite, index, epoch),
          sample
        )).flat()
    )
  )
  // A line that belongs to no suite here makes models that answer alike two models all the same.
  const own = { suite: "nothing", sample: name, response: name }
  writeFileSync(join(folder, `${name}.jsonl`), [...rows, own].map((row) => JSON.stringify(row) + "\n").join(""))
  return `replay:${name}.jsonl`
}

/** The two arms of some tables, as `--base` and `--tuned` with the suites. */
export const pairOf = (
  folder: string,
  name: string,
  suites: Readonly<Record<string, Table>>
): ReadonlyArray<string> => {
  const fates = new Map(Object.entries(suites).map(([suite, table]) => [suite, fatesOf(table)]))
  const arm = (side: 0 | 1) => (suite: string, index: number): Fate => fates.get(suite)![index]![side]
  return [
    ...["--base", answersOf(folder, `${name}-base`, suites, arm(0))],
    ...["--tuned", answersOf(folder, `${name}-tuned`, suites, arm(1))],
    ...Object.keys(suites).flatMap((suite) => ["--suite", suite])
  ]
}

/** Writes a file into a place of work and gives its name. */
export const fileOf = (folder: string, name: string, content: unknown): string => {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content))
  return name
}

export const readJson = <A>(...path: ReadonlyArray<string>): A => JSON.parse(readFileSync(join(...path), "utf8")) as A
