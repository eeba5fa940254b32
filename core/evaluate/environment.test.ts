import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { emptyFolder } from "../run/folder.fixture.ts"
import { commitAt } from "./commit.ts"
import { writeEnvironment } from "./environment.ts"
import { Installation } from "./installation.ts"

const services = Layer.merge(NodeServices.layer, Layer.succeed(Installation, { root: "", version: "1.2.3" }))
const commit = "0123456789abcdef0123456789abcdef01234567"

const put = (folder: string, files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

describe("environment.json", () => {
  const sessionsAfter = (before: string | undefined) =>
    Effect.gen(function*() {
      const file = join(yield* emptyFolder, "environment.json")
      if (before !== undefined) writeFileSync(file, before)
      yield* writeEnvironment(file)
      yield* writeEnvironment(file)
      assert.deepStrictEqual(readdirSync(dirname(file)), ["environment.json"])
      return JSON.parse(readFileSync(file, "utf8"))
    }).pipe(Effect.provide(services))

  it.live("keeps what every session ran on, and the last one's where older readers look", () =>
    Effect.gen(function*() {
      const { sessions, ...last } = yield* sessionsAfter(undefined)
      assert.strictEqual(sessions.length, 2)
      assert.deepStrictEqual([last.driftgate, last], ["1.2.3", sessions[1]])
    }))

  it.live("of an older version counts as its first session", () =>
    Effect.gen(function*() {
      const old = { driftgate: "0.1.0", node: "v26", platform: "p", processors: "1 x c", memory: 1, at: "then" }
      const { sessions } = yield* sessionsAfter(JSON.stringify(old))
      assert.deepStrictEqual([sessions.length, sessions[0]], [3, old])
    }))

  it.live("that can't be read does not keep a run from going on", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* sessionsAfter("{\"driftgate\":")).sessions.length, 2)
    }))
})

describe("the commit of a folder", () => {
  const commitIn = (files: Readonly<Record<string, string>>, below = ".") =>
    Effect.gen(function*() {
      const folder = yield* emptyFolder
      put(folder, files)
      return yield* commitAt(join(folder, below))
    }).pipe(Effect.provide(services))

  it.live("is what its branch stands at", () =>
    Effect.gen(function*() {
      const head = { ".git/HEAD": "ref: refs/heads/main\n" }
      assert.strictEqual(yield* commitIn({ ...head, ".git/refs/heads/main": `${commit}\n` }), commit)
      const packed = `# pack-refs with: peeled\n${"f".repeat(40)} refs/heads/maintenance\n${commit} refs/heads/main\n`
      assert.strictEqual(yield* commitIn({ ...head, ".git/packed-refs": packed }), commit)
      assert.isUndefined(yield* commitIn(head))
    }))

  it.live("is that of the nearest folder above, and of a head without a branch", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* commitIn({ ".git/HEAD": commit, "a/b/x": "" }, "a/b"), commit)
    }))

  it.live("is that of a worktree, whose refs lie with the first one", () =>
    Effect.gen(function*() {
      const files = {
        "tree/.git": "gitdir: ../first/.git/worktrees/tree\n",
        "first/.git/worktrees/tree/HEAD": "ref: refs/heads/topic\n",
        "first/.git/worktrees/tree/commondir": "../..\n",
        "first/.git/refs/heads/topic": commit
      }
      assert.strictEqual(yield* commitIn(files, "tree"), commit)
    }))

  it.live("is none where git keeps nothing that reads like one", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* commitIn({ ".git/HEAD": "ref: refs/../../secret", "secret": commit }))
      assert.isUndefined(yield* commitIn({ ".git/HEAD": "something else" }))
    }))
})
