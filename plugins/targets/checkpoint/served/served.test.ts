import { isInputError } from "driftgate/plugin"
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, truncateSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterEach, describe, expect, it } from "vitest"
import { writeAdapter } from "../adapter.fixture.ts"
import { checkpoint, never, openOne } from "../reference.fixture.ts"
import { fakePython, isRunning } from "./fake-engine.fixture.ts"
import { ask, closeAll, errorOf, openFake, openOneFake, started } from "./served.fixture.ts"

// One engine is a second of processor time: the other faults and engines are in test/real.
afterEach(closeAll)

describe("an engine that runs as a process", () => {
  it.each(["vllm"])("answers and scores as the embedded engine does: %s", async (engine) => {
    const adapter = writeAdapter(checkpoint("base"))
    const { path } = fakePython()
    const { said, targets: [base, tuned] } = await openFake(path, [
      { more: { engine } },
      { adapter, more: { engine } }
    ])
    for (
      const [one, ours] of [
        [base!, await openOne(checkpoint("base"), { parameters: { dtype: "float32" } })],
        [tuned!, await openOne(checkpoint("base"), { adapter, parameters: { dtype: "float32" } })]
      ] as const
    ) {
      const [mine, theirs] = [await ask(one, 3), await ask(ours, 3)]
      expect(mine).toEqual(theirs)
      const given = { tokens: [...mine.promptTokens!, ...mine.tokens!], from: mine.promptTokens!.length }
      expect(await one.logprobs!(given, never)).toEqual(await ours.logprobs!(given, never))
      await ours.close()
    }
    expect(base!.endpoint).toBe(tuned!.endpoint)
    expect(said.filter((line) => line.startsWith("starting"))).toHaveLength(1)
    expect(base!.identity.behaviour).not.toBe(tuned!.identity.behaviour)
    expect(base!.identity.parts["numerics"]).toContain("float32, cpu, length 256")
  })

  it("is printed as a command without its key, and is gone when it is closed", async () => {
    const { one, python, said } = await openOneFake("strays")
    const [pid] = started(python.notes())
    const [stray] = started(python.notes(), "stray")
    expect([isRunning(pid!), isRunning(stray!)]).toEqual([true, true])
    expect(said[0]).toMatch(/-m vllm\.entrypoints\.openai\.api_server --model .+ --max-model-len 256/)
    expect(said[0]).not.toContain("VLLM_API_KEY")
    await one.close()
    expect([isRunning(pid!), isRunning(stray!)]).toEqual([false, false])
  })
})

describe("an engine that fails", () => {
  it.each(
    [
      ["clips", "context_overflow", /cut its answer after 2 of 24 tokens/]
    ] as const
  )("in the middle of the work: %s", async (fault, reason, message) => {
    const { one } = await openOneFake(fault)
    const errors = await Promise.all([1, 2, 3, 4].map((seed) => ask(one, seed).then(() => undefined, (error) => error)))
    expect(errors.at(-1)).toMatchObject({ reason, message: expect.stringMatching(message) })
  })

  it("by dying is started once more and goes on with the same answers", async () => {
    const ours = await openOne(checkpoint("base"), { parameters: { dtype: "float32" } })
    const { one, python, said } = await openOneFake("dies-once")
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => ask(one, seed)))
    expect(answers).toEqual(await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => ask(ours, seed))))
    expect(started(python.notes())).toHaveLength(2)
    expect(said.some((line) => line.includes("starting it once more"))).toBe(true)
    await ours.close()
  })
})

describe("consecutive checkpoints", () => {
  const next = async (python: string, path: string) => {
    const { said, targets: [one] } = await openFake(python, [{ path, more: { keep: "60" } }])
    const ours = await openOne(path, { parameters: { dtype: "float32" } })
    const mine = await ask(one!, 5)
    expect(mine).toEqual(await ask(ours, 5))
    await ours.close()
    await one!.close()
    return said
  }

  it("get a new engine where the old one only says that it has loaded them", async () => {
    const python = fakePython("keeps-weights")
    await next(python.path, checkpoint("base"))
    expect((await next(python.path, checkpoint("rlvr"))).join()).toMatch(/part of the old weights is still there/)
    expect(started(python.notes())).toHaveLength(2)
  })
})

describe("an engine that can't be given new weights", () => {
  const first = async () => {
    const python = fakePython("refuses-weights")
    const { targets: [one] } = await openFake(python.path, [{ more: { keep: "60" } }])
    await one!.close()
    return python
  }
  const second = [{ path: checkpoint("rlvr"), more: { keep: "60" } }]

  it("makes place for a new one, and why is said", async () => {
    const python = await first()
    const { said, targets: [one] } = await openFake(python.path, second)
    expect(said.join("\n")).toMatch(/could not be given .*rlvr.*answered 500.*starting it anew/)
    expect(started(python.notes())).toHaveLength(2)
    await one!.close()
  })
})

describe("before an engine is started", () => {
  it("a shard that was cut off is told by its name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "driftgate-cut-"))
    cpSync(checkpoint("base"), folder, { recursive: true })
    truncateSync(join(folder, "model.safetensors"), 500_000)
    const python = fakePython()
    const error = await openFake(python.path, [{ path: folder }]).then(() => undefined, (error: unknown) => error)
    expect(isInputError(error) && error.message).toMatch(
      /model\.safetensors: it has 500000 bytes and should have 914960/
    )
    expect(python.notes()).toEqual([])
  })

  it("an engine that is not installed is told with the line that installs it", async () => {
    const error = await errorOf(openFake("/nonexistent/python", [{}]))
    expect(error).toMatchObject({ reason: "engine_dead", message: expect.stringMatching(/pip install vllm/) })
  })
})

it("an engine ends within seconds when driftgate is killed with SIGKILL", async () => {
  const python = fakePython("strays")
  const script = `
    const { target } = await import(${JSON.stringify(join(import.meta.dirname, "../index.ts"))})
    const parameters = { engine: "vllm", device: "cpu", dtype: "float32", python: ${JSON.stringify(python.path)} }
    const spec = { text: "x", scheme: "checkpoint", locator: ${
    JSON.stringify(checkpoint("base"))
  }, endpoints: [], parameters }
    await target.open([spec], { options: {}, signal: new AbortController().signal, seed: 0, log() {}, asset: async () => "" })
    console.log("open")
    setInterval(() => {}, 1000)`
  const child = execFile(process.execPath, ["--conditions=driftgate-source", "--input-type=module", "--eval", script])
  await new Promise((resolve, reject) => {
    child.stdout!.once("data", resolve)
    child.once("exit", () => reject(new Error("it ended before it was killed")))
  })
  const pids = [...started(python.notes()), ...started(python.notes(), "stray")]
  expect(pids.filter(isRunning)).toHaveLength(2)
  child.kill("SIGKILL")
  const deadline = performance.now() + 10_000
  while (pids.some(isRunning) && performance.now() < deadline) await setTimeout(50)
  expect(pids.filter(isRunning)).toEqual([])
})
