import * as Effect from "effect/Effect"
import { UsageProblem } from "../domain/problem.ts"
import type { Settings } from "./settings.ts"

/** What models under test are called; judges go by their roles. */
const modelNames = ["target", "base", "tuned", "accepted"]

const wrong = (where: string, what: string, fix: string) => new UsageProblem({ reason: "config", where, what, fix })

/**
 * Fails with `UsageProblem` `config` when money is limited and a model that this command asks has no price, or when a price
 * stands under a name that no model goes by; `asked`: names of models, roles without `role `.
 */
export const requirePrices = Effect.fnUntraced(function*(
  { budget, prices, roles }: Pick<Settings, "budget" | "prices" | "roles">,
  asked: ReadonlyArray<string>
) {
  const names = [...new Set([...asked, ...modelNames, ...Object.keys(roles)])]
  const strange = Object.keys(prices).find((name) => !names.includes(name))
  if (strange !== undefined) {
    return yield* wrong(
      `prices.${strange}`,
      "no model goes by this name",
      `Write the price under the name of a model or role: ${names.join(", ")}.`
    )
  }
  const unpriced = [...new Set(asked)].filter((name) => !Object.hasOwn(prices, name))
  if (budget.usd !== undefined && unpriced.length > 0) {
    return yield* wrong(
      "budget.usd",
      `${unpriced.join(", ")} has no price, so that what is spent can't be known`,
      `Write it in driftgate.yaml in USD a million tokens, 0 for what is free: prices: { ${
        unpriced[0]
      }: { input: 1, output: 2 } }`
    )
  }
})
