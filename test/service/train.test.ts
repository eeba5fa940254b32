import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import {
  childrenOf,
  judging,
  lives,
  model,
  pidsIn,
  tiny,
  tinyAdapter,
  told,
  training,
  until,
  verdictOf
} from "./train.fixture.ts"

const here = training("train")
afterAll(() => here.remove())

const [base, rlvr, eroded] = [model("base"), model("rlvr"), model("eroded")]

describe("a trainer under driftgate train", () => {
  it("ends with 0 where every step passes, though it rotates, its clock is set back and it leaves a final model", async () => {
    const run = await here.train(judging(), {
      models: [rlvr, rlvr],
      fake: { keep: 1, back: true, final: rlvr },
      millis: 1_000
    })
    expect(told(run)).toMatch(/^0 .*step 2: pass: .*all 2 checkpoints accepted; the last good step is 4/s)
    expect([verdictOf(run.out, 2), verdictOf(run.out, 4)]).toEqual(["pass", "pass"])
    expect(readdirSync(join(run.out, "driftgate/pins"))).toEqual([])
    expect(readdirSync(join(run.out, "driftgate/state/pins"))).toEqual([])
    // What is there and was accepted may be resumed from; what was not may not.
    const again = await here.train(judging(), { models: [], out: "out-0", millis: 10 })
    expect(told(again)).toMatch(/^0 .*no checkpoint was saved, and the newest one was accepted before: step 4/s)
    cpSync(join(eroded, "model.safetensors"), join(run.out, "checkpoint-4/model.safetensors"))
    const changed = await here.train(judging(), { models: [], out: "out-0", millis: 10 })
    expect(told(changed)).toMatch(/^4 .*checkpoint-4 is there already and its weights are not those that were judged/s)
  })

  it("is stopped with all its processes at the step that drifted, and the last good one is named", async () => {
    const pids = join(here.folder, "pids-drift")
    const run = await here.train([...judging(), "--grace", "1s"], {
      models: [rlvr, eroded, rlvr, rlvr, rlvr],
      fake: { pids },
      millis: 4_000
    })
    expect(told(run)).toMatch(
      /^3 .*step 4 is not accepted: fail: .*became unsafe.*the last good step is 2: .*checkpoint-2/s
    )
    expect([verdictOf(run.out, 2), verdictOf(run.out, 4)]).toEqual(["pass", "fail"])
    expect(readdirSync(run.out)).not.toContain("checkpoint-8")
    expect((await pidsIn(pids)).filter(lives)).toEqual([])
    const resumed = await here.train(judging(), { models: [rlvr], out: run.out.split("/").at(-1)! })
    expect(told(resumed)).toMatch(
      /^4 .*checkpoint-[46] is there already and its verdict is (fail|cancelled|never gated).*nothing trained/s
    )
  })

  it("is gated by the markers of its own layout too", async () => {
    const passed = await here.train(judging(), {
      models: [rlvr, rlvr],
      fake: { layout: "prime-rl", every: 100, keep: 1 },
      millis: 1_500
    })
    expect(told(passed)).toMatch(/^0 .*all 2 checkpoints accepted; the last good step is 200: .*broadcasts\/step_200/s)
    const failed = await here.train([...judging(), "--grace", "1s"], {
      models: [rlvr, ...Array.from({ length: 10 }, () => eroded)],
      fake: { layout: "nemo-rl", every: 100 },
      millis: 4_000
    })
    expect(told(failed)).toMatch(/^3 .*step \d+ is not accepted: fail: .*the last good step is 100: .*step_100/s)
    expect(readdirSync(failed.out)).not.toContain("step_1100")
  })

  const refusedAtOnce: ReadonlyArray<
    readonly [string, ReadonlyArray<string>, Parameters<typeof here.train>[1], RegExp]
  > = [
    ["identical to the base", judging(40), { models: [base] }, /step 2 is not accepted: invalid: .*/],
    ["without evidence enough", judging(40), { models: [rlvr] }, /step 2 is not accepted: inconclusive: /],
    [
      "judged in part only",
      [...judging(40), "--max-requests", "20", "--no-cache"],
      { models: [rlvr] },
      /step 2 is not accepted: incomplete: /
    ],
    [
      "overwritten in place after it was judged",
      judging(),
      { models: [rlvr], fake: { again: eroded }, millis: 5_000 },
      /step 2: pass.*step 2 is not accepted: fail: .*no step of this run passed/s
    ],
    [
      "overwritten in place while it is judged",
      judging(),
      { models: [rlvr], fake: { again: eroded }, millis: 1_500 },
      /step 2 is not accepted: fail(ed)?: /
    ],
    [
      "truncated, with its marker",
      judging(),
      { models: [rlvr], fake: { truncate: 2 } },
      /never gated: .*checkpoint-2 was never whole and is not judged: .*model\.safetensors/s
    ],
    [
      "cut before its marker",
      judging(),
      { models: [rlvr, rlvr], fake: { cut: 4 }, millis: 5_000 },
      /never gated: a later save than the last gated one was cut.*last good step is 2.*checkpoint-4 was never whole/s
    ],
    [
      "another one than the model that is left in the end",
      judging(),
      { models: [rlvr], fake: { final: eroded }, millis: 5_000 },
      /step 2: pass.*out-\d+ holds a model that was never gated.*last good step is 2/s
    ]
  ]
  it.each(refusedAtOnce)("is not let go with a checkpoint that is %s", async (_, flags, options, message) => {
    const run = await here.train(flags, options)
    expect(told(run)).toMatch(message)
    expect(run.code).toBe(3)
  })

  it("is not let go with an adapter that changes nothing", async () => {
    const adapter = join(here.folder, "adapter")
    cpSync(tinyAdapter, adapter, { recursive: true })
    const config = JSON.parse(readFileSync(join(adapter, "adapter_config.json"), "utf8"))
    writeFileSync(
      join(adapter, "adapter_config.json"),
      JSON.stringify({ ...config, lora_alpha: 0, alpha_pattern: {}, base_model_name_or_path: tiny })
    )
    const run = await here.train(
      ["--base", `checkpoint:${tiny}`, "--suite", "toy-wrapped", "--preset", "smoke", "--limit", "40"],
      { models: [adapter] }
    )
    expect(told(run)).toMatch(/^3 .*step 2 is not accepted: invalid: .*lora_alpha is 0/s)
  })

  it("keeps its own exit code where it breaks, and its own arguments", async () => {
    const broken = await here.train(judging(), { models: [], code: 17, millis: 10 })
    expect(told(broken)).toMatch(/^17 .*the trainer ended with code 17 before it saved a checkpoint/s)
    const out = join(here.folder, "none")
    mkdirSync(out)
    const missing = await here.driftgate(["train", "--out", out, ...judging(), "--", "/no/such/trainer"])
    expect(told(missing)).toMatch(/^4 .*the trainer can't be started.*nothing trained/s)
    const mapped = await here.driftgate([
      ...["train", "--out", out, ...judging(), "--"],
      ...[process.execPath, "-e", "process.exit(process.argv[2] === 'fail=0' ? 7 : 8)", "--", "--exit-map", "fail=0"]
    ])
    expect(told(mapped)).toMatch(/^7 /)
  })

  it("is not started where the queue's database is broken", async () => {
    const out = join(here.folder, "broken")
    mkdirSync(join(out, "driftgate/state"), { recursive: true })
    writeFileSync(join(out, "driftgate/state/queue.sqlite"), "this is no database, and never was one ".repeat(50))
    const run = await here.train(judging(), { models: [rlvr], out: "broken" })
    expect(told(run)).toMatch(/^4 .*broken\/driftgate\/state: .*nothing trained/s)
    expect(run.stderr).not.toContain("a fault of driftgate")
    expect(readdirSync(out)).toEqual(["driftgate"])
  })
})

describe("the end of driftgate train", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
    "by %s ends the trainer and its workers",
    async (signal) => {
      const pids = join(here.folder, `pids-${signal}`)
      const { child, ended } = here.start([...judging(), "--grace", "1s"], {
        models: [rlvr, rlvr, rlvr],
        fake: { pids },
        millis: 2_500
      })
      const trainers = await pidsIn(pids)
      expect(trainers.filter(lives)).toEqual(trainers)
      child.kill(signal)
      const run = await ended
      expect(run.code ?? run.signal).toBe(signal === "SIGINT" || signal === "SIGTERM" ? 130 : signal)
      await until(() => !trainers.some(lives))
    }
  )

  it("by kill -9 in the middle of a judgement leaves neither trainer nor judge", async () => {
    const pids = join(here.folder, "pids-judge")
    const { child, ended, out } = here.start([...judging(), "--grace", "1s"], {
      models: [rlvr],
      fake: { pids },
      millis: 2_000
    })
    const trainers = await pidsIn(pids)
    // The trainer, the one that looks after it, and the evaluation.
    await until(() => existsSync(join(out, "driftgate/state/runs")) && childrenOf(child.pid!).length >= 3)
    const all = [...trainers, ...childrenOf(child.pid!)]
    child.kill("SIGKILL")
    await ended
    await until(() => !all.some(lives))
    // Nor pins for longer than until the next start, even if nothing is trained then.
    expect(readdirSync(join(out, "driftgate/pins"))).not.toEqual([])
    expect(readdirSync(join(out, "driftgate/state/pins"))).not.toEqual([])
    const again = await here.train(judging(), { models: [rlvr], out: out.split("/").at(-1)! })
    expect(told(again)).toMatch(/^4 .*is there already and its verdict is never gated/s)
    expect(readdirSync(join(out, "driftgate/pins"))).toEqual([])
  })
})
