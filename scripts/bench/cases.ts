import { spawnSync } from "node:child_process"
import path from "node:path"
import {
  bareLoop,
  type Bench,
  bytesPerSample,
  command,
  freshOut,
  type PerSample,
  perSample,
  type Row,
  run,
  type RunOptions,
  samplesOf,
  startRun,
  writeReplay
} from "./bench.ts"
import { median, start, type Usage } from "./measured.ts"

/** One of the things that are measured; gives its lines of the table. */
export type Case = (bench: Bench) => Promise<ReadonlyArray<Row>>

const [short, long] = [1, 14]
const times = ({ quick }: Bench): number => quick ? 1 : 3

const repeated = async <A>(count: number, once: (round: number) => Promise<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for (let round = 0; round < count; round++) all.push(await once(round))
  return all
}

/** A short and a long run, one after the other, `times` over. */
const pairs = (bench: Bench, runOf: (k: number) => Promise<Usage>) =>
  repeated(times(bench), async () => ({ short: await runOf(short), long: await runOf(long) }))

const milliseconds = ({ more, whole }: PerSample): string => `${more.toFixed(2)} ms (whole run ${whole.toFixed(2)})`
const perSampleRow = (what: string, limit: number, ours: PerSample, bare?: PerSample): Row => ({
  what: `CPU of a ${what} sample`,
  figure: milliseconds(ours),
  ...(bare === undefined ? {} : { bare: milliseconds(bare) }),
  target: `at most ${limit} ms`,
  met: ours.more <= limit
})

const figuresOf = async (bench: Bench, options: (k: number) => Omit<RunOptions, "k">): Promise<PerSample> =>
  perSample(await pairs(bench, (k) => run(bench, { k, ...options(k) })), samplesOf(short), samplesOf(long))

const live: Case = async (bench) => {
  await bench.server.setLatency(50)
  const loops = await pairs(bench, (k) => bareLoop(bench, samplesOf(k), 64))
  const bare = perSample(loops, samplesOf(short), samplesOf(long))
  const ours = await figuresOf(bench, () => ({ out: freshOut(bench) }))
  return [perSampleRow("live", 0.5, ours, bare)]
}

/** Samples whose answers are there already: in the response cache, and in a file. */
const known: Case = async (bench) => {
  await bench.server.setLatency(0)
  const files = new Map<number, string>()
  let bytes = 0
  for (const k of [short, long]) {
    const out = freshOut(bench)
    const file = path.join(bench.measuring.folder, `answers-${k}.jsonl`)
    await run(bench, { k, out, flags: ["--cache-remote"] })
    writeReplay(out, file)
    files.set(k, file)
    bytes = bytesPerSample(out, samplesOf(k))
  }
  const cached = await figuresOf(bench, () => ({ out: freshOut(bench), flags: ["--cache-remote"] }))
  const replayed = await figuresOf(bench, (k) => ({ out: freshOut(bench), target: `replay:${files.get(k)}` }))
  return [
    perSampleRow("cached", 0.2, cached),
    perSampleRow("replayed", 0.2, replayed),
    { what: "disk a sample", figure: `${(bytes / 1000).toFixed(2)} kB`, target: "", met: true }
  ]
}

const inFlight: Case = async (bench) => {
  const latency = 200
  await bench.server.setLatency(latency)
  const mean = async (asking: () => Promise<Usage>): Promise<number> => {
    await bench.server.reset()
    await asking()
    const { requests, spanMs } = await bench.server.stats()
    return requests * latency / spanMs
  }
  const flags = ["--concurrency", "512"]
  const rounds = await repeated(times(bench), async () => ({
    bare: await mean(() => bareLoop(bench, samplesOf(long), 512)),
    ours: await mean(() => run(bench, { k: long, out: freshOut(bench), flags }))
  }))
  const bare = median(rounds.map((round) => round.bare))
  const ours = median(rounds.map((round) => round.ours))
  return [{
    what: "mean in flight, 512 allowed, 200 ms",
    figure: ours.toFixed(0),
    bare: bare.toFixed(0),
    target: "at least the bare loop's",
    met: ours >= bare
  }]
}

const firstRequest: Case = async (bench) => {
  const k = 512
  const rounds = await repeated(times(bench), async () => {
    await bench.server.setLatency(20)
    await bench.server.reset()
    const began = performance.now()
    const started = startRun(bench, { k, out: freshOut(bench) })
    while ((await bench.server.stats()).requests === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const millis = performance.now() - began
    started.interrupt()
    return { millis, usage: await started.usage }
  })
  const seconds = median(rounds.map(({ millis }) => millis)) / 1000
  const cpu = median(rounds.map(({ usage }) => usage.cpuMs)) / 1000
  return [{
    what: `first request with ${samplesOf(k)} planned`,
    figure: `${seconds.toFixed(2)} s (CPU of the process ${cpu.toFixed(2)} s)`,
    target: "within 2 s",
    met: seconds <= 2
  }]
}

const memory: Case = async (bench) => {
  await bench.server.setLatency(5)
  const [few, many] = [6, bench.quick ? 64 : 512]
  const small = await run(bench, { k: few, out: freshOut(bench), flags: ["--limit", "2000"] })
  const large = await run(bench, { k: many, out: freshOut(bench) })
  const more = large.peakMiB - small.peakMiB
  return [{
    what: `peak memory for ${samplesOf(many)} samples`,
    figure: `${large.peakMiB.toFixed(0)} MiB, ${more.toFixed(0)} more than for 2000`,
    target: "at most 100 MiB more",
    met: more <= 100
  }, {
    what: `CPU of a sample in that run`,
    figure: `${(large.cpuMs / samplesOf(many)).toFixed(2)} ms (whole run, ${(large.wallMs / 1000).toFixed(0)} s)`,
    target: "",
    met: true
  }]
}

/** A Node on the path that is too old to run the command itself, so that the launcher hands over. */
const oldNode = (): string | undefined =>
  (process.env.PATH ?? "").split(path.delimiter).map((folder) => path.join(folder, "node")).find((node) => {
    const major = Number(spawnSync(node, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" }).stdout)
    return major >= 20 && major < 22
  })

const startUp: Case = async (bench) => {
  const launcher = command(bench).at(-1)!
  const old = oldNode()
  const ways: ReadonlyArray<readonly [name: string, begin: ReadonlyArray<string>, limit: number | undefined]> = [
    ["as installed", command(bench), 0.3],
    ...(old === undefined ? [] : [["from Node 20", [old, launcher], undefined] as const])
  ]
  const rows: Array<Row> = []
  for (const [name, begin, limit] of ways) {
    for (const args of [["--help"], ["suites", "list"]]) {
      const rounds = await repeated(bench.quick ? 3 : 7, () => start(bench.measuring, [...begin, ...args]).usage)
      const seconds = median(rounds.map(({ wallMs }) => wallMs)) / 1000
      const cpu = median(rounds.map(({ cpuMs }) => cpuMs)) / 1000
      rows.push({
        what: `\`${args.join(" ")}\`, ${name}`,
        figure: `${seconds.toFixed(2)} s (CPU ${cpu.toFixed(2)} s)`,
        target: limit === undefined ? "" : `within ${limit} s`,
        met: limit === undefined || seconds <= limit
      })
    }
  }
  return rows
}

/** Cases by the names that `npm run bench -- NAME...` takes, in the order in which they are measured. */
export const cases: Readonly<Record<string, Case>> = {
  start: startUp,
  live,
  known,
  "in-flight": inFlight,
  first: firstRequest,
  memory
}
