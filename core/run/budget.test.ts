import { assert, describe, it } from "@effect/vitest"
import { makeBudget } from "./budget.ts"
import { decoding } from "./plan.fixture.ts"
import { answer } from "./target.fixture.ts"

const request = {
  input: { messages: [{ role: "user", content: "söme words" }] },
  decoding: { ...decoding, maxTokens: 40 }
} as const
const still = () => 0
const used = (prompt: number, completion: number) => ({ ...answer("words"), usage: { prompt, completion } })

describe("a budget", () => {
  it("without limits is never exhausted", () => {
    const budget = makeBudget({}, still)
    budget.sent()
    budget.spend(used(1e9, 1e9), { input: 1e6, output: 1e6 }, request)
    assert.isUndefined(budget.exhausted())
  })

  it("counts every request that goes out, whatever becomes of it", () => {
    const budget = makeBudget({ requests: 2 }, still)
    budget.sent()
    assert.isUndefined(budget.exhausted())
    budget.sent()
    assert.strictEqual(budget.exhausted(), "2 requests are spent")
  })

  it("counts tokens of prompt and answer together", () => {
    const budget = makeBudget({ tokens: 100 }, still)
    budget.spend(used(60, 39), undefined, request)
    assert.isUndefined(budget.exhausted())
    budget.spend(used(1, 0), undefined, request)
    assert.strictEqual(budget.exhausted(), "100 tokens are spent")
  })

  it("pays for prompt and answer at their own prices", () => {
    const budget = makeBudget({ usd: 3 }, still)
    budget.spend(used(1_000_000, 500_000), { input: 1, output: 2 }, request)
    assert.strictEqual(budget.spent().usd, 2)
    assert.isUndefined(budget.exhausted())
    budget.spend(used(0, 500_000), { input: 1, output: 2 }, request)
    assert.strictEqual(budget.exhausted(), "3 USD are spent")
  })

  it("that is not limited by tokens or money counts what has no usage as none, and what has no price as free", () => {
    const budget = makeBudget({ requests: 10 }, still)
    budget.spend(used(5, 4), undefined, request)
    budget.spend(answer("words"), { input: 1, output: 1 }, request)
    assert.deepStrictEqual(budget.spent(), { requests: 0, tokens: 9, usd: 0 })
    assert.isUndefined(budget.exhausted())
  })

  it("counts an answer without usage as the most it can have used, and says so", () => {
    const budget = makeBudget({ tokens: 52 }, still)
    budget.spend(answer("words"), undefined, request)
    // 11 bytes of prompt and 40 new tokens.
    assert.strictEqual(budget.spent().tokens, 51)
    assert.isUndefined(budget.exhausted())
    budget.spend(answer("words"), undefined, { ...request, input: { tokens: [1] } })
    assert.strictEqual(
      budget.exhausted(),
      "52 tokens are spent; 2 answers came without usage and count as the most they can have used"
    )
    const money = makeBudget({ usd: 3 }, still)
    money.spend(answer("words"), { input: 0, output: 100_000 }, request)
    assert.strictEqual(money.spent().usd, 4)
    assert.include(money.exhausted(), "3 USD are spent; 1 answers came without usage")
  })

  it("of money ends with the first answer of a model without a price", () => {
    const budget = makeBudget({ usd: 3 }, still)
    budget.spend(used(1, 1), undefined, request)
    assert.include(budget.exhausted(), "models without a price")
  })

  it("ends with the time that was given, on a clock that nobody can set", () => {
    let at = 500
    const budget = makeBudget({ wallMillis: 2_000 }, () => at)
    at = 2_499
    assert.isUndefined(budget.exhausted())
    assert.strictEqual(budget.left(), 1)
    at = 2_500
    assert.strictEqual(budget.exhausted(), "2 s have passed")
    assert.strictEqual(makeBudget({}, still).left(), Infinity)
  })

  it("that cannot be compared is exhausted", () => {
    const budget = makeBudget({ tokens: 10 }, still)
    budget.spend(used(NaN, 1), undefined, request)
    assert.isDefined(budget.exhausted())
  })
})
