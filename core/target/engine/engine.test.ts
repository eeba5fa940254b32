import { describe, expect, it } from "vitest"
import { engines, memoryPlan, printed } from "../engine.ts"
import type { LaunchRequest } from "./adapter.ts"
import { interpreterPaths } from "./python.ts"
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
  it("get what they need and divide what is left", () => {
    const [base, judge] = memoryPlan(
      [{ label: "base", weights: 2 * GB }, { label: "judge", weights: 14 * GB }],
      80 * GB
    )
    expect(base! + judge!).toBeLessThanOrEqual(0.9)
    expect(base! * 80 * GB).toBeGreaterThan(3.8 * GB)
    expect(judge! * 80 * GB).toBeGreaterThan(17 * GB)
  })

  it("keep shares that were asked for", () => {
    expect(memoryPlan([{ label: "a", weights: GB, share: 0.3 }, { label: "b", weights: GB }], 80 * GB)[0]).toBe(0.3)
  })

  it("are refused where they do not fit together, with what to do", () => {
    expect(() => memoryPlan([{ label: "a", weights: 20 * GB }, { label: "b", weights: 4 * GB }], 24 * GB))
      .toThrow(/do not fit one GPU[\s\S]*gpu=[\s\S]*driftgate rescore/)
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
