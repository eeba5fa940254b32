import * as Effect from "effect/Effect"
import { UsageProblem } from "../../domain/problem.ts"
import type { Flags } from "../../evaluate/settings.ts"

/** What a command line says of the ledger: suites, none, or nothing. Fails with `UsageProblem` when it says both. */
export const ledgerAsked = Effect.fnUntraced(function*({ ledger = [], noLedger = false }: Flags) {
  if (noLedger && ledger.length > 0) {
    return yield* new UsageProblem({
      reason: "flag",
      where: "--no-ledger",
      what: "it was given together with --ledger",
      fix: "Leave one of the two out."
    })
  }
  return noLedger ? { ledger: "none" } as const : ledger.length > 0 ? { ledger } : {}
})
