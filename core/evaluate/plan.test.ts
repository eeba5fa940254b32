import { describe, expect, it } from "vitest"
import { modelNamed } from "./plan.ts"

describe("the model that a role's spec names", () => {
  it("is called what records call it where it is asked as it is", () => {
    expect(modelNamed("openai:publisher/judge@http://127.0.0.1:8000/v1")).toBe("publisher/judge")
    expect(modelNamed("openai:publisher/judge@http://127.0.0.1:8000/v1?stream=true&system=")).toBe("publisher/judge")
    expect(modelNamed("hf:publisher/judge?provider=together")).toBe("publisher/judge")
    expect(modelNamed("openai:publisher%2Fjudge")).toBe("publisher/judge")
  })

  it.each([
    "openai:publisher/judge@http://127.0.0.1:8000/v1?system=be kind",
    "openai:publisher/judge?system=@system.txt",
    "openai:publisher/judge?omit=temperature",
    "openai:publisher/judge?extra.top_p=0.5",
    "openai:publisher/judge@http://127.0.0.1:8000/v1+adapter",
    "hf:publisher/judge?system=be kind",
    "checkpoint:publisher/judge",
    "openai:",
    ""
  ])("has no name that a record could mean in %j", (spec) => expect(modelNamed(spec)).toBe(""))
})
