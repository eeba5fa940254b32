import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { childEvaluatorLayer } from "./child-evaluator.ts"
import { type EvaluationJob, Evaluator } from "./evaluator.ts"
import type { Gate } from "./gate.ts"
import { place } from "./queue.fixture.ts"

const gate: Gate = {
  id: "g-1",
  seq: 1,
  runId: "run",
  step: 2,
  attempt: "first",
  host: "here",
  checkpoint: "/somewhere",
  base: "base",
  profile: null,
  policy: "smoke",
  final: false,
  format: "model",
  status: "running",
  verdict: null,
  reasons: [],
  digest: null,
  pinned: "link",
  files: [],
  decisionPath: null,
  evidence: null,
  createdAt: 0,
  startedAt: 0,
  endedAt: null
}

const comparison = {
  reference: { spec: "checkpoint:b", behaviour: "b" },
  verdict: "pass",
  decision: "gates/one",
  runs: { reference: "b", candidate: "c" },
  drifts: []
}
const look = (accepted: boolean) => ({
  look: 1,
  candidate: { spec: "checkpoint:c", behaviour: "c" },
  verdict: "pass",
  accepted,
  selection: { alpha: 0.03, verdict: "pass", sinceBase: comparison }
})
const verdict = (word: string, exitCode: number) => ({
  type: "verdict",
  verdict: word,
  exitCode,
  reasons: [`it is ${word}`]
})

/** A command that says some records and ends with a code, as `driftgate trajectory` or `driftgate drift` does. */
const says = (records: ReadonlyArray<object | string>, code: number) =>
  `${
    records.map((record) =>
      `console.log(${JSON.stringify(typeof record === "string" ? record : JSON.stringify(record))})`
    ).join(";")
  };process.exitCode=${code}`

const evaluated = (
  program: string,
  { allowIdenticalStart, gate: change = {}, triage }: {
    readonly gate?: Partial<Gate>
    readonly triage?: number
    readonly allowIdenticalStart?: boolean
  } = {}
) =>
  Effect.flatMap(Evaluator, (evaluator) =>
    evaluator.evaluate(
      {
        gate: { ...gate, ...change },
        folder: "/pins/a+b?c",
        base: { spec: "checkpoint:./base?dtype=float32", folder: undefined },
        out: "/out",
        progress: () => Effect.void
      } satisfies EvaluationJob
    )).pipe(
      Effect.provide(
        childEvaluatorLayer({
          command: [process.execPath, "--no-warnings", "--eval", program, "--"],
          flags: [],
          profile: "demo-5@1",
          preset: undefined,
          asking: [],
          triage,
          ...(allowIdenticalStart === undefined ? {} : { allowIdenticalStart })
        }).pipe(Layer.provide(NodeServices.layer))
      )
    )

const reasonOf = (program: string) => Effect.map(Effect.flip(evaluated(program)), ({ reason }) => reason)

describe("an evaluation in a process of its own", () => {
  it.live("has the verdict that the process says and ends with", () =>
    Effect.gen(function*() {
      const passed = yield* evaluated(says([{ type: "look", look: look(true) }, verdict("pass", 0)], 0))
      assert.deepInclude(passed, { kind: "decided", verdict: "pass", decisionPath: "/out/gates/one/decision.json" })
      const identical = yield* evaluated(
        says(
          [{ type: "artifact", path: "/out/x/decision.json" }, { type: "look", look: null }, verdict("invalid", 13)],
          13
        )
      )
      assert.deepInclude(identical, {
        verdict: "invalid",
        decisionPath: "/out/x/decision.json",
        reasons: ["it is invalid"]
      })
    }))

  it.live("has none when the process says one thing and ends with another, dies, or says nothing that can be read", () =>
    Effect.gen(function*() {
      const accepted = { type: "look", look: look(true) }
      assert.match(yield* reasonOf(says([accepted, verdict("pass", 0)], 10)), /code 10 and no verdict/)
      assert.match(yield* reasonOf(says([accepted, verdict("fail", 0)], 0)), /code 0 and no verdict/)
      assert.match(yield* reasonOf(says([{ type: "look", look: look(false) }, verdict("pass", 0)], 0)), /not accepted/)
      assert.match(yield* reasonOf(says([verdict("pass", 0)], 0)), /not accepted/)
      assert.match(yield* reasonOf(says(["<html>", "{\"type\":\"verdict\"}"], 0)), /no verdict/)
      assert.match(yield* reasonOf("process.kill(process.pid, 'SIGKILL')"), /./)
      assert.strictEqual(
        yield* reasonOf(says([{ type: "error", message: "no such model", exitCode: 64 }], 64)),
        "no such model"
      )
      assert.match(yield* reasonOf("console.error('out of memory'); process.exitCode = 134"), /134 .*out of memory/)
    }))

  it.live("is tried again while the process of a service that was killed still holds the run", () =>
    Effect.gen(function*() {
      const { folder } = yield* place
      const file = JSON.stringify(join(folder, "tried"))
      const program = `const fs = require("fs"); if (fs.existsSync(${file})) { ${
        says([{ type: "look", look: look(true) }, verdict("pass", 0)], 0)
      } } else { fs.writeFileSync(${file}, ""); ${says([{ type: "error", message: "held" }], 69)} }`
      assert.deepInclude(yield* evaluated(program), { kind: "decided", verdict: "pass" })
    }).pipe(Effect.scoped))

  it.live("is given the pinned folder as the engine of its base loads it, and the gate's own policy", () =>
    Effect.gen(function*() {
      const { folder } = yield* place
      const file = join(folder, "arguments.json")
      const program = `require("fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.argv.slice(1)))`
      yield* reasonOf(program)
      const flags = JSON.parse(readFileSync(file, "utf8"))
      assert.deepStrictEqual(flags, [
        "trajectory",
        "--json",
        ...["--base", "checkpoint:./base?dtype=float32"],
        ...["--candidate", "checkpoint:/pins/a%2Bb%3Fc?dtype=float32"],
        ...["--out", "/out", "--profile", "demo-5@1", "--preset", "smoke"]
      ])
      yield* Effect.flip(evaluated(program, { gate: { format: "adapter" } }))
      assert.include(JSON.parse(readFileSync(file, "utf8")), "checkpoint:./base+/pins/a%2Bb%3Fc?dtype=float32")
    }).pipe(Effect.scoped))

  it.live("may be the base itself at step 0 of a service that allows it, and at no other step", () =>
    Effect.gen(function*() {
      const { folder } = yield* place
      const file = join(folder, "arguments.json")
      const program = `require("fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.argv.slice(1)))`
      for (
        const [step, allowIdenticalStart, allowed] of [[0, true, true], [1, true, false], [0, false, false]] as const
      ) {
        yield* Effect.flip(evaluated(program, { gate: { step }, allowIdenticalStart }))
        assert.strictEqual(JSON.parse(readFileSync(file, "utf8")).includes("--allow-identical"), allowed)
      }
    }).pipe(Effect.scoped))

  it.live("stops when it is interrupted, and would end by itself if this process did", () =>
    Effect.gen(function*() {
      const { folder } = yield* place
      const file = join(folder, "pid")
      const program = `require("fs").writeFileSync(${JSON.stringify(file)}, process.pid + " " + `
        + "process.env.DRIFTGATE_ENDS_WITH_STDIN); setInterval(() => {}, 1000)"
      const running = yield* Effect.forkChild(evaluated(program))
      const started = () => existsSync(file) && readFileSync(file, "utf8") !== ""
      while (!started()) yield* Effect.promise(() => new Promise((go) => setImmediate(go)))
      yield* Fiber.interrupt(running)
      const [pid, marked] = readFileSync(file, "utf8").split(" ")
      assert.strictEqual(marked, "1")
      const state = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "State:\tX"
      assert.match(state, /State:\s+[XZ]/)
    }).pipe(Effect.scoped))
})

describe("triage", () => {
  /** Says a drift when asked for one, and a verdict when asked for that. */
  const both = (mean: number | undefined) =>
    `if (process.argv.includes("drift")) { ${
      mean === undefined ? "process.exitCode = 64" : says([{ type: "drift", mean, identical: false }], 0)
    } } else { ${says([{ type: "look", look: look(true) }, verdict("pass", 0)], 0)} }`

  it.live("skips a step whose policy is near its base's, and asks everything of any other", () =>
    Effect.gen(function*() {
      const near = yield* evaluated(both(0.1), { triage: 0.2 })
      assert.strictEqual(near.kind, "skipped")
      assert.deepStrictEqual(near.evidence.triage, { drift: 0.1, limit: 0.2, above: false })
      const far = yield* evaluated(both(0.3), { triage: 0.2 })
      assert.deepInclude(far, { kind: "decided", verdict: "pass" })
      assert.deepStrictEqual(far.evidence.triage, { drift: 0.3, limit: 0.2, above: true })
    }))

  it.live("never skips the last step, nor one that may be it, nor one whose drift can't be measured", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* evaluated(both(0.1), { triage: 0.2, gate: { final: true } })).kind, "decided")
      const unsaid = yield* evaluated(both(0.1), { triage: 0.2, gate: { saysLast: false } })
      assert.deepStrictEqual([unsaid.kind, unsaid.evidence.triage], ["decided", null])
      const unknown = yield* evaluated(both(undefined), { triage: 0.2 })
      assert.strictEqual(unknown.kind, "decided")
      assert.isNull(unknown.evidence.triage)
    }))
})
