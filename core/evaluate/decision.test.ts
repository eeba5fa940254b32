import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { LedgerInput } from "../gate/ledger.ts"
import { plainPolicy } from "../gate/scenario.fixture.ts"
import { runDirectory } from "../run/directory.ts"
import { frozen, identity, requestOf, samples, suiteToPlan } from "../run/plan.fixture.ts"
import type { StoredRun } from "../run/stored-run.ts"
import { type DecisionInput, gateFolder } from "./decision.ts"

const suites = [suiteToPlan("s", samples(4))]
const run = (name: string): StoredRun => {
  const target = { spec: `test:${name}`, identity: { ...identity, behaviour: name } }
  const { plan } = frozen(suites, requestOf(suites, { target }))
  const directory = Effect.runSync(
    Effect.map(Path.Path, (path) => runDirectory(path, `runs/${plan.run}`)).pipe(Effect.provide(Path.layer))
  )
  return { directory, plan, planDigest: "d".repeat(64) }
}

describe("the folder of a decision", () => {
  it.effect("is another one with a ledger, so that `compare` does not write over what `gate` measured", () =>
    Effect.gen(function*() {
      const [base, tuned] = [run("base"), run("tuned")]
      const compared: DecisionInput = { out: "out", base, tuned, policy: plainPolicy(), records: [] }
      const folder = yield* gateFolder(compared)
      assert.strictEqual(yield* gateFolder({ ...compared }), folder)
      const measured = yield* gateFolder({ ...compared, ledger: {} as LedgerInput })
      assert.notStrictEqual(measured, folder)
      // Log-probabilities are written there before there is a ledger.
      assert.strictEqual(yield* gateFolder(compared, true), measured)
    }).pipe(Effect.provide(NodeServices.layer)))
})
