import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Complete, findCheckpoints, inspectCheckpoint, type LayoutName, layoutNames } from "./layout.ts"
import { folderOf, perform, safetensors, save, saves } from "./trainer.fixture.ts"

/** An empty output folder that the scope removes. */
const emptyRun = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "driftgate-checkpoints-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const looked = (folder: string, layout?: LayoutName) =>
  inspectCheckpoint(folder, { layout }).pipe(Effect.provide(NodeServices.layer))
const found = (root: string, layout?: LayoutName) =>
  findCheckpoints(root, { layout }).pipe(Effect.provide(NodeServices.layer))
const whole = Effect.fnUntraced(function*(folder: string) {
  const inspection = yield* looked(folder)
  assert.strictEqual(inspection.state, "complete", JSON.stringify(inspection))
  return inspection as Complete
})
/** The state and what was said, for a checkpoint that is not complete. */
const said = Effect.fnUntraced(function*(folder: string, layout?: LayoutName) {
  const inspection = yield* looked(folder, layout)
  return inspection.state === "complete"
    ? "complete"
    : `${inspection.state}: ${inspection.reason}${"fix" in inspection ? ` | ${inspection.fix}` : ""}`
})
const weightsOf = ({ files }: Complete) => files.filter(({ kind }) => kind === "weights").map(({ path }) => path)

describe.each(layoutNames)("a checkpoint of the layout %s", (layout) => {
  it.effect("is complete once its last file is written, and never before", () =>
    Effect.gen(function*() {
      const writes = saves[layout](20)
      for (let done = 0; done < writes.length; done++) {
        const root = yield* emptyRun
        perform(root, writes.slice(0, done))
        const inspection = yield* looked(join(root, folderOf[layout](20)))
        assert.strictEqual(inspection.state, "incomplete", `after ${done} of ${writes.length}`)
      }
      const root = yield* emptyRun
      const complete = yield* whole(save(root, layout, 20))
      assert.deepInclude(complete, { layout, step: 20, format: "model" })
      assert.include(complete.files.map(({ name }) => name), "tokenizer.json")
      assert.include(complete.files.map(({ name }) => name), "config.json")
    }))

  it.effect("is found by its folder, in the order of steps", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      for (const step of [9, 100, 20]) save(root, layout, step)
      // The tracker of verl names the step that was written last, as a trainer that resumed does.
      const all = yield* found(root, layout === "plain" ? "plain" : undefined)
      assert.deepStrictEqual(
        all.map(({ layout: { name }, step }) => [name, step]),
        [9, 20, 100].map((step) => [layout, step])
      )
    }))

  it.effect("whose weights are cut off, longer or of another kind is not complete", () =>
    Effect.gen(function*() {
      for (
        const harm of [
          (file: string) => truncateSync(file, safetensors().length - 1),
          (file: string) => truncateSync(file, 30),
          (file: string) => truncateSync(file, 3),
          (file: string) => appendFileSync(file, "x"),
          (file: string) => writeFileSync(file, "PK\u0003\u0004".repeat(40)),
          (file: string) => rmSync(file)
        ]
      ) {
        const root = yield* emptyRun
        const folder = save(root, layout, 3)
        harm(weightsOf(yield* whole(folder))[0]!)
        const now = yield* looked(folder)
        assert.notStrictEqual(now.state, "complete")
      }
    }))

  it.effect("that was rotated away is not there", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, layout, 3)
      save(root, layout, 4)
      rmSync(folder, { recursive: true })
      assert.match(yield* said(folder), /^incomplete: .* is not there/)
    }))

  it.effect("has another fingerprint once it is written again", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const first = yield* whole(save(root, layout, 3))
      assert.strictEqual((yield* whole(first.folder)).fingerprint, first.fingerprint)
      const file = weightsOf(first)[0]!
      rmSync(file)
      writeFileSync(`${file}.tmp`, safetensors(4, 99))
      writeFileSync(file, safetensors(5, 99))
      assert.notStrictEqual((yield* whole(first.folder)).fingerprint, first.fingerprint)
    }))
})

describe("weights", () => {
  const transformers = (change: (folder: string) => void) =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 8)
      change(folder)
      return yield* said(folder)
    })

  it.effect("in shards need every shard that the index names", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 8)
      rmSync(join(folder, "model.safetensors"))
      writeFileSync(join(folder, "model-00001-of-00002.safetensors"), safetensors())
      writeFileSync(
        join(folder, "model.safetensors.index.json"),
        JSON.stringify({ weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" } })
      )
      assert.match(yield* said(folder), /incomplete: .*00002-of-00002.safetensors is not there/)
      writeFileSync(join(folder, "model-00002-of-00002.safetensors"), safetensors())
      assert.deepStrictEqual(weightsOf(yield* whole(folder)).map((file) => file.slice(-29)), [
        "el-00001-of-00002.safetensors",
        "el-00002-of-00002.safetensors"
      ])
    }))

  it.effect("of an adapter come with its alpha, its rank and the base that the trainer named", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 8)
      rmSync(join(folder, "model.safetensors"))
      rmSync(join(folder, "config.json"))
      writeFileSync(join(folder, "adapter_model.safetensors"), safetensors())
      writeFileSync(
        join(folder, "adapter_config.json"),
        JSON.stringify({ base_model_name_or_path: "/elsewhere/base", lora_alpha: 0, r: 8 })
      )
      const { adapter, files, format } = yield* whole(folder)
      assert.deepStrictEqual([format, adapter], ["adapter", { base: "/elsewhere/base", alpha: 0, rank: 8 }])
      assert.include(files.map(({ name }) => name), "adapter_config.json")
    }))

  it.effect("that can only be read by running code, or only after merging, are unsupported with what to do", () =>
    Effect.gen(function*() {
      const without = (change: (folder: string) => void) =>
        transformers((folder) => {
          rmSync(join(folder, "model.safetensors"))
          change(folder)
        })
      assert.match(
        yield* without((folder) => writeFileSync(join(folder, "pytorch_model.bin"), "")),
        /^unsupported: .*pickled.*\| .*safe_serialization/
      )
      assert.match(
        yield* without((folder) => mkdirSync(join(folder, "pytorch_model_fsdp_0"))),
        /^unsupported: .*FSDP.*\| .*accelerate merge-weights/
      )
      assert.match(
        yield* without((folder) => writeFileSync(join(folder, "zero_to_fp32.py"), "")),
        /^unsupported: .*ZeRO.*\| .*stage3_gather/
      )
    }))

  it.effect("of two kinds in one folder are refused", () =>
    Effect.gen(function*() {
      assert.match(
        yield* transformers((folder) => writeFileSync(join(folder, "adapter_config.json"), "{}")),
        /^unsupported: .*both whole weights and an adapter/
      )
      assert.match(
        yield* transformers((folder) => writeFileSync(join(folder, "model.safetensors.index.json"), "{}")),
        /^unsupported: .*both/
      )
    }))

  it.effect("outside of their checkpoint are refused", () =>
    Effect.gen(function*() {
      const outside = (name: string) =>
        transformers((folder) => {
          rmSync(join(folder, "model.safetensors"))
          writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: { a: name } }))
        })
      assert.match(yield* outside("../../secret.safetensors"), /^unsupported: .*places weights in/)
      assert.match(yield* outside("/etc/passwd"), /^unsupported/)
      const root = yield* emptyRun
      const folder = save(root, "verl-megatron", 2)
      writeFileSync(
        join(folder, "actor", "ckpt_contents.json"),
        JSON.stringify({ global_step: 2, contents: { model: { path: "../../..", format: "huggingface" } } })
      )
      assert.match(yield* said(folder), /^unsupported: .*places the weights in/)
    }))

  it.effect("of another user are unreadable, which no second look will change", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 8)
      const denied = (method: string, file: string) =>
        PlatformError.systemError({ _tag: "PermissionDenied", module: "FileSystem", method, pathOrDescriptor: file })
      const inspection = yield* inspectCheckpoint(folder).pipe(
        Effect.updateService(FileSystem.FileSystem, (fs) => ({
          ...fs,
          open: (file) => Effect.fail(denied("open", file))
        })),
        Effect.provide(NodeServices.layer)
      )
      assert.strictEqual(inspection.state, "unreadable")
      assert.match(JSON.stringify(inspection), /model.safetensors may not be read by this user .mode 0\d+, owner \d+/)
    }))
})

describe("a marker", () => {
  it.effect("that is half written or of another step is none", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "transformers", 8)
      const marker = join(folder, "trainer_state.json")
      writeFileSync(marker, "{\"global_step\": 8, \"log_")
      assert.match(yield* said(folder), /is not JSON yet/)
      writeFileSync(marker, "{\"global_step\": 6}")
      assert.match(yield* said(folder), /is of step 6, and the folder of step 8/)
      writeFileSync(marker, "{}")
      assert.match(yield* said(folder), /is of step none/)
      writeFileSync(marker, "[]")
      assert.match(yield* said(folder), /not a JSON object/)
    }))

  it.effect("of verl that is empty for a moment, or of an earlier step, is none", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "verl-fsdp", 8)
      for (const text of ["", "7", "8.5", "-8", "eight"]) {
        writeFileSync(join(root, "latest_checkpointed_iteration.txt"), text)
        assert.match(yield* said(folder), /^incomplete: .*names step/)
      }
      writeFileSync(join(root, "latest_checkpointed_iteration.txt"), "12\n")
      assert.strictEqual(yield* said(folder), "complete")
    }))
})

describe("shards of a distributed save are unsupported, with the command that merges them", () => {
  it.effect("verl with FSDP, and the file without which an adapter is lost", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "verl-fsdp", 8)
      rmSync(join(folder, "actor/huggingface/model.safetensors"))
      const first = yield* said(folder)
      assert.match(first, /^unsupported: .*\| .*hf_model.*verl.model_merger merge --backend fsdp/)
      assert.notMatch(first, /alpha 0/)
      writeFileSync(join(folder, "actor/lora_train_meta.json"), "{}")
      assert.match(yield* said(folder), /alpha 0/)
    }))

  it.effect("verl with Megatron, and its layout before version 2", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      const folder = save(root, "verl-megatron", 8)
      writeFileSync(
        join(folder, "actor/ckpt_contents.json"),
        JSON.stringify({
          global_step: 8,
          contents: { model: { path: "model/dist_ckpt", format: "megatron_dist_checkpoint" } }
        })
      )
      assert.match(yield* said(folder), /^unsupported: .*--backend megatron/)
      rmSync(join(folder, "actor/ckpt_contents.json"))
      mkdirSync(join(folder, "actor/dist_ckpt"))
      assert.match(yield* said(folder), /^unsupported: .*migrate_megatron_checkpoint_layout/)
    }))

  it.effect("NeMo-RL, by its backend", () =>
    Effect.gen(function*() {
      const tools = { ".metadata": "convert_dcp_to_hf.py", iter_0000000: "convert_megatron_to_hf.py" }
      for (const [name, tool] of Object.entries(tools)) {
        const root = yield* emptyRun
        const folder = save(root, "nemo-rl", 8)
        rmSync(join(folder, "policy/weights/model"), { recursive: true })
        mkdirSync(join(folder, "policy/weights", name))
        assert.include(yield* said(folder), tool)
      }
    }))

  it.effect("OpenRLHF without its export, and the trainer's own state of prime-rl", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      save(root, "openrlhf", 8)
      assert.match(yield* said(join(root, "_actor/global_step8")), /^unsupported: .*--ckpt.save_hf/)
      mkdirSync(join(root, "checkpoints/step_8/trainer"), { recursive: true })
      assert.match(yield* said(join(root, "checkpoints/step_8")), /^unsupported: .*broadcasts/)
    }))
})

describe("a search", () => {
  it.effect("goes into the folders of runs, and follows no links", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      save(join(root, "v0-20260101"), "transformers", 5)
      mkdirSync(join(root, "driftgate/checkpoint-7"), { recursive: true })
      mkdirSync(join(root, "a/b/checkpoint-9"), { recursive: true })
      symlinkSync(join(root, "v0-20260101/checkpoint-5"), join(root, "checkpoint-6"))
      assert.deepStrictEqual((yield* found(root)).map(({ folder }) => folder), [join(root, "v0-20260101/checkpoint-5")])
    }))

  it.effect("leaves out what a trainer is still naming, and what it does not know", () =>
    Effect.gen(function*() {
      const root = yield* emptyRun
      for (
        const name of ["tmp_step_4", "old_step_3", "checkpoint-best", "checkpoint-3.failed", "failed-checkpoint-3"]
      ) {
        mkdirSync(join(root, name))
      }
      assert.deepStrictEqual(yield* found(root), [])
      assert.deepStrictEqual(yield* found(join(root, "nowhere")), [])
    }))
})

it.effect("a file, and a folder that is not there, are no checkpoints", () =>
  Effect.gen(function*() {
    const root = yield* emptyRun
    writeFileSync(join(root, "checkpoint-1"), "")
    assert.match(yield* said(join(root, "checkpoint-1")), /^unsupported: .*no folder/)
    assert.match(yield* said(join(root, "checkpoint-2")), /^incomplete: .*not there/)
  }))
