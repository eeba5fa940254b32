import { describe, expect, it } from "vitest"
import type { Identity } from "../domain/plan.ts"
import { samenessOf } from "./identity.ts"

/** A model that nothing but its name and address tells. */
const named = (parts: Readonly<Record<string, string>>): Identity => {
  const whole = { scheme: "openai", model: "m", urls: "https://gw.example/v1", ...parts }
  return { behaviour: JSON.stringify(whole), full: "f", verifiable: false, parts: whole }
}

describe("a model that is known by its name only", () => {
  it.each([
    { omit: "seed" },
    { extra: "[[\"user\",\"x\"]]" },
    { urls: "https://gw.example/v1/" },
    { urls: "HTTPS://GW.example:443/v1" },
    { urls: "https://other.example/v1,https://gw.example/v1" },
    { scheme: "hf" }
  ])("is the base, whatever else its spec says: %o", (parts) => {
    expect(samenessOf(named({}), named(parts))).toBe("name")
    expect(samenessOf(named(parts), named({}))).toBe("name")
  })

  it("is the base on any port of this machine", () => {
    expect(
      samenessOf(named({ urls: "http://127.0.0.1:1/v1" }), named({ urls: "http://localhost:2/v1", omit: "seed" }))
    ).toBe("name")
  })

  it.each([
    { model: "m2" },
    { urls: "https://other.example/v1" },
    { urls: "https://gw.example/other/v1" },
    { systemPrompt: "s" },
    { provider: "together" }
  ])("is another one by %o", (parts) => {
    expect(samenessOf(named({}), named(parts))).toBeUndefined()
  })

  it("is not told from one whose weights were seen by its name", () => {
    expect(samenessOf(named({}), { ...named({ omit: "seed" }), verifiable: true })).toBeUndefined()
  })
})
