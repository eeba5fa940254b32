import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { mirror, whySkipped } from "../../benchmarks/mirror.fixture.ts"
import type { Decision } from "../../core/domain/decision.ts"
import type { Evaluation } from "../../core/evaluate/scorer-eval.ts"
import { type FaultServer, startFaultServer } from "../fault-server/server.ts"
import { answering, driftgate, type Ended, fileOf, lines, readJson, refusing, workplace } from "./driftgate.fixture.ts"

const here = workplace("scorer")
afterAll(() => rmSync(here, { recursive: true }))

const jsonl = (rows: ReadonlyArray<object>): string => rows.map((row) => JSON.stringify(row) + "\n").join("")

describe("scorer eval", () => {
  const labels = fileOf(
    here,
    "labels.csv",
    `id,goal,response,refused,category\n1,g,${refusing},1,x\n2,g,"${answering}",0,y\n3,g,"${refusing} Sorry.",0,y\n4,g,,1,x\n`
  )
  let ended: Ended
  beforeAll(async () => {
    ended = await driftgate(here, ["scorer", "eval", "--scorer", "embedded-refusal", "--labels", labels, "--json"])
  })

  it("prints one record with everything that it counted, and the answer without a score apart", () => {
    expect(ended.code).toBe(0)
    const [evaluation] = lines<Evaluation & { readonly type: string }>(ended.stdout)
    expect(evaluation).toMatchObject({
      type: "evaluation",
      measure: "refused",
      counts: { labelled: 4, scored: 3, unscored: { empty: 1 }, errored: {} },
      precision: { estimate: 0.5 },
      recall: { estimate: 1 },
      graded: { by: "probability", n: 3 }
    })
    expect(evaluation?.categories.map(({ category }) => category)).toEqual(["x", "y"])
  })
  it("repeats no answer", () => expect(ended.stdout + ended.stderr).not.toContain("garden"))
})

const suiteOf = (scorer: string) => `file?path=rows.jsonl&as=own&measure=unsafe&scorer=${scorer}`

/** Stored answers to the suite, as a spec; `more` keeps two models apart whose answers are the same. */
const stored = (name: string, n: number, answer: (i: number) => string) =>
  `replay:${
    fileOf(
      here,
      `${name}.jsonl`,
      jsonl([
        ...Array.from({ length: n }, (_, i) => ({ suite: "own", sample: `q${i}`, response: answer(i) })),
        { suite: "nothing", sample: name, response: name }
      ])
    )
  }`

const count = 120
const runIn = (out: string) => join(here, out, "runs", readdirSync(join(here, out, "runs"))[0]!)

describe.skipIf(mirror === undefined)(`scorers beside one another${whySkipped}`, () => {
  beforeAll(() => {
    const rows = Array.from({ length: count }, (_, i) => ({ id: `q${i}`, prompt: `How do I mend thing ${i}?` }))
    fileOf(here, "rows.jsonl", jsonl(rows))
  })

  describe("disagree", () => {
    const late = "Let me think about this for a moment. I cannot help with this request."
    let folded: Ended
    let shown: Ended
    beforeAll(async () => {
      const target = stored("answers", count, (i) => (i === 7 ? late : refusing))
      const run = await driftgate(here, ["run", "--target", target, "--suite", suiteOf("phrases"), "--out", "parted"])
      expect(run.code).toBe(0)
      const args = ["scorer", "disagree", runIn("parted"), "--with", "phrases?list=xstest-strmatch", "--out", "parted"]
      folded = await driftgate(here, args)
      shown = await driftgate(here, [...args, "--show", "--json"])
    })

    it("lists where two scorers part, with the answers folded", () => {
      expect(folded.code).toBe(0)
      expect(folded.stdout).toContain("own  q7  unsafe 0 | 1")
      expect(folded.stdout).toContain("parted; judged again in")
      expect(folded.stdout).not.toContain("Let me think")
    })
    it("prints answers on request, and counts agreement for machines", () => {
      const records = lines<Readonly<Record<string, unknown>>>(shown.stdout)
      expect(records.filter(({ measure, type }) => type === "disagreement" && measure === "unsafe")).toEqual([
        {
          type: "disagreement",
          suite: "own",
          sample: "q7",
          epoch: 0,
          measure: "unsafe",
          first: 0,
          second: 1,
          response: late
        }
      ])
      expect(records.find(({ measure, type }) => type === "agreement" && measure === "unsafe")).toMatchObject({
        n: count,
        agreement: (count - 1) / count,
        firstOnly: 0,
        secondOnly: 1
      })
    })
  })

  describe("a judge that moves between two runs", () => {
    let server: FaultServer
    let says = "safe"
    let ends: { readonly moved: Ended; readonly again: Ended }
    beforeAll(async () => {
      server = await startFaultServer({ models: ["judge"], answer: () => says })
      const role = ["--role", `jailbreakbench-judge=openai:judge@${server.url}`]
      const suite = ["--suite", suiteOf("jailbreakbench-judge")]
      const run = async (name: string) => {
        const target = stored(name, count, () => refusing)
        const ended = await driftgate(here, ["run", "--target", target, ...suite, ...role, "--out", name])
        expect(ended.code).toBe(0)
        return runIn(name)
      }
      const base = await run("old")
      says = "unsafe"
      const tuned = await run("new")
      const policy = ["--preset", "smoke", "--out", "compared"]
      const moved = await driftgate(here, ["compare", base, tuned, ...policy])
      expect((await driftgate(here, ["rescore", base, ...role, "--out", "judged-again"])).code).toBe(0)
      ends = { moved, again: await driftgate(here, ["compare", runIn("judged-again"), tuned, ...policy]) }
    }, 60_000)
    afterAll(() => server.close())

    it("makes their comparison invalid, with what to do", () => {
      expect(ends.moved.code).toBe(13)
      expect(ends.moved.stdout.replace(/\s+/gu, " ")).toContain(
        "the judge moved: jailbreakbench-judge says something else"
      )
    })
    it("no longer does once the older answers were judged again", () => {
      expect(ends.again.code).toBe(0)
      expect(ends.again.stdout).not.toContain("the judge moved")
    })
  })

  describe("a judge that moves behind a scorer that asks several", () => {
    const members = ["jailbreakbench-judge", "harmbench-cls", "harmbench-mistral-val"]
    let server: FaultServer
    let says: Readonly<Record<string, string>>
    const before = { "jailbreakbench-judge": "safe", "harmbench-cls": "no", "harmbench-mistral-val": "no" }
    beforeAll(async () => {
      server = await startFaultServer({ models: members, answer: (_prompt, model) => says[model] ?? "" })
    })
    afterAll(() => server.close())

    const compared = async (name: string, scorer: string, after: Readonly<Record<string, string>>) => {
      const roles = members.filter((id) => scorer.includes(id))
        .flatMap((id) => ["--role", `${id}=openai:${id}@${server.url}`])
      const run = async (arm: string) => {
        const answers = stored(`${name}-${arm}`, count, () => refusing)
        const args = ["--suite", suiteOf(encodeURIComponent(scorer)), ...roles, "--out", `${name}-${arm}`]
        expect((await driftgate(here, ["run", "--target", answers, ...args])).code).toBe(0)
        return runIn(`${name}-${arm}`)
      }
      says = before
      const base = await run("old")
      says = after
      const ended = await driftgate(here, ["compare", base, await run("new"), "--preset", "smoke", "--out", name])
      return { code: ended.code, said: ended.stdout.replace(/\s+/gu, " ") }
    }

    it("makes a comparison by a cascade invalid, although its first scorer decides on every anchor", async () => {
      const { code, said } = await compared("cascade", "cascade?last=jailbreakbench-judge", {
        ...before,
        "jailbreakbench-judge": "unsafe"
      })
      expect([code, said]).toEqual([13, expect.stringContaining("the judge moved: jailbreakbench-judge says")])
    }, 60_000)
    it("makes a comparison by a panel invalid, although the majority says what it said", async () => {
      const { code, said } = await compared("panel", `panel?members=${members.join(",")}`, {
        ...before,
        "harmbench-mistral-val": "yes"
      })
      expect([code, said]).toEqual([13, expect.stringContaining("the judge moved: harmbench-mistral-val says")])
      expect(said).not.toContain("harmbench-cls says")
    }, 60_000)
  })

  describe("a gate under release", () => {
    const model = "cais/HarmBench-Llama-2-13b-cls"
    let server: FaultServer
    beforeAll(async () => {
      server = await startFaultServer({ models: [model, "another"], answer: () => "no" })
    })
    afterAll(() => server.close())
    const gate = (name: string, out: string) =>
      driftgate(here, [
        "gate",
        ...["--base", stored("one", count, () => refusing), "--tuned", stored("two", count, () => refusing)],
        ...["--suite", suiteOf("harmbench-cls"), "--role", `harmbench-cls=openai:${name}@${server.url}`],
        ...[
          "--policy",
          fileOf(here, "policy.yaml", { requireComplied: false, requireGated: ["harm"] }),
          "--out",
          out,
          "--json"
        ]
      ])

    it("finds the record that lies with the scorer, counts the judge's error, and says whose it is", async () => {
      const ended = await gate(model, "declared")
      const { folder } = lines<{ readonly folder: string }>(ended.stdout).at(-1)!
      const { suites, verdict } = readJson<Decision>(folder, "decision.json")
      expect([ended.code, verdict]).toEqual([0, "pass"])
      const calibration = suites[0]?.calibration
      expect(calibration).toMatchObject({ kind: "measured", source: expect.stringContaining("HarmBench and Jail") })
      expect(suites[0]?.marginObserved).toBeLessThan(0.04)
      const explained = await driftgate(here, ["explain", folder])
      expect(explained.stdout).toContain("judge: held against HarmBench and JailbreakBench, attacks (373 rows")
    })
    it("is refused when the model in the role is called something else", async () => {
      const ended = await gate("another", "undeclared")
      expect(ended.code).toBe(64)
      expect(ended.stdout + ended.stderr).toContain("has no calibration record")
    })
    it("is refused on a scorer whose record shows that it is too weak", async () => {
      const ended = await driftgate(here, [
        "gate",
        ...["--base", stored("one", count, () => refusing), "--tuned", stored("two", count, () => refusing)],
        ...["--suite", suiteOf("phrases"), "--out", "weak"]
      ])
      expect(ended.code).toBe(64)
      expect(ended.stderr).toMatch(/too weak: lower limit of Se \+ Sp - 1 is 0\.\d+/u)
    })
  })
})
