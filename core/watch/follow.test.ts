import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { safetensors, save } from "../checkpoints/trainer.fixture.ts"
import { type Desk, NotTaken, type Request } from "./desk.ts"
import { endingOf } from "./ending.ts"
import { follow, type Following, presentCheckpoints } from "./follow.ts"
import type { Outcome, Word } from "./outcome.ts"

const emptyRun = Effect.acquireRelease(
  Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "driftgate-watch-")))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Judges as a test says, by step; what it was asked for is kept, with the weights that were there then. */
interface Asked extends Request {
  readonly weights: number
}
const deskOf = (say: (request: Asked) => Effect.Effect<Outcome | undefined, NotTaken>) => {
  const asked: Array<Asked> = []
  /** Requests without the repetition that calls a step the last one. */
  const first = () => asked.filter(({ final }) => !final)
  const desk: Desk = {
    ready: Effect.void,
    submit: (request) =>
      Effect.sync(() => {
        const weights = readFileSync(join(request.checkpoint, "model.safetensors")).readFloatLE(
          readFileSync(join(request.checkpoint, "model.safetensors")).length - 4
        )
        asked.push({ ...request, weights })
        return String(asked.length - 1)
      }),
    wait: (gate) => Effect.suspend(() => say(asked[Number(gate)]!)),
    cancel: () => Effect.void,
    alive: Effect.void,
    leave: Effect.void
  }
  return { asked, desk, first }
}
const always = (word: Word) => () => Effect.succeed<Outcome>({ word, reasons: [] })

const followed = (root: string, desk: Desk, more: Partial<Following> = {}) =>
  follow({
    root,
    layout: undefined,
    desk,
    runId: "run",
    attempt: "one",
    accept: new Set<Word>(["pass"]),
    patience: { verdictMillis: 2_000, outageMillis: 100 },
    pollMillis: 5,
    quietMillis: 10,
    before: new Map(),
    over: Effect.void,
    judged: () => Effect.void,
    ...more
  }).pipe(
    Effect.scoped,
    Effect.map((result) => ({
      ...result,
      text: ((ending) => `${ending.code} ${ending.lines.join(" | ")}`)(
        endingOf(result, { accept: new Set<Word>(["pass"]), stopped: true, trainer: 0 })
      )
    })),
    Effect.provide(NodeServices.layer)
  )

describe("following an output folder", () => {
  it.live("judges what is whole, writes it down beside the checkpoints and leaves nothing else", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 2)
      const before = readdirSync(folder)
      const { desk, first } = deskOf(always("pass"))
      const { text } = yield* followed(root, desk)
      assert.match(text, /^0 all 1 checkpoints accepted; the last good step is 2/)
      assert.deepInclude(JSON.parse(readFileSync(join(root, "driftgate/step-2.json"), "utf8")), {
        verdict: "pass",
        run_id: "run",
        checkpoint: folder
      })
      assert.deepStrictEqual(readdirSync(folder), before)
      assert.deepStrictEqual(readdirSync(join(root, "driftgate/pins")), [])
      assert.deepStrictEqual(first().map(({ step, weights }) => [step, weights]), [[2, 2]])
    }))

  it.live("ends at the first outcome that is not accepted, whatever the word", () =>
    Effect.gen(function*() {
      for (const word of ["fail", "inconclusive", "incomplete", "invalid", "failed", "cancelled", "timeout"] as const) {
        const root = yield* emptyRun
        save(root, "transformers", 2)
        // It goes on for ever: only the outcome ends it.
        const { text } = yield* followed(root, deskOf(always(word)).desk, { over: Effect.never })
        assert.match(text, new RegExp(`^3 step 2 is not accepted: ${word}`))
      }
    }))

  it.live("judges the pinned weights of a checkpoint that its trainer rotates away (peers 23)", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 2)
      const over = yield* Deferred.make<void>()
      const { desk, first } = deskOf(({ checkpoint }) =>
        Effect.sync((): Outcome => {
          rmSync(folder, { recursive: true, force: true })
          const there = existsSync(join(checkpoint, "model.safetensors"))
          Deferred.doneUnsafe(over, Effect.void)
          return { word: there ? "pass" : "failed", reasons: [] }
        })
      )
      assert.match((yield* followed(root, desk, { over: Deferred.await(over) })).text, /^0 /)
      assert.lengthOf(first(), 1)
    }))

  it.live("never judges a save that is cut, and says so", () =>
    Effect.gen(function*() {
      for (
        const cut of [
          (folder: string) => rmSync(join(folder, "trainer_state.json")),
          (folder: string) => truncateSync(join(folder, "model.safetensors"), safetensors().length - 1),
          (folder: string) => writeFileSync(join(folder, "trainer_state.json"), "{\"global_st")
        ]
      ) {
        const root = yield* emptyRun
        save(root, "transformers", 2)
        cut(save(root, "transformers", 4))
        const { desk, first } = deskOf(always("pass"))
        const { text } = yield* followed(root, desk)
        assert.deepStrictEqual(first().map(({ step }) => step), [2])
        assert.match(text, /^3 never gated: a later save .* the last good step is 2.*checkpoint-4 was never whole/)
      }
    }))

  it.live("judges a step again that is written again in the same place", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 2)
      const { desk, first } = deskOf(({ weights }) =>
        Effect.sync((): Outcome => {
          if (weights === 2) {
            const file = join(folder, "model.safetensors")
            rmSync(file)
            writeFileSync(file, safetensors(4, 77))
          }
          return { word: weights === 2 ? "pass" : "fail", reasons: [] }
        })
      )
      const { text } = yield* followed(root, desk, { over: Effect.never })
      assert.deepStrictEqual(first().map(({ weights }) => weights), [2, 77])
      assert.notStrictEqual(first()[0]!.checkpoint, first()[1]!.checkpoint)
      assert.match(text, /^3 step 2 is not accepted: fail/)
    }))

  it.live("takes a skipped step as nothing, and has the last one judged after all", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      for (const step of [2, 4]) save(root, "transformers", step)
      const { asked, desk } = deskOf(({ final }) =>
        Effect.succeed<Outcome>({ word: final ? "pass" : "skipped", reasons: [] })
      )
      assert.match((yield* followed(root, desk)).text, /^0 /)
      assert.isTrue(asked.some(({ final, step }) => final && step === 4))
      const never = deskOf(always("skipped"))
      assert.match((yield* followed(root, never.desk)).text, /^3 step 4 is not accepted: skipped/)
    }))

  it.live("leaves out what was there before, also when its times are set back", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      save(root, "transformers", 2)
      const before = yield* presentCheckpoints(root, undefined).pipe(Effect.provide(NodeServices.layer))
      const later = save(root, "transformers", 4)
      // A clock that was set back: what is new carries an older time than what is old.
      utimesSync(join(later, "model.safetensors"), 1, 1)
      utimesSync(join(later, "trainer_state.json"), 1, 1)
      const { desk, first } = deskOf(always("pass"))
      assert.match((yield* followed(root, desk, { before })).text, /^0 all 1/)
      assert.deepStrictEqual(first().map(({ step }) => step), [4])
    }))

  it.live("refuses a step whose verdict can't be written down", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      save(root, "transformers", 2)
      // Whoever runs the tests, a file can't take the place of a folder.
      mkdirSync(join(root, "driftgate/step-2.json/x"), { recursive: true })
      const { text } = yield* followed(root, deskOf(always("pass")).desk, { over: Effect.never })
      assert.match(text, /^3 step 2 is not accepted: failed: .*step-2\.json: the verdict can't be written/)
    }))

  it.live("refuses shards that nobody can judge, and an empty folder", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "verl-fsdp", 2)
      rmSync(join(folder, "actor/huggingface/model.safetensors"))
      const { desk } = deskOf(always("pass"))
      assert.match(
        (yield* followed(root, desk, { over: Effect.never })).text,
        /^3 step 2 is not accepted: rejected: .*model_merger/
      )
      assert.match((yield* followed(yield* emptyRun, desk)).text, /^3 never gated: no checkpoint/)
    }))
})

describe("an outage", () => {
  const away = (kind: NotTaken["kind"]) => Effect.fail(new NotTaken({ kind, reason: `it is ${kind}` }))

  it.live("at the request stops training, with its reason", () =>
    Effect.gen(function*() {
      for (
        const [kind, word] of [["away", "unreachable"], ["again", "unreachable"], ["rejected", "rejected"]] as const
      ) {
        const root = yield* emptyRun
        save(root, "transformers", 2)
        const { desk } = deskOf(always("pass"))
        const { text } = yield* followed(root, { ...desk, submit: () => away(kind) }, { over: Effect.never })
        assert.match(text, new RegExp(`^3 step 2 is not accepted: ${word}: it is ${kind}`))
      }
    }))

  it.live("that ends in time is none, and a verdict that never comes is a timeout", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      save(root, "transformers", 2)
      let calls = 0
      const { desk } = deskOf(always("pass"))
      const flaky: Desk = {
        ...desk,
        submit: (request) => Effect.suspend(() => calls++ === 0 ? away("away") : desk.submit(request))
      }
      const patience = { verdictMillis: 5_000, outageMillis: 3_000 }
      assert.match((yield* followed(root, flaky, { patience })).text, /^0 /)
      const slow = { verdictMillis: 50, outageMillis: 1_000 }
      const { text } = yield* followed(root, deskOf(() => Effect.never).desk, { over: Effect.never, patience: slow })
      assert.match(text, /^3 step 2 is not accepted: timeout/)
    }))
})
