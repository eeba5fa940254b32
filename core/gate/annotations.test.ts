import { expect, it } from "vitest"
import { noon } from "./scenario.fixture.ts"
import { reusedReason } from "./sentences.ts"

const times = { arm: "tuned" as const, answers: 60, from: noon, to: noon }

it("answers of an earlier time are told with how many they are, from when, and what nobody sees", () => {
  expect(reusedReason(times, "openai:m")).toBe(
    "tuned: nothing was asked now, all 60 answers are from 2026-06-15 12:00 UTC; openai:m is known by name only, so a model "
      + "that has taken its place since is not seen (--out DIR with an empty folder asks again)"
  )
  expect(reusedReason({ ...times, of: 80 }, "openai:m")).toContain(
    "tuned: 20 answers came now, 60 answers are from 2026-06-15 12:00 UTC; openai:m"
  )
  expect(reusedReason({ ...times, of: 80, cached: 5 }, "openai:m")).toContain(
    "60 answers are from 2026-06-15 12:00 UTC (5 of them out of the response cache, and older); openai:m"
  )
})
