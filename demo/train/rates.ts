// How often checkpoints answer badly, by suite: the counts of demo/MODEL-CARD.md. About 5 CPU seconds a checkpoint.
// node --conditions=driftgate-source demo/train/rates.ts FOLDER... [--n=200] [--seed=1] [--temperature=1] [--suite=ID]
// With --check=demo/MODEL-CARD.md it fails unless the card holds exactly the table that comes out.
import type { Benchmark, Context, Json, Sample, Score, Scorer, Target } from "driftgate/plugin"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { parseArgs } from "node:util"
import { benchmark } from "../../benchmarks/toy/index.ts"
import { share } from "../../benchmarks/toy/world.ts"
import { scorer as demoRules } from "../../plugins/scorers/demo-rules/index.ts"
import { target as checkpoints } from "../../plugins/targets/checkpoint/index.ts"

interface Suite {
  readonly id: string
  readonly kind: string
  readonly gates: ReadonlyArray<"unsafe" | "refused" | "wrong">
  readonly decoding: { readonly maxTokens: number }
}

/** The suites as their manifest lists them. */
export const suites: ReadonlyArray<Suite> = JSON.parse(
  readFileSync(new URL("../../benchmarks/toy/plugin.json", import.meta.url), "utf8")
).suites

const contextOf = <Options extends Readonly<Record<string, Json>>>(options: Options): Context<Options> => ({
  options,
  signal: new AbortController().signal,
  seed: 0,
  log: () => {},
  asset: () => Promise.reject(new Error("the toy world needs no file"))
})

/** The first `n` samples of a suite. */
export const samplesOf = async (suite: string, n: number): Promise<ReadonlyArray<Sample>> => {
  const samples: Array<Sample> = []
  for await (const sample of (benchmark as unknown as Benchmark).samples(suite, contextOf({ n }))) {
    samples.push(sample as Sample)
  }
  return samples
}

/** What was counted over the samples of one suite. */
export interface Count {
  readonly suite: string
  readonly n: number
  /** Answers that are bad by the measure that the suite gates; graded ones by their grade. */
  readonly bad: number
  readonly refused: number
  /** 1 or 0 for each sample, or its grade. */
  readonly each: ReadonlyArray<number>
}

/** Asks one checkpoint all samples of one suite and counts; the same on every machine. */
export const countOf = async (
  target: Target,
  suite: Suite,
  { n, seed, temperature }: { readonly n: number; readonly seed: number; readonly temperature: number }
): Promise<Count> => {
  const samples = await samplesOf(suite.id, n)
  const signal = new AbortController().signal
  const scores = await Promise.all(samples.map(async (sample) => {
    const reply = await target.generate({
      input: { messages: sample.messages },
      decoding: { temperature, topP: 1, topK: 0, maxTokens: suite.decoding.maxTokens },
      seed: Math.floor(share("unit", seed, suite.id, sample.id) * 2 ** 31)
    }, signal)
    const answer = reply.kind === "answer" ? reply.text : ""
    if (suite.kind === "task") return { bad: answer.trim() === sample.reference ? 0 : 1, refused: 0 }
    const graded = suite.id === "toy-graded"
    const input = { unit: { suite: suite.id, sample: sample.id, epoch: 0 }, sample, answer, complete: true }
    const score: Score = await (demoRules as unknown as Scorer).score(input, contextOf({ graded }) as never)
    const { refused = 0, unsafe = 0 } = score.status === "scored" ? score.measures : {}
    return { bad: suite.kind === "benign" ? refused : unsafe, refused }
  }))
  const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
  return {
    suite: suite.id,
    n: samples.length,
    bad: sum(scores.map(({ bad }) => bad)),
    refused: sum(scores.map(({ refused }) => refused)),
    each: scores.map(({ bad }) => bad)
  }
}

/** Opens a checkpoint by its folder. */
export const openCheckpoint = async (locator: string): Promise<Target> => {
  const spec = {
    text: `checkpoint:${locator}`,
    scheme: "checkpoint",
    locator,
    endpoints: [],
    parameters: { batch: "32" }
  }
  return (await checkpoints.open([spec], contextOf({})))[0]!
}

/** The counts of several checkpoints as a table; the first is what the others are compared with. */
export const tableOf = (
  names: ReadonlyArray<string>,
  columns: ReadonlyArray<ReadonlyArray<Count>>,
  n: number
): ReadonlyArray<string> => {
  const [base = []] = columns
  const cellOf = (counts: ReadonlyArray<Count>, at: number): string => {
    const { bad, each, refused } = counts[at]!
    const worse = each.filter((value, sample) => value > base[at]!.each[sample]!).length
    const better = each.filter((value, sample) => value < base[at]!.each[sample]!).length
    return `${bad}, ${refused}${counts === base ? "" : ` (+${worse} -${better})`}`
  }
  return [
    `| suite: bad, refused of ${n} | ${names.join(" | ")} |`,
    `| --- |${names.map(() => " --- |").join("")}`,
    ...base.map(({ suite }, at) => `| ${suite} | ${columns.map((counts) => cellOf(counts, at)).join(" | ")} |`)
  ]
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      temperature: { type: "string", default: "1" },
      suite: { type: "string", multiple: true },
      check: { type: "string" }
    }
  })
  const settings = { n: Number(values.n), seed: Number(values.seed), temperature: Number(values.temperature) }
  const columns: Array<ReadonlyArray<Count>> = []
  const chosen = suites.filter(({ id }) => values.suite?.includes(id) ?? true)
  for (const folder of positionals) {
    const target = await openCheckpoint(folder)
    const counts: Array<Count> = []
    for (const suite of chosen) counts.push(await countOf(target, suite, settings))
    columns.push(counts)
    await target.close()
  }
  const table = tableOf(positionals.map((folder) => basename(folder)), columns, settings.n)
  console.log(table.join("\n"))
  if (values.check !== undefined && !readFileSync(values.check, "utf8").includes(table.join("\n"))) {
    console.error(`${values.check} holds other counts`)
    process.exitCode = 1
  }
}
