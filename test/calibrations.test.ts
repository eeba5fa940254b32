import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { mirror, whySkipped } from "../benchmarks/mirror.fixture.ts"
import { CalibrationRecord } from "../core/domain/calibration.ts"
import { recordFor } from "../core/evaluate/calibrations.ts"
import { ownDigestSync } from "../core/plugin/content.ts"
import { humanAgreement, readSets } from "../scripts/calibrations/data.ts"
import { decidingLines, figureLines, otherJudgeLines, shownLines } from "../scripts/calibrations/figures.ts"
import { makeRecords, subjects } from "../scripts/calibrations/records.ts"
import { refOf, withScorers } from "../scripts/calibrations/scored.ts"

const root = join(import.meta.dirname, "..")
const files = globSync("plugins/scorers/*/calibration.json", { cwd: root }).sort()
const shipped = new Map(
  files.map((file) => [
    basename(dirname(file)),
    JSON.parse(readFileSync(join(root, file), "utf8")) as ReadonlyArray<CalibrationRecord>
  ])
)
const again = "run `node --conditions=driftgate-source scripts/calibrations.ts` with the data, and see `--figures`"

const noVerdicts = "no verdicts of its judge are recorded beside labels of people here"

/** Scorers that nothing at hand can be said of, and why. */
const withoutRecords: Readonly<Record<string, string>> = {
  "coconot-rubric": noVerdicts,
  "copyright-minhash": "the texts that it compares with are the user's own",
  "demo-mixed": "it judges answers of the demo's invented world alone, by the rules that made them",
  "demo-rules": "it judges answers of the demo's invented world alone, by the rules that made them",
  "exact-match": "it compares with a reference: in a task it has no error of its own",
  "hexphi-policy": noVerdicts,
  "jailbreakbench-refusal": noVerdicts,
  "or-bench": noVerdicts,
  "strongreject-finetuned": noVerdicts,
  "strongreject-rubric": noVerdicts,
  wildguard: noVerdicts
}

/** Ids of all scorers of this tree, which all give measures. */
const scorers = globSync("plugins/scorers/*/plugin.json", { cwd: root }).flatMap((file) => {
  const { id, kind, measures } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
    readonly id: string
    readonly kind: string
    readonly measures: ReadonlyArray<string>
  }
  return kind === "scorer" && measures.length > 0 ? [id] : []
}).sort()

describe("the calibration records that are shipped", () => {
  const decode = Schema.decodeUnknownResult(Schema.Array(CalibrationRecord), { onExcessProperty: "error" })

  it("are of every scorer but those of which there is a reason why not", () => {
    expect(scorers.length).toBeGreaterThan(15)
    expect(scorers.filter((id) => shipped.has(id) === Object.hasOwn(withoutRecords, id))).toEqual([])
    expect([...shipped.keys(), ...Object.keys(withoutRecords)].sort()).toEqual(scorers)
  })

  it("hold at least one each", () => {
    expect([...shipped].filter(([, records]) => records.length === 0)).toEqual([])
  })

  it.each([...shipped])("%s: have the shape of records and speak of the scorer as it is", (id, records) => {
    expect(Result.isSuccess(decode(records))).toBe(true)
    const digest = ownDigestSync(join(root, "plugins/scorers", id))
    // A change to the scorer, or to what it shares with others, needs its records made anew.
    expect(records.map(({ scorer }) => scorer.plugin.digest === digest), again).toEqual(records.map(() => true))
  })

  it.each([...shipped])("%s: hold counts, digests and names, and no sentence of the data", (_id, records) => {
    const texts: Array<string> = []
    JSON.stringify(records, (_key, value: unknown) => {
      if (typeof value === "string") texts.push(value)
      return value
    })
    expect(texts.filter((text) => text.length > 160)).toEqual([])
  })
})

describe.skipIf(mirror === undefined)(`made again from the data${whySkipped}`, () => {
  let made: ReadonlyMap<string, ReadonlyArray<CalibrationRecord>>
  let sets: ReturnType<typeof readSets>
  beforeAll(async () => {
    sets = readSets(mirror!)
    // Those of trained scorers take longer: scripts/calibrations.ts --check makes all of them.
    made = await makeRecords(mirror!, ({ learnt }) => learnt === undefined)
  }, 60_000)

  it.each([
    ...new Set(subjects.filter(({ learnt }) => learnt === undefined).map(({ scorer }) => scorer.split("?")[0]!))
  ])(
    "%s: the records are the same",
    (id) => expect(made.get(id), again).toEqual(shipped.get(id))
  )

  it("those of scorers that ask trained ones speak of all that they ask as it is", async () => {
    const combined = subjects.filter(({ learnt, replayed }) => learnt !== undefined && replayed !== undefined)
    const recipes = await withScorers(
      mirror!,
      Effect.scoped(Effect.forEach(combined, (subject) => Effect.map(refOf(subject), ({ recipe }) => recipe)))
    )
    expect(recipes.length).toBeGreaterThan(0)
    expect(shipped.get("cascade")!.map(({ scorer }) => scorer.behaviour), again).toEqual(recipes)
  })

  it("that of a cascade is found for this selection under the judge's own name, and for nothing else", async () => {
    const [subject] = subjects.filter(({ scorer }) => scorer === "cascade?last=harmbench-cls")
    const [name = ""] = subject!.replayed!["harmbench-cls"]!.models
    const found = async (scorer: string, model: string) => {
      const ref = await withScorers(mirror!, Effect.scoped(refOf({ ...subject!, scorer })))
      return recordFor(shipped.get("cascade")!, "harmbench", "unsafe", { ...ref, models: { "harmbench-cls": model } })
    }
    expect((await found(subject!.scorer, name))?.data.name).toBe("HarmBench and JailbreakBench, attacks")
    expect(await found(subject!.scorer, `${name}-4bit`)).toBeUndefined()
    expect(await found(`${subject!.scorer}&band=0.2`, name)).toBeUndefined()
  })

  it("docs/scorers.md has the figures of these records, and those of the rows", async () => {
    const all = [...shipped].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, records]) => records)
    const lines = [
      ...decidingLines(all),
      ...shownLines(all),
      ...await figureLines(mirror!),
      ...otherJudgeLines(mirror!)
    ]
    const guide = readFileSync(join(root, "docs/scorers.md"), "utf8").split("\n")
    expect(lines.filter((line) => !guide.includes(line)), again).toEqual([])
  }, 60_000)

  it("the people of HarmBench agree with each other as the data say", () => {
    const { rows } = sets.find(({ id }) => id === "harmbench")!
    expect(rows).toHaveLength(276)
    expect(humanAgreement(rows)).toBeCloseTo(0.8551, 4)
  })

  it("no group of goals lies in two folds, and the groups are counted", () => {
    for (const records of shipped.values()) {
      for (const { data, groups } of records) {
        expect(groups?.folds.reduce((sum, { rows }) => sum + rows, 0)).toBe(data.rows)
        expect(groups?.sensitivity.n).toBeGreaterThan(0)
        expect(groups?.count).toBeLessThanOrEqual(data.rows)
      }
    }
  })
})

/** Plugins of the build, whose digest has to be that of their source: else no shipped record would ever be found. */
const built = globSync("dist/{plugins/*,benchmarks,reports}/*/.digest.json", { cwd: root }).map(dirname)
const untouched = built.filter((folder) => {
  const { source } = JSON.parse(readFileSync(join(root, folder, ".digest.json"), "utf8")) as { readonly source: string }
  // A build that is older than its source speaks of the source that it was made from.
  return source === ownDigestSync(join(root, folder.replace(/^dist\//u, "")))
})

describe.skipIf(!existsSync(join(root, "dist/cli")) || untouched.length === 0)("a plugin of the build", () => {
  it.each(untouched)("%s has the digest of its source", (folder) => {
    expect(ownDigestSync(join(root, folder))).toBe(ownDigestSync(join(root, folder.replace(/^dist\//u, ""))))
  })
})
