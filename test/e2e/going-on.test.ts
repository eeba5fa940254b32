import {
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { existsSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { type FaultServer, type FaultServerOptions, startFaultServer } from "../fault-server/server.ts"
import {
  indexOf,
  journalOf,
  recordsOf,
  right,
  rows,
  runArgs,
  type Running,
  statesOf,
  type Workplace,
  workplace
} from "./command.fixture.ts"

const closing: Array<() => void | Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const placeWith = (n: number): Workplace => {
  const place = workplace("going-on")
  closing.push(place.remove)
  place.write("rows.jsonl", rows(n))
  return place
}
const serve = async (options: FaultServerOptions = {}): Promise<FaultServer> => {
  const server = await startFaultServer({ answer: right, ...options })
  closing.push(server.close)
  return server
}
/** Starts a command that the test ends at the latest. */
const begin = (place: Workplace, args: ReadonlyArray<string>): Running => {
  const running = place.start(args)
  closing.push(() => void running.child.kill("SIGKILL"))
  return running
}

/** Whole numbers that look random and are the same each time. Source: Park and Miller, 1988. */
const randoms = (seed: number) => () => (seed = (seed * 48_271) % 2_147_483_647)

const bytesIn = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
      const file = join(entry.parentPath, entry.name)
      return [file, readFileSync(file, "latin1")]
    })
  )

test("a command that is killed ten times at random points loses no unit, and asks again only what was not on disk", async () => {
  const planned = 240
  const concurrency = 8
  const place = placeWith(planned)
  const next = randoms(7)
  let victim: Running | undefined
  let requestsLeft = 0
  const asked: Array<string> = []
  const server = await serve({
    latencyMs: 10,
    faultFor: ({ prompt }) => {
      asked.push(`q${indexOf(prompt)}`)
      if (--requestsLeft === 0) victim?.child.kill("SIGKILL")
      return undefined
    }
  })
  const args = runArgs(server.url, ["--concurrency", String(concurrency)])
  const answered = () => new Set(place.runs().flatMap((run) => [...statesOf(run).keys()]))
  for (let kill = 0; kill < 10; kill++) {
    const before = kill === 0 ? new Set<string>() : answered()
    requestsLeft = 1 + next() % 24
    victim = begin(place, args)
    expect((await victim.ended).signal).toBe("SIGKILL")
    const again = asked.splice(0).filter((id) => before.has(id))
    expect(again).toEqual([])
  }
  const before = answered()
  victim = undefined
  expect((await place.driftgate(args)).code).toBe(0)
  expect(asked.filter((id) => before.has(id))).toEqual([])

  const [run, ...others] = place.runs()
  expect(others).toEqual([])
  const generations = journalOf(run!).filter(({ type }) => type === "generation")
  expect(generations.length).toBe(planned)
  expect([...statesOf(run!).values()].filter(({ outcome }) => outcome?.status === "scored").length).toBe(planned)
  // At each kill at most what was in flight, and what had come since the last write of the journal.
  expect(server.stats().requests).toBeLessThanOrEqual(planned + 10 * 3 * concurrency)
  const proof = await place.driftgate(["verify", run!, "--json"])
  expect(recordsOf(proof).at(-1)).toMatchObject({ planned, sessions: 11, faults: [], complete: true })
})

describe("two commands on one run", () => {
  test("the second says who holds it and changes nothing; when the first was killed, the next goes on", async () => {
    const place = placeWith(6)
    const begun = Promise.withResolvers<void>()
    let hangs = true
    const server = await serve({
      faultFor: () => {
        begun.resolve()
        return hangs ? "hang" : undefined
      }
    })
    const first = begin(place, runArgs(server.url))
    await begun.promise
    const [run] = place.runs()
    const { [join(run!, "journal.ndjson")]: _, ...before } = bytesIn(run!)
    const second = await place.driftgate(runArgs(server.url, ["--json"]))
    expect(second.code).toBe(69)
    expect(second.stderr).toContain(`process ${first.child.pid} on ${hostname()} has been writing this run since `)
    expect(recordsOf(second).at(-1)).toMatchObject({ type: "error", exitCode: 69 })
    expect(bytesIn(run!)).toMatchObject(before)
    expect(journalOf(run!).map(({ type }) => type)).toEqual(["session"])

    first.child.kill("SIGKILL")
    await first.ended
    expect(existsSync(join(place.runs()[0]!, "lock"))).toBe(true)
    hangs = false
    expect((await place.driftgate(runArgs(server.url))).code).toBe(0)
    expect(existsSync(join(place.runs()[0]!, "lock"))).toBe(false)
  })
})

describe("a command that is interrupted", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s finishes what is in flight, says how to go on, and goes on",
    async (signal) => {
      const place = placeWith(60)
      let running: Running | undefined
      let count = 0
      const server = await serve({
        latencyMs: 10,
        faultFor: () => {
          if (++count === 20) running?.child.kill(signal)
          return undefined
        }
      })
      const args = runArgs(server.url, ["--concurrency", "4"])
      running = begin(place, args)
      const ended = await running.ended
      expect(ended.code).toBe(130)
      expect(ended.stderr).toContain(`${signal}: finishing what is in flight; again to stop at once`)
      expect(ended.stderr).toContain(`not finished: stopped by ${signal}`)
      expect(ended.stderr).toContain("The same command asks only what is left.")
      const [run] = place.runs()
      expect(journalOf(run!).at(-1)).toMatchObject({ type: "close", state: "interrupted" })
      expect(existsSync(join(run!, "lock"))).toBe(false)
      const scored = [...statesOf(run!).values()].filter(({ outcome }) => outcome?.status === "scored").length
      expect(scored).toBe(server.stats().requests)

      running = undefined
      expect((await place.driftgate(args)).code).toBe(0)
      // Nothing was asked twice.
      expect(server.stats()).toMatchObject({ requests: 60, repeated: 0 })
    }
  )

  test("a second time ends at once, though the server hangs", async () => {
    const place = placeWith(6)
    const begun = Promise.withResolvers<void>()
    let hangs = true
    const server = await serve({
      faultFor: () => {
        begun.resolve()
        return hangs ? "hang" : undefined
      }
    })
    const running = begin(place, runArgs(server.url, ["--json"]))
    await begun.promise
    running.child.stderr?.on("data", (text: string) => {
      if (text.includes("again to stop at once")) running.child.kill("SIGINT")
    })
    running.child.kill("SIGINT")
    const ended = await running.ended
    expect(ended.code).toBe(130)
    expect(ended.stderr).toContain("stopped at once")
    expect(recordsOf(ended).at(-1)).toMatchObject({ type: "error", exitCode: 130 })
    hangs = false
    expect((await place.driftgate(runArgs(server.url))).code).toBe(0)
  })

  test("a second time ends at once, though a scorer never answers", async () => {
    const place = placeWith(3)
    place.write(
      "plugin.json",
      JSON.stringify({
        id: "sleeper",
        kind: "scorer",
        version: "1-A",
        contract: "^1.0.0",
        entry: "./index.js",
        measures: ["wrong"]
      })
    )
    place.write(
      "index.js",
      "export const scorer = { score: () => { console.error('asleep'); return new Promise(() => {}) } }\n"
    )
    place.write("package.json", "{\"type\":\"module\"}")
    const server = await serve()
    const args = runArgs(server.url, ["--plugin", ".", "--scorer", "things=sleeper"])
    const running = begin(place, args)
    let heard = ""
    let signals = 0
    running.child.stderr?.on("data", (text: string) => {
      heard += text
      // Every answer is there and waits for its score; then the command says how to stop at once.
      const due = Number(heard.split("asleep").length > 3) + Number(heard.includes("again to stop at once"))
      for (; signals < due; signals++) running.child.kill("SIGINT")
    })
    const ended = await running.ended
    expect(ended.code).toBe(130)
    // The answers are on disk and will be judged without being asked for again.
    const answers = journalOf(place.runs()[0]!).filter(({ type }) => type === "generation")
    expect(answers.length).toBe(server.stats().requests)
  })
})

describe("a journal", () => {
  const begunRun = async (n: number, asked: number) => {
    const place = placeWith(n)
    const server = await serve()
    const first = await place.driftgate(runArgs(server.url, ["--max-requests", String(asked), "--concurrency", "2"]))
    const [run] = place.runs()
    return { place, server, run: run!, journal: join(run!, "journal.ndjson"), first, args: runArgs(server.url) }
  }

  test("that a budget ended is incomplete, sent no more than it might, and goes on (peers 19)", async () => {
    const { args, first, place, run, server } = await begunRun(12, 5)
    expect(first.code).toBe(12)
    expect(first.stderr).toContain("not finished: 5 requests are spent")
    expect(first.stdout).toContain("7 skipped")
    expect(server.stats().requests).toBe(5)
    expect((await place.driftgate(["verify", run])).code).toBe(12)
    expect((await place.driftgate(args)).code).toBe(0)
    expect(server.stats()).toMatchObject({ requests: 12, repeated: 0 })
    expect((await place.driftgate(["verify", run])).code).toBe(0)
  })

  test("that is incomplete, judged again, is incomplete and not interrupted", async () => {
    const { place, run, server } = await begunRun(12, 5)
    const before = server.stats().requests
    const again = await place.driftgate([
      "rescore",
      run,
      "--scorer",
      "things=exact-match?mode=contains",
      "--out",
      "out"
    ])
    expect(again.code).toBe(12)
    expect(again.stdout).toContain("7 pending")
    expect(server.stats().requests).toBe(before)
  })

  test("on a full disk stops the run with the reason, and loses nothing that was written (peers 20)", async () => {
    const { args, journal, place, run, server } = await begunRun(12, 5)
    renameSync(journal, `${journal}.kept`)
    symlinkSync("/dev/full", journal)
    const full = await place.driftgate([...args, "--json"])
    expect(full.code).toBe(70)
    expect(full.stderr).toContain(journal)
    expect(full.stderr).toContain("ENOSPC")
    expect(full.stderr).toContain("run the same command again")
    expect(recordsOf(full).at(-1)).toMatchObject({ type: "error", exitCode: 70 })
    expect(lstatSync(journal).isSymbolicLink()).toBe(true)
    unlinkSync(journal)
    renameSync(`${journal}.kept`, journal)
    const before = server.stats().requests
    expect((await place.driftgate(args)).code).toBe(0)
    expect(server.stats().requests - before).toBe(7)
    expect((await place.driftgate(["verify", run])).code).toBe(0)
  })

  test.each([
    ["what is not JSON", "{\"type\":\"generation\",\"unit\""],
    ["a record that the schema does not know", "{\"type\":\"generation\"}"]
  ])("with %s in the middle is refused by its line, and left as it is", async (_, line) => {
    const { args, journal, place, run, server } = await begunRun(12, 5)
    const lines = readFileSync(journal, "utf8").split("\n")
    writeFileSync(journal, lines.with(4, line).join("\n"))
    const before = bytesIn(run)
    const requests = server.stats().requests
    for (const command of [args, ["verify", run]]) {
      const ended = await place.driftgate(command)
      expect(ended.code).toBe(13)
      expect(ended.stdout).toBe("")
      expect(ended.stderr).toContain(`${journal}: line 5 is not `)
      expect(ended.stderr).not.toContain("    at ")
    }
    expect(server.stats().requests).toBe(requests)
    expect({ ...bytesIn(run), [join(run, "environment.json")]: "" }).toEqual({
      ...before,
      [join(run, "environment.json")]: ""
    })
  })

  test("with a torn last line is gone on with, and what was torn is asked again", async () => {
    const { args, journal, place, run, server } = await begunRun(12, 5)
    const text = readFileSync(journal, "utf8")
    // Into the middle of the last answer; its score and the skipped units after it are lost as well.
    const last = text.lastIndexOf("{\"type\":\"generation\"")
    truncateSync(journal, Buffer.byteLength(text.slice(0, last)) + 40)
    expect((await place.driftgate(["verify", run])).code).toBe(12)
    expect((await place.driftgate(args)).code).toBe(0)
    expect(server.stats()).toMatchObject({ requests: 13, repeated: 1 })
    expect((await place.driftgate(["verify", run])).code).toBe(0)
  })

  test("whose plan was taken away is not read as the journal of a new one (peers 13)", async () => {
    const { args, journal, place, run } = await begunRun(12, 5)
    unlinkSync(join(run, "plan.json"))
    place.write("rows.jsonl", rows(12).replaceAll("seven", "twelve"))
    const before = readFileSync(journal, "utf8")
    const ended = await place.driftgate(args)
    expect(ended.code).toBe(13)
    expect(ended.stderr).toContain("line 1: written for another plan")
    expect(readFileSync(journal, "utf8")).toBe(before)
  })
})

describe("a run whose data changed", () => {
  test.each([
    [
      "a prompt",
      (text: string) => text.replace("thing 3 ", "thing three "),
      /suite things, items: stored "[0-9a-f]{64}", now "[0-9a-f]{64}"/
    ],
    [
      "the number of rows",
      (text: string) => text + rows(13).split("\n")[12] + "\n",
      /suite things, samples: stored 12, now 13/
    ]
  ])(
    "in %s is a plan mismatch that names the digest, and nothing is written over (peers 13, 21)",
    async (_, change, message) => {
      const place = placeWith(12)
      const server = await serve()
      expect((await place.driftgate(runArgs(server.url))).code).toBe(0)
      const before = bytesIn(join(place.folder, "out"))
      place.write("rows.jsonl", change(rows(12)))
      const ended = await place.driftgate(runArgs(server.url, ["--json"]))
      expect(ended.code).toBe(64)
      expect(ended.stderr).toMatch(/units: stored \{"count":12,"sha256":"[0-9a-f]{64}"\}, now /)
      expect(ended.stderr).toMatch(message)
      expect(ended.stderr).toContain("use another --out")
      expect(recordsOf(ended).at(-1)).toMatchObject({ type: "error", exitCode: 64 })
      expect(bytesIn(join(place.folder, "out"))).toEqual(before)
      expect(server.stats().requests).toBe(12)
    }
  )

  test("in nothing asks nothing again", async () => {
    const place = placeWith(12)
    const server = await serve()
    expect((await place.driftgate(runArgs(server.url))).code).toBe(0)
    const again = await place.driftgate(runArgs(server.url))
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(/^things +wrong +0\.0 .* 12 +12$/m)
    expect(server.stats().requests).toBe(12)
  })
})
