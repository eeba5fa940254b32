import { describe, expect, it } from "vitest"
import { addressOf, originOf } from "./address.ts"

describe("an address", () => {
  it.each([
    "https://gw.example/v1/",
    "HTTPS://GW.example:443/v1",
    "https://gw.example./v1//"
  ])("is one however it is written: %s", (text) => {
    expect(addressOf(text)).toBe("https://gw.example/v1")
  })

  it("keeps its port, path and query, whose order says nothing", () => {
    expect(addressOf("http://gw.example:8000")).toBe("http://gw.example:8000")
    expect(addressOf("https://gw.example/a/v1/?b=2&a=1")).toBe("https://gw.example/a/v1?a=1&b=2")
    expect(addressOf("https://gw.example/v1?a=1")).not.toBe(addressOf("https://gw.example/v1?a=2"))
  })

  it("that is none stays as it is", () => {
    expect([addressOf("near"), originOf("near")]).toEqual(["near", "near"])
  })

  it("has the origin of every other name of this machine, port by port", () => {
    expect(originOf("http://127.0.0.1:8000/v1")).toBe(originOf("http://localhost:8000/other"))
    expect(originOf("http://127.0.0.1:8000/v1")).not.toBe(originOf("http://localhost:8001/v1"))
    expect(originOf("https://gw.example/v1")).toBe("https://gw.example")
  })
})
