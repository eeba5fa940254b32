import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import type { TargetError } from "../../plugin/contract.ts"
import { engines, memoryPlan, printed, visibleCards } from "../engine.ts"
import { classifyFailure, failure, statusOf } from "../failure.ts"
import type { LaunchRequest } from "./adapter.ts"
import { interpreterPaths } from "./python.ts"
import { startEngine } from "./start.ts"
import { survey } from "./survey.ts"

const request: LaunchRequest = {
  python: "/opt/a b/python",
  model: "/models/base",
  name: "dg-1",
  port: 4000,
  key: "secret-key",
  dtype: "bfloat16",
  maxLength: 4096,
  device: "cuda",
  gpus: "1",
  memoryShare: 0.45,
  freeShare: 0.9,
  loraRank: 16,
  loras: 2,
  batchInvariant: true,
  sequences: 64,
  vocabulary: 128_000,
  swap: false,
  scratch: "/tmp/x"
}

describe("a launch line", () => {
  it.each(Object.values(engines))("of $title can be typed into a shell and holds no key", (engine) => {
    const line = printed(engine.launch(request))
    expect(line).toContain("'/opt/a b/python' -m")
    expect(line).not.toMatch(/secret-key|api-key|API_KEY/)
    expect(line).toContain("CUDA_VISIBLE_DEVICES=1")
    expect(line).toContain("127.0.0.1")
  })

  it("keeps what decides an answer apart from the checkpoint's own sampling defaults", () => {
    expect(printed(engines.vllm.launch(request))).toMatch(
      /VLLM_BATCH_INVARIANT=1 .*--generation-config vllm .*--max-lora-rank 16/
    )
    expect(printed(engines.sglang.launch(request))).toMatch(
      /--sampling-defaults openai --enable-deterministic-inference/
    )
  })
})

describe("engines that share a GPU", () => {
  const GB = 1e9
  const empty = { total: 80 * GB, free: 80 * GB }
  it("get what they need and divide what is left", () => {
    const [base, judge] = memoryPlan(
      [{ label: "base", weights: 2 * GB }, { label: "judge", weights: 14 * GB }],
      empty
    )
    expect(base! + judge!).toBeLessThanOrEqual(0.9)
    expect(base! * 80 * GB).toBeGreaterThan(3.8 * GB)
    expect(judge! * 80 * GB).toBeGreaterThan(17 * GB)
  })

  it("keep shares that were asked for", () => {
    expect(memoryPlan([{ label: "a", weights: GB, share: 0.3 }, { label: "b", weights: GB }], empty)[0]).toBe(0.3)
  })

  it("leave to other programs what these hold", () => {
    const [alone] = memoryPlan([{ label: "a", weights: GB }], empty)
    const [beside] = memoryPlan([{ label: "a", weights: GB }], { ...empty, free: 20 * GB })
    expect([alone, beside]).toEqual([0.9, 0.23])
    expect(() => memoryPlan([{ label: "a", weights: GB }], { ...empty, free: 3 * GB })).toThrow(
      /of which 71\.7 GiB are held by other programs/
    )
    expect(() => memoryPlan([{ label: "a", weights: GB, share: 0.5 }], { ...empty, free: 20 * GB })).toThrow(/held by/)
  })

  it("are refused where they do not fit together, with what to do", () => {
    const small = { total: 24 * GB, free: 24 * GB }
    expect(() => memoryPlan([{ label: "a", weights: 20 * GB }, { label: "b", weights: 4 * GB }], small))
      .toThrow(/do not fit one GPU[\s\S]*gpu=[\s\S]*driftgate run[\s\S]*driftgate rescore[\s\S]*driftgate compare/)
  })

  it("are refused a share that is less than their weights", () => {
    expect(() => memoryPlan([{ label: "a", weights: 60 * GB, share: 0.3 }], empty)).toThrow(
      /gpu_memory=0\.3 .* is less/
    )
  })

  it("are told to SGLang as a share of what is free before it loads", () => {
    const fraction = (more: Partial<LaunchRequest>) =>
      /--mem-fraction-static (\S+)/.exec(printed(engines.sglang.launch({ ...request, ...more })))?.[1]
    expect(fraction({ memoryShare: 0.5, freeShare: 1 })).toBe("0.45")
    expect(fraction({ memoryShare: 0.2, freeShare: 0.25 })).toBe("0.72")
    expect(fraction({ memoryShare: 0.9, freeShare: 0.5 })).toBe("0.95")
  })
})

describe("the cards that an engine sees", () => {
  const card = (index: number) => ({
    index,
    uuid: `GPU-${index}a7f`,
    name: "card",
    memory: 1000,
    free: 1000,
    driver: "1",
    capability: "9.0"
  })
  const three = [card(0), card(1), card(2)]
  const seen = (named: string | undefined, environment = {}) =>
    visibleCards(named, environment, three).map(({ index }) => index)
  it("are all, those of the environment, or those that were named", () => {
    expect(seen(undefined)).toEqual([0, 1, 2])
    expect(seen(undefined, { CUDA_VISIBLE_DEVICES: "2, 0" })).toEqual([2, 0])
    expect(seen("1", { CUDA_VISIBLE_DEVICES: "2" })).toEqual([1])
    expect(seen("GPU-2a")).toEqual([2])
  })

  it("end where a name is no card, so that none stays hidden", () => {
    expect(seen(undefined, { CUDA_VISIBLE_DEVICES: "" })).toEqual([])
    expect(seen("1,7,0")).toEqual([1])
    expect(seen("GPU-")).toEqual([])
  })
})

it("interpreters are looked at in the order named, listed, active, system", () => {
  expect(interpreterPaths(["/a"], { DRIFTGATE_PYTHON: "/b:/c" }, "/nonexistent")).toEqual(["/a", "/b", "/c", "python3"])
})

it("a machine without engines is told what installs each", async () => {
  const { engines: found } = await survey(Object.values(engines), {
    named: [],
    environment: { PATH: "" },
    folder: "/nonexistent"
  })
  expect(found.map(({ name }) => name)).toEqual(["vllm", "sglang", "transformers", "node-llama-cpp", "llama-server"])
  for (const { install, state } of found) expect(state === "here" || (install ?? "").length > 5).toBe(true)
})

it.each([["cut off", "{\"name\": \"node-llama-cpp\", \"vers"], ["empty", ""], ["without a version", "{}"], [
  "null",
  "null"
]])(
  "a node-llama-cpp whose manifest is %s is incomplete, and told how it is installed",
  async (_, manifest) => {
    const folder = mkdtempSync(join(tmpdir(), "driftgate-survey-"))
    try {
      const place = join(folder, "node_modules", "node-llama-cpp")
      mkdirSync(place, { recursive: true })
      writeFileSync(join(place, "package.json"), manifest)
      const { engines: found } = await survey([], { named: [], environment: { PATH: "" }, folder })
      expect(found.find(({ name }) => name === "node-llama-cpp")).toMatchObject({
        state: "incomplete",
        where: place,
        version: undefined,
        install: expect.stringContaining("npm install")
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
)

it("what an engine was to be started with leaves no folder behind when it can't be started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "driftgate-start-"))
  vi.stubEnv("TMPDIR", folder)
  try {
    const canary = { tokens: [1], text: "", ends: [] }
    const signal = new AbortController().signal
    const started = startEngine(engines.vllm, request, canary, {
      signal,
      say: () => {},
      port: () => Promise.reject(new Error("no port is free"))
    })
    await expect(started).rejects.toThrow("no port is free")
    expect(readdirSync(folder)).toEqual([])
  } finally {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  }
})

it("an error that a reply told of keeps its status", () => {
  const reply = (status: number) => ({ status, headers: {}, body: "{\"error\":{\"type\":\"EngineDeadError\"}}" })
  const thrown = (status: number): unknown => {
    try {
      return classifyFailure(reply(status), "POST /")
    } catch (error) {
      return error
    }
  }
  expect([500, 503, 409].map((status) => statusOf(thrown(status) as TargetError))).toEqual([500, 503, 409])
  expect(statusOf(failure("engine_dead", "POST /", "answered 500: no"))).toBeUndefined()
})
