/** Base and tuned models with known tables on real suites, gated and compared in every way that ends differently. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { CalibrationRecord } from "../../core/domain/calibration.ts"
import type { Decision, Flip, SuiteDecision } from "../../core/domain/decision.ts"
import {
  answering,
  answersOf,
  driftgate,
  type Ended,
  fileOf,
  lines,
  pairOf,
  readJson,
  refusing,
  samplesOf,
  type Table,
  workplace
} from "./driftgate.fixture.ts"

/** Where the scenes play. */
export const here = workplace("verdicts")

/** The last record on stdout, when the command ended with a verdict. */
interface VerdictRecord {
  readonly type: "verdict"
  readonly verdict: string
  readonly exitCode: number
  readonly folder: string
}

/** A command that came to a decision. */
export interface Decided extends Ended {
  readonly record: VerdictRecord
  readonly decision: Decision
  readonly flips: ReadonlyArray<Flip>
}

const decided = (ended: Ended): Decided => {
  const record = lines<VerdictRecord>(ended.stdout).at(-1)
  if (record?.type !== "verdict") throw new Error(`no verdict: ${ended.stderr}`)
  return {
    ...ended,
    record,
    decision: readJson(record.folder, "decision.json"),
    flips: lines<Flip>(readFileSync(join(record.folder, "flips.jsonl"), "utf8"))
  }
}

// Everything is asked, so that the counts are those of the whole table.
const gate = (args: ReadonlyArray<string>): Promise<Ended> =>
  driftgate(here, ["gate", ...args, "--no-early-stop", "--json"])
const gated = async (args: ReadonlyArray<string>): Promise<Decided> => decided(await gate(args))
const compared = async ({ decision }: Decided, ...args: ReadonlyArray<string>): Promise<Decided> => {
  const runs = [decision.arms.base.run, decision.arms.tuned.run].map((run) => join("driftgate-out", "runs", run))
  return decided(await driftgate(here, ["compare", ...runs, "--json", ...args]))
}

/** The entry of one measure of a suite. */
export const entryOf = ({ decision }: Decided, suite: string, measure = "unsafe"): SuiteDecision => {
  const entry = decision.suites.find((one) => one.suite === suite && one.measure === measure)
  if (entry === undefined) throw new Error(`no ${measure} of ${suite}`)
  return entry
}

/** Release without the demands for calibration and for harm beside refusals, and what a test changes. */
const policyOf = (name: string, changes: object = {}): ReadonlyArray<string> => [
  "--policy",
  fileOf(here, `${name}.yaml`, { judge: { required: [] }, requireComplied: false, requireGated: [], ...changes })
]

const wholeTable = { becameBad: 12, becameGood: 12 }

/** Commands with their ends, each a case of the gate. */
export interface Scenes {
  readonly samples: Readonly<Record<string, Table>>
  readonly pass: Decided
  readonly again: Decided
  readonly fail: Decided
  readonly waived: Decided
  readonly otherSides: Decided
  readonly inconclusive: Decided
  readonly imputed: Decided
  readonly incomplete: Decided
  readonly incompleteWaived: Decided
  readonly expiredAfter: Decided
  readonly expiredBefore: Ended
  readonly underCeiling: Decided
  readonly overCeiling: Decided
  readonly identical: Decided
  readonly shorter: Decided
  readonly unlike: Decided
  readonly accepted: Decided
  readonly unreachable: Ended
  readonly uncalibrated: Ended
  readonly repeated: Decided
  readonly calibration: { readonly ended: Ended; readonly record: CalibrationRecord }
  readonly release: Decided
  readonly explained: Readonly<Record<string, string>>
}

/** Starts every command that the tests read. */
export const play = async (): Promise<Scenes> => {
  const suites = {
    advbench: "harmful",
    strongreject: "harmful",
    jailbreakbench: "harmful",
    "in-the-wild?k=2": "harmful",
    "xstest-safe": "benign",
    "jailbreakbench-benign": "benign",
    arithmetic: "task"
  } as const
  const known = Object.fromEntries(
    await Promise.all(
      Object.entries(suites).map(async ([suite, kind]) =>
        [suite, { kind, samples: await samplesOf(here, suite) } satisfies Table] as const
      )
    )
  ) as Record<keyof typeof suites, Table>
  const waiver = (suite: string, expires = "2999-12-31") => ({ suite, owner: "safety team", reason: "known", expires })

  const samples = {
    advbench: { ...known.advbench, ...wholeTable },
    strongreject: { ...known.strongreject, becameBad: 5, becameGood: 0 },
    jailbreakbench: { ...known.jailbreakbench, becameBad: 1, becameGood: 0 },
    "in-the-wild?k=2": { ...known["in-the-wild?k=2"], becameBad: 3, becameGood: 4, bad: 2 },
    "xstest-safe": { ...known["xstest-safe"], becameBad: 3, becameGood: 1 },
    "jailbreakbench-benign": { ...known["jailbreakbench-benign"], becameBad: 1, becameGood: 0 },
    arithmetic: { ...known.arithmetic, becameBad: 2, becameGood: 5 }
  }
  const single = (name: string, suite: keyof typeof suites, table: Partial<Table>) =>
    pairOf(here, name, { [suite]: { ...known[suite], ...table } })

  const passing = async () => {
    const pass = await gated([...pairOf(here, "pass", samples), ...policyOf("plain")])
    const again = await compared(pass, ...policyOf("plain"), "--out", "again")
    return { pass, again }
  }
  const failing = async () => {
    const table = {
      advbench: { ...known.advbench, becameBad: 40, becameGood: 3 },
      strongreject: known.strongreject
    }
    const fail = await gated([...pairOf(here, "fail", table), ...policyOf("plain")])
    const waivers = [waiver("advbench"), waiver("macro")]
    return { fail, waived: await compared(fail, ...policyOf("waived", { waivers })) }
  }
  const otherSides = () => {
    const table = {
      advbench: known.advbench,
      "xstest-safe": { ...known["xstest-safe"], becameBad: 40, becameGood: 1 },
      "jailbreakbench-benign": known["jailbreakbench-benign"],
      arithmetic: { ...known.arithmetic, becameBad: 60, becameGood: 5 }
    }
    return gated([...pairOf(here, "sides", table), ...policyOf("plain")])
  }
  const guarded = async (whole: Decided) => {
    const shorter = await gated([
      ...single("guarded", "jailbreakbench", {}),
      ...policyOf("plain"),
      ...["--max-tokens", "7"]
    ])
    const runs = [shorter.decision.arms.base.run, whole.decision.arms.base.run].map((run) =>
      join("driftgate-out", "runs", run)
    )
    const compare = async (...args: ReadonlyArray<string>) =>
      decided(await driftgate(here, ["compare", ...runs, ...policyOf("plain"), "--json", ...args]))
    return { shorter, unlike: await compare(), accepted: await compare("--accept", "decoding") }
  }
  const missing = async () => {
    const lost = ["absent", "blocked", "empty", "cut"] as const
    const incomplete = await gated([...single("lost", "jailbreakbench", { lost }), ...policyOf("plain")])
    const waivers = [waiver("jailbreakbench")]
    return {
      incomplete,
      ...await guarded(incomplete),
      incompleteWaived: await compared(incomplete, ...policyOf("lost-waived", { waivers })),
      expiredAfter: await compared(
        incomplete,
        ...policyOf("expired", { waivers: [waiver("jailbreakbench", "2020-01-01")] })
      )
    }
  }
  const ceilings = async () => {
    const jailbreakbench = single("ceiling", "jailbreakbench", { bad: 9, becameGood: 2 })
    const underCeiling = await gated([...jailbreakbench, ...policyOf("high", { ceilings: { jailbreakbench: 0.2 } })])
    return {
      underCeiling,
      overCeiling: await compared(underCeiling, ...policyOf("low", { ceilings: { jailbreakbench: 0.1 } }))
    }
  }
  const released = async () => {
    const label = (id: string, response: string, bad: 0 | 1) => ({
      id,
      response,
      labels: { unsafe: bad, complied: bad }
    })
    const rows = [
      ...Array.from({ length: 394 }, (_, i) => label(`tp${i}`, answering, 1)),
      ...Array.from({ length: 6 }, (_, i) => label(`fn${i}`, refusing, 1)),
      ...Array.from({ length: 396 }, (_, i) => label(`tn${i}`, refusing, 0)),
      ...Array.from({ length: 4 }, (_, i) => label(`fp${i}`, answering, 0))
    ]
    const labels = fileOf(here, "labelled.jsonl", rows.map((row) => JSON.stringify(row) + "\n").join(""))
    const calibrate = (measure: string) =>
      driftgate(here, ["calibrate", "--scorer", "phrases", "--labels", labels, "--measure", measure, "--json"])
    const [ended] = await Promise.all([calibrate("unsafe"), calibrate("complied")])
    const records = [
      "--calibration",
      "calibration-phrases-unsafe.json",
      "--calibration",
      "calibration-phrases-complied.json"
    ]
    const table = {
      advbench: { ...known.advbench, becameBad: 9 },
      strongreject: { ...known.strongreject, becameBad: 3 }
    }
    const alone = ["--preset", "release", "--policy", fileOf(here, "alone.yaml", { requireGated: ["harm"] })]
    return {
      calibration: { ended, record: readJson<CalibrationRecord>(here, "calibration-phrases-unsafe.json") },
      release: await gated([...pairOf(here, "release", table), ...alone, ...records])
    }
  }
  const same = answersOf(here, "same", { jailbreakbench: known.jailbreakbench }, () => "good")
  const epochs = async () => {
    const fate = (name: string, bad: ReadonlyArray<readonly [number, number]>) =>
      answersOf(
        here,
        name,
        { jailbreakbench: known.jailbreakbench },
        (_, index, epoch) => bad.some(([i, e]) => i === index && e === epoch) ? "bad" : "good",
        2
      )
    const [base, tuned] = [fate("twice-base", [[3, 0]]), fate("twice-tuned", [[3, 0], [5, 1], [8, 0], [8, 1]])]
    const margins = policyOf("wide", { margins: { suite: 0.15 } })
    return gated(["--base", base, "--tuned", tuned, "--suite", "jailbreakbench", "--epochs", "2", ...margins])
  }

  const lostOfMany = ["blocked", "blocked", "empty", "empty", "cut"] as const
  const [passed, failed, sides, inconclusive, imputed, lost, ceiling, releases, repeated, identical] = await Promise
    .all([
      passing(),
      failing(),
      otherSides(),
      gated([...single("unclear", "jailbreakbench", { becameBad: 4, becameGood: 1 }), ...policyOf("plain")]),
      gated([
        ...single("imputed", "advbench", { becameBad: 8, becameGood: 4, lost: lostOfMany }),
        ...policyOf("narrow", { margins: { suite: 0.03 } })
      ]),
      missing(),
      ceilings(),
      released(),
      epochs(),
      gated(["--base", same, "--tuned", same, "--suite", "jailbreakbench", ...policyOf("plain")])
    ])
  const other = answersOf(here, "other", { jailbreakbench: known.jailbreakbench }, () => "good")
  const two = ["--base", same, "--tuned", other, "--suite", "jailbreakbench"]
  const [unreachable, uncalibrated, expiredBefore] = await Promise.all([
    gate([...two, ...policyOf("unreachable", { margins: { suite: 0.02 } })]),
    gate([...two, "--preset", "release"]),
    gate([...two, ...policyOf("out", { waivers: [waiver("jailbreakbench", "2020-01-01")] })])
  ])
  const explain = async ({ record }: Decided) => (await driftgate(here, ["explain", record.folder])).stdout
  const explained = await Promise.all(
    Object.entries({
      pass: passed.pass,
      fail: failed.fail,
      inconclusive,
      incomplete: lost.incomplete,
      identical,
      repeated
    }).map(
      async ([name, scene]) => [name, await explain(scene)] as const
    )
  )
  return {
    samples,
    ...passed,
    ...failed,
    otherSides: sides,
    inconclusive,
    imputed,
    ...lost,
    ...ceiling,
    ...releases,
    repeated,
    identical,
    unreachable,
    uncalibrated,
    expiredBefore,
    explained: Object.fromEntries(explained)
  }
}
