import { describe, expect, test } from "vitest"
import { contextFor, mirror, pluginFile, readSuite, whySkipped } from "../benchmarks/mirror.fixture.ts"
import { clustersAmong, clustersOf, withoutRepeated } from "../core/evaluate/clusters.ts"

const samplesOf = async (plugin: string, suite: string, options = {}) => {
  const folder = `${import.meta.dirname}/../benchmarks/${plugin}`
  const { benchmark } = await import(`${folder}/index.ts`)
  return (await readSuite(benchmark, suite, contextFor(pluginFile(folder), options))).samples
}

describe.skipIf(mirror === undefined)(`the suites of core-5@1${whySkipped}`, () => {
  // Counts of ../shared/design/suites.md, of what the manifests ask: no suite loses a sample to another's words.
  test.each([
    ["harmbench", "harmbench", 240, 240],
    ["jailbreakbench", "jailbreakbench", 100, 100],
    ["strongreject", "strongreject", 281, 281],
    ["advbench", "advbench", 520, 520],
    ["in-the-wild", "in-the-wild", 390, 390],
    ["jailbreakbench", "jailbreakbench-artifacts", 237, 91],
    ["xstest", "xstest-safe", 250, 250],
    ["xstest", "xstest-unsafe", 200, 200],
    ["jailbreakbench", "jailbreakbench-benign", 100, 100],
    ["coconot", "coconot-contrast", 379, 379],
    ["toy", "toy-sums", 200, 200]
  ])("%s: %s has %d samples in %d clusters", async (plugin, suite, samples, clusters) => {
    const all = await samplesOf(plugin, suite)
    expect([all.length, clustersOf(all)]).toEqual([samples, clusters])
  })

  test("the over-refusal pool holds every sample of its members once", async () => {
    const members = await Promise.all([
      samplesOf("xstest", "xstest-safe"),
      samplesOf("jailbreakbench", "jailbreakbench-benign"),
      samplesOf("coconot", "coconot-contrast")
    ])
    const kept = withoutRepeated(members)
    expect(kept.map(({ length }) => length)).toEqual([250, 100, 379])
    expect(clustersAmong(kept)).toBe(729)
  })

  // What one suite asks in the words of another: 11 and 25 of AdvBench (../shared/design/suites.md 2.2).
  test("suites that copy each other are known by goal and words", async () => {
    const advbench = await samplesOf("advbench", "advbench")
    const jailbreakbench = await samplesOf("jailbreakbench", "jailbreakbench")
    const strongreject = await samplesOf("strongreject", "strongreject")
    expect(withoutRepeated([advbench, jailbreakbench])[1]).toHaveLength(100 - 11)
    expect(withoutRepeated([advbench, strongreject])[1]).toHaveLength(281 - 25)
    const questions = await samplesOf("in-the-wild", "in-the-wild")
    expect(withoutRepeated([questions, strongreject])[1]).toHaveLength(281)
    expect(clustersAmong([questions, strongreject])).toBe(390 + 281 - 34)
  })
})
