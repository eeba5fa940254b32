import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type FaultServer, startFaultServer } from "../fault-server/server.ts"
import { type Ended, recordsOf, right, rows, runArgs, suiteOf, type Workplace, workplace } from "./command.fixture.ts"

let here: Workplace
let server: FaultServer
let locked: FaultServer
let dead: string
beforeAll(async () => {
  here = workplace("bad-input")
  here.write("rows.jsonl", rows(3))
  here.write("empty.jsonl", "")
  here.write("broken.jsonl", "{\"prompt\":\"one\",\"reference\":\"1\"}\n{\"prompt\":\n")
  here.write("twice.jsonl", "{\"id\":\"a\",\"prompt\":\"one\"}\n{\"id\":\"a\",\"prompt\":\"two\"}\n")
  here.write("no-reference.jsonl", "{\"prompt\":\"one\"}\n")
  here.write("a-file", "")
  here.write("wrong-key.yaml", "seed: 1\nbudget:\n  requests: 5\n  tokns: 7\n")
  here.write("wrong-type.yaml", "seed: one\n")
  here.write("not-yaml.yaml", "suites: [a, b\nseed: 1\n")
  here.write("alias.yaml", "suites: *all\n")
  here.write("no-time.yaml", "timeout: 0s\n")
  here.write("below-a-file.yaml", "out: a-file/out\n")
  server = await startFaultServer({ answer: right })
  locked = await startFaultServer({ key: "the-right-key" })
  const gone = await startFaultServer()
  dead = gone.url
  await gone.close()
  // A scorer that asks a model in a role, with words of ours.
  for (
    const [name, text] of Object.entries({
      "judged/plugin.json": JSON.stringify({
        id: "judged",
        kind: "scorer",
        version: "1-A",
        contract: "^1.0.0",
        entry: "./index.js",
        measures: ["wrong"],
        roles: [{ name: "examiner", needs: ["messages"] }]
      }),
      "judged/index.js": "export const scorer = { score: async () => ({ status: 'unscored', reason: 'abstained' }) }\n",
      "judged/package.json": "{\"type\":\"module\"}",
      "unloadable/plugin.json": JSON.stringify({
        id: "unloadable",
        kind: "scorer",
        version: "1-A",
        contract: "^1.0.0",
        entry: "./index.js",
        measures: ["wrong"]
      }),
      "unloadable/index.js": "throw new Error('a part is missing')\n",
      "unloadable/package.json": "{\"type\":\"module\"}"
    })
  ) {
    here.write(name, text)
  }
})
afterAll(async () => {
  await Promise.all([server.close(), locked.close()])
  here.remove()
})

interface Wrong {
  readonly what: string
  readonly args: () => ReadonlyArray<string>
  readonly code: number
  /** Place, what was expected, and what to do now. */
  readonly says: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** How many lines the message has, where that is to be held: what is wrong, and one thing to do. */
  readonly lines?: number
}

const target = () => ["--target", `openai:fault-model@${server.url}`]
const run = (...more: ReadonlyArray<string>) => () => ["run", ...target(), "--suite", suiteOf("rows.jsonl"), ...more]
const suite = (text: string) => () => ["run", ...target(), "--suite", text]

const table: ReadonlyArray<Wrong> = [
  {
    what: "no model",
    args: () => ["run", "--suite", "arithmetic"],
    code: 64,
    says: ["--target", "no model is named", "openai:my-model@"]
  },
  {
    what: "an unknown scheme",
    args: () => ["run", "--target", "foo:bar", "--suite", "arithmetic"],
    code: 64,
    says: [
      "target \"foo:bar\"",
      "at character 1",
      "expected one of the schemes",
      "openai",
      "The form is scheme:locator"
    ]
  },
  {
    what: "an address that is none",
    args: () => ["run", "--target", "openai:m@127.0.0.1:80", "--suite", "arithmetic"],
    code: 64,
    says: ["openai:m@127.0.0.1:80", "http://"]
  },
  {
    what: "a parameter of a target that there is not",
    args: () => ["run", "--target", `openai:fault-model@${server.url}?sytem=x`, "--suite", "arithmetic"],
    code: 64,
    says: ["sytem"]
  },
  {
    what: "an unknown suite",
    args: suite("arithmetc"),
    code: 64,
    says: ["arithmetc", "Did you mean arithmetic?", "suites list"]
  },
  {
    what: "an option out of range",
    args: suite("arithmetic?n=0"),
    code: 64,
    says: ["arithmetic", "/n must be >= 1 (got 0)", "1 to 10000"]
  },
  {
    what: "an option that there is not",
    args: suite("arithmetic?m=3"),
    code: 64,
    says: ["arithmetic", "there is no option m", "options are"]
  },
  {
    what: "a suite twice",
    args: () => [...suite("arithmetic")(), "--suite", "arithmetic"],
    code: 64,
    says: ["arithmetic is named twice", "Name it once"]
  },
  {
    what: "a file that is not there",
    args: suite(suiteOf("none.jsonl")),
    code: 64,
    says: ["none.jsonl", "there is no such file", "Check path="]
  },
  {
    what: "an empty suite",
    args: suite(suiteOf("empty.jsonl")),
    code: 64,
    says: ["empty.jsonl", "the file has no rows"]
  },
  {
    what: "a broken row",
    args: suite(suiteOf("broken.jsonl")),
    code: 64,
    says: ["broken.jsonl:2", "not JSON", "one JSON object a line"]
  },
  {
    what: "an id twice",
    args: suite(suiteOf("twice.jsonl")),
    code: 64,
    says: ["twice.jsonl:2", "already that of line 1"]
  },
  {
    what: "an unknown scorer",
    args: run("--scorer", "things=exakt-match"),
    code: 64,
    says: ["exakt-match", "exact-match"]
  },
  {
    what: "a scorer for no suite here",
    args: run("--scorer", "other=exact-match"),
    code: 64,
    says: ["--scorer other=exact-match", "SUITE=SCORER", "things"]
  },
  {
    what: "a scorer that does not give what the suite gates",
    args: run("--scorer", "things=exact-match?measure=unsafe"),
    code: 64,
    says: ["things", "gates wrong", "gives unsafe", "--scorer things=ID"]
  },
  {
    what: "a role that is not set (peers 4)",
    args: run("--plugin", "judged", "--scorer", "things=judged"),
    code: 64,
    says: ["roles.examiner", "none is set", "--role examiner=TARGET", "Nothing was asked"]
  },
  {
    what: "a role without a model",
    args: run("--role", "examiner"),
    code: 64,
    says: ["--role examiner", "expected NAME=TARGET"]
  },
  {
    what: "a judge that is not there (peers 2)",
    args: run(
      "--plugin",
      "judged",
      "--scorer",
      "things=judged",
      "--role",
      "examiner=openai:judge@http://127.0.0.1:9/v1"
    ),
    code: 69,
    says: ["role examiner (openai:judge@http://127.0.0.1:9/v1)", "ECONNREFUSED", "Nothing was spent"]
  },
  {
    what: "a gate without its new model and with a preset that there is not",
    args: () => ["gate", "--base", `openai:fault-model@${server.url}`, "--preset", "smok"],
    code: 64,
    says: ["--tuned", "no model is named", "--preset smok", "there is no such preset"]
  },
  {
    what: "a decision that is not there",
    args: () => ["explain", "nope"],
    code: 64,
    says: ["nope/decision.json", "there is no such file", "Name a decision.json"]
  },
  { what: "a plugin that is not there", args: run("--plugin", "nowhere"), code: 64, says: ["nowhere"] },
  {
    what: "a plugin that can't be imported (peers 12, 20)",
    args: run("--plugin", "unloadable", "--scorer", "things=unloadable"),
    code: 70,
    says: ["unloadable", "failed while it was imported: a part is missing", "Correct the plugin"]
  },
  {
    what: "a wrong key in the configuration",
    args: run("--config", "wrong-key.yaml"),
    code: 64,
    says: ["wrong-key.yaml:4:3", "tokns"]
  },
  {
    what: "a wrong value in the configuration",
    args: run("--config", "wrong-type.yaml"),
    code: 64,
    says: ["wrong-type.yaml:1:7", "/seed"]
  },
  {
    what: "a configuration that is no YAML",
    args: run("--config", "not-yaml.yaml"),
    code: 64,
    says: ["not-yaml.yaml:", "this is not YAML", "Correct the file"]
  },
  {
    what: "an alias of nothing in the configuration",
    args: run("--config", "alias.yaml"),
    code: 64,
    says: ["alias.yaml", "this is not YAML", "all"]
  },
  {
    what: "a time of nothing in the configuration",
    args: run("--config", "no-time.yaml"),
    code: 64,
    says: ["no-time.yaml: timeout 0s", "above 0", "For example 90s"]
  },
  {
    what: "a configuration that is not there",
    args: run("--config", "none.yaml"),
    code: 64,
    says: ["none.yaml", "can't be read", "--config FILE"]
  },
  {
    what: "a profile that there is not",
    args: () => ["run", ...target(), "--profile", "core-6@1"],
    code: 64,
    says: ["--profile core-6@1", "there is no such profile", "core-5@1"]
  },
  { what: "a flag that there is not", args: run("--limt", "3"), code: 64, says: ["--limt", "driftgate run --help"] },
  { what: "a command that there is not", args: () => ["rnu"], code: 64, says: ["rnu", "driftgate --help"] },
  { what: "no command", args: () => [], code: 64, says: ["driftgate <subcommand>"] },
  {
    what: "a limit of zero",
    args: run("--limit", "0"),
    code: 64,
    says: ["--limit", "\"0\". Expected a whole number of at least 1"]
  },
  { what: "a seed that is no number", args: run("--seed", "x"), code: 64, says: ["--seed", "\"x\""] },
  { what: "a temperature of three", args: run("--temperature", "3"), code: 64, says: ["--temperature"] },
  {
    what: "a timeout without a unit",
    args: run("--timeout", "90"),
    code: 64,
    says: ["--timeout 90", "ms, s, m or h", "--timeout 90s"]
  },
  { what: "a timeout of nothing", args: run("--timeout", "0s"), code: 64, says: ["--timeout 0s", "above 0"] },
  {
    what: "an exit map without a number",
    args: run("--exit-map", "fail"),
    code: 64,
    says: ["--exit-map fail", "VERDICT=NUMBER", "For example"]
  },
  {
    what: "an exit map that makes a failure a success (peers 11)",
    args: run("--exit-map", "inconclusive=0"),
    code: 64,
    says: ["only pass may be 0"]
  },
  { what: "an exit map of nothing", args: run("--exit-map"), code: 64, says: ["--exit-map", "VERDICT=NUMBER"] },
  {
    what: "a folder below a file",
    args: run("--out", "a-file/out"),
    code: 64,
    says: ["--out", "a-file/out", "driftgate run --help"]
  },
  {
    what: "a folder below a file in the configuration",
    args: () => ["run", ...target(), "--suite", "arithmetic", "--config", "below-a-file.yaml"],
    code: 69,
    says: ["a-file/out/runs", "can't be made", "--out DIR"]
  },
  {
    what: "a folder where none can be made",
    args: run("--out", "/proc/driftgate"),
    code: 69,
    says: ["/proc/driftgate", "can't be made", "--out DIR"]
  },
  {
    what: "a folder of the cache that is below a file",
    args: run("--out", "out"),
    env: { XDG_CACHE_HOME: "/dev/null/cache" },
    code: 69,
    says: ["/dev/null/cache/driftgate", "can't be made", "XDG_CACHE_HOME", "--no-cache"]
  },
  {
    what: "a folder of the cache where none can be made",
    args: run("--out", "out"),
    env: { XDG_CACHE_HOME: "/proc/driftgate" },
    code: 69,
    says: ["/proc/driftgate", "can't be made", "XDG_CACHE_HOME", "--no-cache"]
  },
  {
    what: "a file of stored answers that is not there",
    args: () => ["run", "--target", "replay:none.jsonl", "--suite", suiteOf("rows.jsonl")],
    code: 64,
    says: ["target (replay:none.jsonl): ", "none.jsonl cannot be read (ENOENT)", "Name a file that exists"],
    lines: 2
  },
  {
    what: "a file of stored answers without any",
    args: () => ["run", "--target", "replay:empty.jsonl", "--suite", suiteOf("rows.jsonl")],
    code: 64,
    says: ["empty.jsonl", "this is no JSON", "Mend the file"],
    lines: 2
  },
  {
    what: "a model file that is not there",
    args: () => ["run", "--target", "gguf:./none.gguf", "--suite", suiteOf("rows.jsonl")],
    code: 64,
    says: ["target (gguf:./none.gguf): ", "there is no such file", "Name a GGUF file"],
    lines: 2
  },
  {
    what: "a model file that is another kind of file",
    args: () => ["run", "--target", "gguf:./rows.jsonl", "--suite", suiteOf("rows.jsonl")],
    code: 64,
    says: ["target (gguf:./rows.jsonl): ", "this is no GGUF file", "Name a GGUF file"],
    lines: 2
  },
  {
    what: "a system prompt that is not there",
    args:
      () => ["run", "--target", `openai:fault-model@${server.url}?system=@nope.txt`, "--suite", suiteOf("rows.jsonl")],
    code: 64,
    says: ["system=@nope.txt", "the system prompt cannot be read", "Name a file that exists"],
    lines: 2
  },
  {
    what: "a service without a place for its state",
    args: () => ["serve", "--root", ".", "--state", "/proc/driftgate", "--listen", "127.0.0.1:0"],
    code: 69,
    says: ["/proc/driftgate", "can't be made", "--state DIR"]
  },
  {
    what: "a server that is not there",
    args: () => runArgs(dead),
    code: 69,
    says: [`openai:fault-model@`, "ECONNREFUSED", "Check that the server runs", "Nothing was spent"]
  },
  {
    what: "a model that the server does not have",
    args: () => ["run", "--target", `openai:other@${server.url}`, "--suite", suiteOf("rows.jsonl")],
    code: 69,
    says: ["does not list the model \"other\"", "fault-model", "Nothing was spent"]
  },
  {
    what: "a wrong key",
    args: () => runArgs(locked.url),
    env: { OPENAI_API_KEY: "sk-wrong-key-of-a-user" },
    code: 69,
    says: ["401", "OPENAI_API_KEY", "Nothing was spent"]
  },
  {
    what: "no answers to score",
    args: () => ["score", "--scorer", "exact-match"],
    code: 64,
    says: ["stdin", "no answer came in", "JSON lines"],
    lines: 2
  },
  {
    what: "no answers to show prompts of",
    args: () => ["score", "--scorer", "exact-match", "--show-prompt"],
    code: 64,
    says: ["stdin", "no answer came in"]
  },
  {
    what: "a run folder that is none",
    args: () => ["verify", "."],
    code: 64,
    says: ["it holds no plan.json", "<out>/runs"]
  }
]

/** Everything a wrong command must not do, whatever is wrong with it. */
const checkManners = ({ code, signal, stderr, stdout }: Ended, wrong: Wrong): void => {
  expect({ code, signal, stderr }).toMatchObject({ code: wrong.code, signal: null })
  for (const part of wrong.says) expect(stderr).toContain(part)
  expect(stderr).toMatch(wrong.args().length === 0 ? /./ : /^driftgate: /m)
  expect(stderr).not.toMatch(/^ +at .*:\d+:\d+\)?$/m)
  expect(stderr).not.toContain("fault of driftgate")
  expect(stderr).not.toContain("sk-wrong")
  expect(stdout).toBe("")
  if (wrong.lines !== undefined) expect(stderr.trimEnd().split("\n")).toHaveLength(wrong.lines)
  const spec = /\(([a-z]+:[^)\s]+)\)/.exec(stderr)?.[1]
  if (spec !== undefined) expect(stderr.split(spec)).toHaveLength(2)
}

describe.concurrent("a wrong command says what is wrong, where, and what to do now", () => {
  test.each(table)("$what", async (wrong) => {
    checkManners(await here.driftgate(wrong.args(), wrong.env), wrong)
  })
})

describe("with --json", () => {
  test.each(
    [
      ["an unknown suite", 64, () => [...suite("arithmetc")(), "--json"]],
      ["a flag that there is not", 64, () => run("--limt", "3", "--json")()],
      ["a limit of zero", 64, () => run("--limit", "0", "--json")()],
      ["a server that is not there", 69, () => runArgs(dead, ["--json"])]
    ] as const
  )("%s ends stdout with an error record", async (_, exitCode, args) => {
    const ended = await here.driftgate(args())
    expect(ended.code).toBe(exitCode)
    const record = recordsOf(ended).at(-1)
    expect(record).toEqual({ type: "error", message: expect.any(String), exitCode })
    expect(ended.stderr).toContain(record?.["message"])
  })
})

test("nothing was asked, and nothing was left behind", () => {
  expect(server.stats().requests).toBe(0)
  expect(existsSync(join(here.folder, "out"))).toBe(false)
  expect(readdirSync(here.folder)).not.toContain("driftgate-out")
})
