import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { execFile, execFileSync } from "node:child_process"
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspectCheckpoint } from "./layout.ts"
import { changedSince, pinCheckpoint, releasePin, sweepPins, weightsDigest } from "./pin.ts"
import { save } from "./trainer.fixture.ts"

const place = Effect.acquireRelease(
  Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "driftgate-pin-")))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Pins a checkpoint that a trainer saved; gives the checkpoint's folder too. */
const pinned = (root: string, options: { readonly roots?: ReadonlyArray<string> } = {}) =>
  Effect.gen(function*() {
    const folder = save(join(root, "out"), "transformers", 2)
    const found = yield* inspectCheckpoint(folder)
    if (found.state !== "complete") return assert.fail(found.reason)
    return { folder, pin: yield* pinCheckpoint(found, join(root, "pins", "one"), options) }
  })

const inPlace = <A, E>(test: (root: string) => Effect.Effect<A, E, any>) => () =>
  Effect.flatMap(place, test).pipe(Effect.scoped, Effect.provide(NodeServices.layer)) as Effect.Effect<A, E>

/** Each file of a folder with its length, mode and time: what a trainer would see change. */
const stateOf = (folder: string) =>
  readdirSync(folder).toSorted().map((name) => {
    const { mode, mtimeMs, size } = statSync(join(folder, name))
    return [name, size, mode, mtimeMs]
  })

describe("a pin", () => {
  it.effect(
    "links weights, copies what is rewritten in place, and leaves the trainer's state and the checkpoint alone",
    inPlace((root) =>
      Effect.gen(function*() {
        const folder = save(join(root, "out"), "transformers", 2)
        const before = stateOf(folder)
        const { pin } = yield* pinned(root)
        assert.deepStrictEqual(readdirSync(pin.folder).toSorted(), [
          "chat_template.jinja",
          "config.json",
          "model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json"
        ])
        assert.strictEqual(pin.pinned, "link")
        const inode = (file: string) => statSync(file).ino
        assert.strictEqual(inode(join(pin.folder, "model.safetensors")), inode(join(folder, "model.safetensors")))
        assert.notStrictEqual(inode(join(pin.folder, "config.json")), inode(join(folder, "config.json")))
        assert.strictEqual(statSync(pin.folder).mode & 0o777, 0o700)
        assert.strictEqual(statSync(join(pin.folder, "config.json")).mode & 0o777, 0o600)
        rmSync(folder, { recursive: true })
        assert.strictEqual(readFileSync(join(pin.folder, "model.safetensors")).length > 0, true)
        const again = save(join(root, "out"), "transformers", 2)
        assert.deepStrictEqual(
          stateOf(again).map(([name, size]) => [name, size]),
          before.map(([name, size]) => [name, size])
        )
      })
    )
  )

  it.effect(
    "changes nothing in the checkpoint, not even a time",
    inPlace((root) =>
      Effect.gen(function*() {
        const folder = save(join(root, "out"), "transformers", 2)
        const before = stateOf(folder)
        const times = statSync(folder).mtimeMs
        const found = yield* inspectCheckpoint(folder)
        if (found.state !== "complete") return assert.fail(found.reason)
        const pin = yield* pinCheckpoint(found, join(root, "pin"))
        yield* weightsDigest(pin.folder)
        yield* releasePin(pin.folder)
        assert.deepStrictEqual(stateOf(folder), before)
        assert.strictEqual(statSync(folder).mtimeMs, times)
      })
    )
  )

  it.effect(
    "copies weights where no link can be made, as across file systems",
    inPlace((root) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const elsewhere: FileSystem.FileSystem = {
          ...fs,
          link: (from, to) =>
            fs.link(`${from}`, join("/proc/self", to)).pipe(Effect.catch((error) =>
              Effect.fail(Object.assign(error, { reason: Object.assign(error.reason, { cause: { code: "EXDEV" } }) }))
            ))
        }
        const { pin } = yield* pinned(root).pipe(Effect.provideService(FileSystem.FileSystem, elsewhere))
        assert.strictEqual(pin.pinned, "copy")
        assert.strictEqual(statSync(join(pin.folder, "model.safetensors")).nlink, 1)
        assert.isUndefined(yield* changedSince(pin))
      })
    )
  )

  it.effect(
    "that has no room says so and leaves nothing behind",
    inPlace((root) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const full: FileSystem.FileSystem = {
          ...fs,
          copyFile: (from, to) =>
            fs.copyFile(`${from}/not/there`, to).pipe(Effect.catch((error) =>
              Effect.fail(Object.assign(error, { reason: Object.assign(error.reason, { cause: { code: "ENOSPC" } }) }))
            ))
        }
        const refusal = yield* Effect.flip(pinned(root).pipe(Effect.provideService(FileSystem.FileSystem, full)))
        assert.deepInclude(refusal, { state: "no-room" })
        assert.deepStrictEqual(readdirSync(join(root, "pins")), [])
      })
    )
  )

  it.effect(
    "notices a file that is written again in place, in its weights only, since the rest is its own",
    inPlace((root) =>
      Effect.gen(function*() {
        const { folder, pin } = yield* pinned(root)
        const before = yield* weightsDigest(pin.folder)
        writeFileSync(join(folder, "config.json"), "{}")
        assert.isUndefined(yield* changedSince(pin))
        const weights = join(folder, "model.safetensors")
        const bytes = readFileSync(weights)
        bytes[bytes.length - 1]! ^= 1
        writeFileSync(weights, bytes)
        assert.notStrictEqual(yield* weightsDigest(pin.folder), before)
        appendFileSync(weights, "x")
        assert.strictEqual(yield* changedSince(pin), "model.safetensors")
      })
    )
  )

  it.effect(
    "is refused when a file leads out of the allowed folders",
    inPlace((root) =>
      Effect.gen(function*() {
        const outside = save(join(root, "elsewhere"), "transformers", 2)
        const folder = save(join(root, "out"), "transformers", 2)
        rmSync(join(folder, "tokenizer.json"))
        symlinkSync(join(outside, "tokenizer.json"), join(folder, "tokenizer.json"))
        const found = yield* inspectCheckpoint(folder)
        if (found.state !== "complete") return assert.fail(found.reason)
        const refusal = yield* Effect.flip(pinCheckpoint(found, join(root, "pin"), { roots: [join(root, "out")] }))
        assert.strictEqual(refusal.state, "outside")
        assert.include(refusal.reason, "outside the allowed folders")
      })
    )
  )

  it.effect(
    "that nobody needs is swept",
    inPlace((root) =>
      Effect.gen(function*() {
        for (const name of ["one", "two", "three"]) mkdirSync(join(root, name))
        assert.strictEqual(yield* sweepPins(root, new Set(["two"])), 2)
        assert.deepStrictEqual(readdirSync(root), ["two"])
      })
    )
  )

  it.effect(
    "has the digest that sha256sum gives for its list of weights",
    inPlace((root) =>
      Effect.gen(function*() {
        const { pin } = yield* pinned(root)
        const printed = execFileSync("sh", ["-c", "sha256sum *.safetensors | sha256sum"], {
          cwd: pin.folder,
          encoding: "utf8"
        })
        assert.strictEqual(yield* weightsDigest(pin.folder), `sha256:${printed.slice(0, 64)}`)
      })
    )
  )
})

describe("weights of another user", () => {
  const other = 65_534

  it.live(
    "can't be pinned, and the refusal says whose they are",
    // Only root can become another user.
    inPlace((root) =>
      Effect.gen(function*() {
        if (process.getuid?.() !== 0) return
        chmodSync(root, 0o755)
        const folder = save(join(root, "out"), "transformers", 2)
        chmodSync(join(folder, "model.safetensors"), 0o600)
        mkdirSync(join(root, "pins"))
        chmodSync(join(root, "pins"), 0o777)
        const source = (name: string) => JSON.stringify(join(import.meta.dirname, name))
        const program = `
          import * as NodeServices from "@effect/platform-node/NodeServices"
          import * as Effect from "effect/Effect"
          import { inspectCheckpoint } from ${source("layout.ts")}
          import { pinCheckpoint } from ${source("pin.ts")}
          process.setgroups([]); process.setgid(${other}); process.setuid(${other})
          const found = await Effect.runPromise(inspectCheckpoint(process.argv[1]).pipe(Effect.provide(NodeServices.layer)))
          // A watcher or a request may have looked before the modes were set: the pin itself has to notice too.
          const whole = { folder: process.argv[1], files: [
            { name: "model.safetensors", path: process.argv[1] + "/model.safetensors", kind: "weights" }] }
          const pin = await Effect.runPromise(
            Effect.flip(pinCheckpoint(whole, process.argv[2])).pipe(Effect.provide(NodeServices.layer)))
          console.log(JSON.stringify([found.state, found.reason, pin.state]))
        `
        const printed = yield* Effect.promise(() =>
          new Promise<string>((resolve, reject) =>
            execFile(
              process.execPath,
              [
                "--conditions=driftgate-source",
                "--input-type=module",
                "-e",
                program,
                folder,
                join(root, "pins", "one")
              ],
              { cwd: join(import.meta.dirname, "../.."), encoding: "utf8" },
              (error, stdout) => error === null ? resolve(stdout) : reject(error)
            )
          )
        )
        const [state, reason, pin] = JSON.parse(printed)
        assert.deepStrictEqual([state, pin], ["unreadable", "unreadable"])
        assert.match(reason, /mode 0600, owner 0/)
      })
    )
  )
})
