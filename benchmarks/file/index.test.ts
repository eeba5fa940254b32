import { isInputError, type Sample } from "driftgate/plugin"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { contextFor, pluginFile, readSuite } from "../mirror.fixture.ts"
import { benchmark } from "./index.ts"

const plugin = pluginFile(import.meta.dirname)

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "driftgate-file-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const readFile = async (
  name: string,
  content: string | Uint8Array,
  options: Readonly<Record<string, string>> = {}
): Promise<ReadonlyArray<Sample>> => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return (await readSuite(benchmark, "file", contextFor(plugin, { path, ...options }))).samples
}

const jsonl = (...rows: ReadonlyArray<unknown>): string => rows.map((row) => JSON.stringify(row)).join("\n")

describe("a JSONL file", () => {
  it("is read by the fields' own names", async () => {
    const row = { id: "a", prompt: "p", goal: "g", reference: "r", context: "c", category: "k", cluster: "l", other: 1 }
    expect(await readFile("own.jsonl", jsonl(row))).toEqual([{
      id: "a",
      goal: "g",
      messages: [{ role: "user", content: "p" }],
      reference: "r",
      context: "c",
      category: "k",
      cluster: "l"
    }])
  })

  it("is read by the fields that the options name", async () => {
    const samples = await readFile("map.jsonl", jsonl({ n: 7, q: "What?", a: 42 }), {
      id: "n",
      goal: "q",
      reference: "a"
    })
    expect(samples).toEqual([
      { id: "7", goal: "What?", messages: [{ role: "user", content: "What?" }], reference: "42" }
    ])
  })

  it("takes the prompt for the goal and the goal for the prompt", async () => {
    const [first, second] = await readFile("either.jsonl", jsonl({ prompt: "only sent" }, { goal: "only asked" }))
    expect([first?.goal, second?.messages[0]?.content]).toEqual(["only sent", "only asked"])
  })

  it("gives a row without an id one that depends on its prompt alone", async () => {
    const [first, second] = await readFile("ids.jsonl", jsonl({ prompt: "one" }, { prompt: "two" }))
    const [again] = await readFile("ids-again.jsonl", jsonl({ prompt: "two" }))
    expect(second?.id).toMatch(/^[0-9a-f]{16}$/u)
    expect([again?.id, first?.id === second?.id]).toEqual([second?.id, false])
  })

  it("may have a byte order mark, Windows line ends and empty lines", async () => {
    const samples = await readFile("marks.jsonl", "\uFEFF{\"prompt\":\"a\"}\r\n\r\n{\"prompt\":\"b\"}\r\n")
    expect(samples.map(({ goal }) => goal)).toEqual(["a", "b"])
  })
})

describe("a CSV file", () => {
  it("may have quoted line breaks and a byte order mark", async () => {
    const samples = await readFile("rows.csv", "\uFEFFid,prompt\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,d\r\n")
    expect(samples.map(({ id, goal }) => [id, goal])).toEqual([["1", "a, \"b\"\nc"], ["2", "d"]])
  })

  it("may be separated by tabs, or be named otherwise", async () => {
    expect(await readFile("rows.tsv", "id\tprompt\n1\ta\n")).toHaveLength(1)
    expect(await readFile("rows.txt", "id,prompt\n1,a\n", { format: "csv" })).toHaveLength(1)
  })

  it("may be in another encoding when the option names it", async () => {
    // 0x8E is e with an acute accent in Mac Roman (Apple's own table, ROMAN.TXT).
    const bytes = Buffer.concat([Buffer.from("id,prompt\n1,caf"), Buffer.from([0x8e]), Buffer.from("\n")])
    const [sample] = await readFile("mac.csv", bytes, { encoding: "macintosh" })
    expect(sample?.goal).toBe("caf\u00e9")
  })

  it("treats an empty cell as no value", async () => {
    const [sample] = await readFile("cells.csv", "prompt,cluster,reference\na,,\n")
    expect([sample?.cluster, sample?.reference]).toEqual([undefined, undefined])
  })
})

describe("a fault of the file", () => {
  const faults: ReadonlyArray<
    readonly [string, string, string | Uint8Array, Readonly<Record<string, string>>, RegExp]
  > = [
    [
      "a line that is not JSON",
      "bad.jsonl",
      "{\"prompt\":\"a\"}\n{prompt}\n",
      {},
      /bad\.jsonl:2: this line is not JSON/u
    ],
    ["a line that is no object", "list.jsonl", "[1]", {}, /list\.jsonl:1: this line is not a JSON object/u],
    [
      "a row without a prompt",
      "none.jsonl",
      jsonl({ prompt: "a" }, { text: "b" }),
      {},
      /none\.jsonl:2: .*goal= to: text/u
    ],
    [
      "a row without a named field",
      "named.jsonl",
      jsonl({ q: "a" }, { question: "b" }),
      { prompt: "q" },
      /named\.jsonl:2: prompt=q: .* Its fields are: question/u
    ],
    [
      "a field that is no text",
      "deep.jsonl",
      jsonl({ prompt: ["a"] }),
      {},
      /deep\.jsonl:1: the field prompt is not a text/u
    ],
    [
      "an id that is there twice",
      "twice.jsonl",
      jsonl({ id: 1, prompt: "a" }, { id: 2, prompt: "b" }, { id: "1", prompt: "c" }),
      {},
      /twice\.jsonl:3: the id "1" is already that of line 1/u
    ],
    [
      "an id with a control character",
      "control.jsonl",
      jsonl({ id: "1", prompt: "a" }, { id: "2\t2", prompt: "b" }),
      {},
      /control\.jsonl:2: the id holds a control character/u
    ],
    [
      "a prompt that is there twice without ids",
      "same.jsonl",
      jsonl({ prompt: "a" }, { prompt: "a" }),
      {},
      /same\.jsonl:2/u
    ],
    ["a row with too many columns", "wide.csv", "id,prompt\n1,a\n2,b,c\n", {}, /wide\.csv:3: /u],
    ["a quote that does not end", "open.csv", "id,prompt\n1,\"a\n", {}, /open\.csv:\d: Quote Not Closed/u],
    ["a column that is there twice", "columns.csv", "prompt,prompt\na,b\n", {}, /columns\.csv:1: the column "prompt"/u],
    [
      "bytes of another encoding",
      "latin.csv",
      Buffer.from([0x70, 0x72, 0x6f, 0x6d, 0x70, 0x74, 0x0a, 0x61, 0x0a, 0xe9, 0x0a]),
      {},
      /latin\.csv:3: there are bytes that are not utf-8.*encoding=macintosh/u
    ],
    ["an encoding that does not exist", "label.csv", "prompt\na\n", { encoding: "klingon" }, /encoding=klingon/u],
    ["an empty file", "empty.jsonl", "\n", {}, /empty\.jsonl: the file has no rows/u],
    ["a header alone", "header.csv", "id,prompt\n", {}, /header\.csv: the file has no rows/u]
  ]

  it.each(faults)("%s is told with file and line", async (_, name, content, options, message) => {
    const error: unknown = await readFile(name, content, options).catch((thrown: unknown) => thrown)
    expect(isInputError(error) ? `${error.message}. ${error.fix}` : error).toMatch(message)
  })

  it("a missing file is told with its path", async () => {
    const path = join(folder, "nowhere.jsonl")
    await expect(readSuite(benchmark, "file", contextFor(plugin, { path }))).rejects.toThrow(
      /nowhere\.jsonl: there is no such file/u
    )
  })
})
