import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { stubService } from "../../core/watch/service.fixture.ts"
import { judging, lives, model, saveStep, told, training, until, verdictOf } from "./train.fixture.ts"

const here = training("watch")
const others: Array<ChildProcess> = []
afterAll(() => {
  for (const child of others) child.kill("SIGKILL")
  here.remove()
})

const [rlvr, eroded] = [model("rlvr"), model("eroded")]
const folder = (name: string): string => {
  mkdirSync(join(here.folder, name))
  return join(here.folder, name)
}
/** A trainer that says which signal ended it. */
const trainer = () => {
  const child = spawn("sleep", ["600"], { stdio: "ignore" })
  others.push(child)
  return { pid: child.pid!, child, ended: new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal))) }
}
const watch = (out: string, ...flags: ReadonlyArray<string>) => here.command(["watch", out, ...judging(), ...flags])

it("judges what is there once: 0 where the last step passes, and names a model that is no step", async () => {
  const out = folder("once")
  const empty = await watch(out, "--once").ended
  expect(told(empty)).toMatch(/^3 .*never gated: no checkpoint/s)
  const checkpoint = saveStep(out, 2, rlvr)
  const { ended } = watch(out, "--once")
  const run = await ended
  expect(told(run)).toMatch(/^0 .*step 2: pass.*the last good step is 2/s)
  expect(verdictOf(out, 2)).toBe("pass")
  expect(existsSync(join(checkpoint, "driftgate"))).toBe(false)

  const { json, status } = await here.driftgate(["watch", out, ...judging(), "--once", "--json"]).then((ended) => ({
    status: ended.code,
    json: ended.stdout.trim().split("\n").map((line) => JSON.parse(line))
  }))
  expect(status).toBe(0)
  expect(json).toMatchObject([{ type: "step", step: 2, word: "pass" }, { type: "ended", exitCode: 0 }])
  cpSync(join(eroded, "model.safetensors"), join(out, "model.safetensors"))
  expect(told(await watch(out, "--once").ended)).toMatch(/^0 .*not gated: the model in .*once, which is no folder/s)
})

it("judges the same files once, and others again, also in another process", async () => {
  const out = folder("again")
  const checkpoint = saveStep(out, 2, rlvr)
  expect((await watch(out, "--once").ended).code).toBe(0)
  const first = JSON.parse(readFileSync(join(out, "driftgate/step-2.json"), "utf8"))
  cpSync(join(eroded, "model.safetensors"), join(checkpoint, "model.safetensors"))
  expect(told(await watch(out, "--once").ended)).toMatch(/^3 .*step 2 is not accepted: fail/s)
  expect(JSON.parse(readFileSync(join(out, "driftgate/step-2.json"), "utf8")).gate).not.toBe(first.gate)
})

it("signals the trainer with the signal that it was told, and only one that runs", async () => {
  const out = folder("kill")
  const { ended, pid } = trainer()
  const bystander = trainer()
  const { ended: watched } = watch(out, "--kill-pid", String(pid), "--signal", "USR1")
  saveStep(out, 2, eroded)
  expect(told(await watched)).toMatch(/^3 .*sent SIGUSR1 to process \d+.*step 2 is not accepted: fail/s)
  expect(await ended).toBe("SIGUSR1")
  expect(lives(bystander.pid)).toBe(true)

  const gone = trainer()
  const out2 = folder("gone")
  const second = watch(out2, "--kill-pid", String(gone.pid))
  await until(() => existsSync(join(out2, "driftgate/state/lock")))
  gone.child.kill("SIGKILL")
  await gone.ended
  saveStep(out2, 2, eroded)
  expect(told(await second.ended)).toMatch(/^3 .*has ended by itself; nothing was signalled/s)
  const none = await watch(out2, "--kill-pid", String(gone.pid)).ended
  expect(told(none)).toMatch(/^64 .*--kill-pid \d+: there is no such process/s)
})

it("runs the stop command with the step and the verdict, and says when that did not work", async () => {
  const out = folder("command")
  saveStep(out, 2, eroded)
  const said = join(here.folder, "said")
  const script = join(here.folder, "stop.mjs")
  writeFileSync(
    script,
    `import { writeFileSync } from "node:fs"
const { DRIFTGATE_STEP, DRIFTGATE_VERDICT } = process.env
writeFileSync(process.argv[2], JSON.stringify([DRIFTGATE_STEP, DRIFTGATE_VERDICT, ...process.argv.slice(3)]))`
  )
  const run = await watch(out, "--once", "--stop-command", `${process.execPath} ${script} ${said} $(id) ;x`).ended
  expect(told(run)).toMatch(/^3 /)
  // No shell looks at the words.
  expect(JSON.parse(readFileSync(said, "utf8"))).toEqual(["2", "fail", "$(id)", ";x"])
  rmSync(join(out, "driftgate"), { recursive: true })
  const failed = await watch(out, "--once", "--stop-command", "/no/such/command").ended
  expect(told(failed)).toMatch(/^3 .*the stop command failed; stop the trainer yourself/s)
})

it("ends by itself after the trainer, or at the last step", async () => {
  const out = folder("exit")
  const { child, pid } = trainer()
  const running = watch(out, "--until-exit", String(pid))
  saveStep(out, 2, rlvr)
  await until(() => verdictOf(out, 2) === "pass")
  // What is saved right before the end is judged too.
  saveStep(out, 4, eroded)
  child.kill("SIGTERM")
  expect(told(await running.ended)).toMatch(/^3 .*step 4 is not accepted: fail.*last good step is 2/s)

  const last = folder("last")
  const second = watch(last, "--final-step", "4")
  saveStep(last, 2, rlvr)
  await until(() => verdictOf(last, 2) === "pass")
  saveStep(last, 4, rlvr)
  expect(told(await second.ended)).toMatch(/^0 .*all 2 checkpoints accepted; the last good step is 4/s)
})

it("says at a signal that training goes on without a gate", async () => {
  const out = folder("signal")
  const { pid } = trainer()
  const { child, ended } = watch(out, "--until-exit", String(pid), "--kill-pid", String(pid))
  await until(() => existsSync(join(out, "driftgate/state/lock")))
  await new Promise((resolve) => setTimeout(resolve, 500))
  child.kill("SIGTERM")
  expect(told(await ended)).toMatch(/^130 .*stopped by a signal: training goes on without a gate/s)
  expect(lives(pid)).toBe(true)
})

it("stops the trainer when the service goes away, and holds the run no longer than it lives", async () => {
  const out = folder("service")
  const stub = await stubService()
  const { ended, pid } = trainer()
  const flags = ["--base", "start", "--service", stub.url, "--outage", "1s", "--kill-pid", String(pid)]
  const running = here.command(["watch", out, ...flags])
  saveStep(out, 2, rlvr)
  await until(() => verdictOf(out, 2) === "pass")
  const beats = () => stub.of("POST", "/heartbeat").length
  const before = beats()
  // Nothing is saved, and the run is held all the same.
  await until(() => beats() > before + 2)
  await stub.close()
  saveStep(out, 4, rlvr)
  expect(told(await running.ended)).toMatch(/^3 .*step 4 is not accepted: unreachable: .*last good step is 2/s)
  expect(await ended).toBe("SIGTERM")
})
