import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type FaultServer, startFaultServer } from "../fault-server/server.ts"
import { flagsByCommand } from "./help.ts"
import { type Block, blocksOf, pages, proseOf } from "./markdown.ts"
import { makeSandbox, mayLackData, type Sandbox } from "./sandbox.ts"

const blocksThat = (has: (block: Block) => boolean) =>
  pages.map((page) => [page, blocksOf(page).filter((block) => block.language === "sh" && has(block))] as const)
    .filter(([, blocks]) => blocks.length > 0)
const shellBlocks = blocksThat(() => true)
const blocksToRun = blocksThat(({ notRun }) => notRun === undefined)

const named = ({ line, text }: Block): string => `line ${line}: ${text.split("\n")[0]!.slice(0, 60)}`

describe.each(blocksToRun)("the commands of %s do what it says", (_page, blocks) => {
  let sandbox: Sandbox
  let server: FaultServer
  beforeAll(async () => {
    sandbox = makeSandbox()
    // The address that the pages name, on a port that is free here.
    server = await startFaultServer({
      models: ["base", "tuned", "judge", "checkpoint-100", "checkpoint-200"],
      refuse: 70
    })
  })
  afterAll(async () => {
    sandbox.remove()
    await server.close()
  })

  // In order, in one folder: a later block may go on with what an earlier one left.
  for (const block of blocks) {
    it.skipIf(block.needsData && mayLackData)(named(block), async () => {
      const text = block.text.replaceAll("http://127.0.0.1:8000/v1", server.url)
      const { code, stderr, stdout } = await sandbox.shell(text)
      expect({ code, ...(code === block.exit ? {} : { stdout, stderr }) }).toEqual({ code: block.exit })
    }, 90_000)
  }
})

describe("what pages name exists", async () => {
  const flags = await flagsByCommand()

  /** The longest command that the words begin with, and its flags; undefined when there is no such command. */
  const commandOf = (words: ReadonlyArray<string>): ReadonlySet<string> | undefined =>
    flags.get(words.slice(0, 2).join(" ")) ?? flags.get(words[0] ?? "")

  const problemsOf = (text: string): ReadonlyArray<string> =>
    [...text.replaceAll("\\\n", " ").matchAll(/(?:^|[\s|&])driftgate ([^\n|&;`]*)/g)].flatMap(([whole, rest]) => {
      const words = rest!.trim().split(/\s+/)
      if (words[0]!.startsWith("-")) return flags.get("")!.has(words[0]!) ? [] : [whole]
      const known = commandOf(words)
      if (known === undefined) return [`${whole.trim()}: there is no such command`]
      // What comes after a lone `--` belongs to another program.
      const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words
      return own.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]!)
        .filter((flag) => !known.has(flag)).map((flag) => `${whole.trim()}: there is no ${flag}`)
    })

  it("finds a flag and a command that do not exist", () => {
    expect(problemsOf("driftgate gate --colour red")).toEqual(["driftgate gate --colour red: there is no --colour"])
    expect(problemsOf("driftgate bake")).toEqual(["driftgate bake: there is no such command"])
    expect(problemsOf("driftgate suites show xstest-safe --reveal --limit 3")).toEqual([
      "driftgate suites show xstest-safe --reveal --limit 3: there is no --limit"
    ])
  })

  it.each(shellBlocks)("commands and flags in the blocks of %s", (_page, blocks) => {
    expect(blocks.flatMap(({ text }) => problemsOf(text))).toEqual([])
  })

  it.each(pages)("commands and flags in the prose of %s", (page) => {
    const everyFlag = new Set([...flags.values()].flatMap((names) => [...names]))
    const spans = [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!)
    // Pages speak of flags of other programs only with the program before them.
    const alone = spans.filter((span) => span.startsWith("--")).map((span) => span.split(/[\s=]/)[0]!)
      .filter((flag) => !everyFlag.has(flag) && !foreignFlags.has(flag))
    expect([...spans.flatMap(problemsOf), ...alone]).toEqual([])
  })
})

/** Flags of npm, of Node, of trainers and of scripts of the project that pages name alone. */
const foreignFlags: ReadonlySet<string> = new Set([
  "--omit",
  "--check",
  "--figures",
  "--max-semi-space-size",
  "--ckpt.save_hf"
])
