import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import { defaultFlags, type Flags } from "../../evaluate/settings.ts"

import { evaluation, ledger, policy } from "../flags.ts"
import { flagsOf } from "../settings-flags.ts"
import { askingArguments, decidingArguments } from "./evaluation-arguments.ts"
import { deskOf } from "./watch-desk.ts"

const asking: Partial<Flags> = {
  config: resolve("driftgate.yaml"),
  suites: ["xstest-safe@1", "sums"],
  scorers: ["sums=exact"],
  roles: ["judge=openai:m@http://127.0.0.1:1/v1"],
  plugins: ["./one"],
  seed: 7,
  epochs: 2,
  limit: 30,
  maxTokens: 64,
  temperature: 0,
  reasoning: "either",
  concurrency: 3,
  timeout: "90s",
  maxRequests: 1000,
  budgetTokens: 2000,
  maxTime: "2h",
  noCache: true,
  cacheRemote: true,
  yes: true
}
const deciding: Partial<Flags> = {
  policyFile: resolve("policy.yaml"),
  calibrations: ["a.json", "b.json"],
  ledger: ["sums"]
}

const parsed = (args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    let found: Flags | undefined
    const command = Command.make("any", { ...evaluation, ...policy, ...ledger }, (input) =>
      Effect.sync(() => {
        found = flagsOf(input)
      }))
    yield* Command.runWith(command, { version: "0" })(args)
    return found
  })

it.layer(NodeServices.layer)((it) => {
  describe("what a command that evaluates in a process of its own says again", () => {
    it.effect("every flag that asks or decides comes out of the second command line as it went in", () =>
      Effect.gen(function*() {
        for (const given of [{ ...asking, ...deciding }, { noLedger: true }, {}]) {
          const flags: Flags = { ...defaultFlags, ledger: [], noLedger: false, ...given }
          const again = yield* parsed([...decidingArguments(flags), ...askingArguments(flags)])
          expect(again).toEqual(flags)
        }
      }))

    it("models, profile, preset and output folder are left to whoever starts it", () => {
      const flags = { ...defaultFlags, out: "o", target: "t", base: "b", tuned: "c", profile: "p", preset: "release" }
      expect([...decidingArguments(flags), ...askingArguments(flags)]).toEqual([])
    })

    it.effect("each of them is refused beside a service, which has settings of its own", () =>
      Effect.gen(function*() {
        for (const [name, value] of Object.entries({ ...asking, ...deciding, noLedger: true })) {
          const flags: Flags = { ...defaultFlags, base: "start", [name]: value }
          const exit = yield* Effect.exit(
            Effect.scoped(deskOf(
              {
                flags,
                layout: "auto",
                accept: "pass",
                service: Option.some("http://127.0.0.1:1"),
                runId: Option.none(),
                confirm: "half",
                gateTimeout: "6h",
                outage: "2m",
                allowIdenticalStart: false,
                json: false
              },
              "/runs",
              "run",
              "attempt"
            ))
          )
          expect(Exit.isFailure(exit), name).toBe(true)
        }
      }))
  })
})
