import { expect, test } from "vitest"
import { openTurns } from "./turns.ts"

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve))

test("calls are made in their order, at most eight in a turn of the event loop", async () => {
  const inTurn = openTurns()
  const made: Array<number> = []
  for (let call = 0; call < 20; call++) inTurn(() => made.push(call))
  expect(made).toEqual([])
  const after: Array<number> = []
  while (made.length < 20) {
    await turnOfTheLoop()
    after.push(made.length)
  }
  expect(made).toEqual(Array.from({ length: 20 }, (_, call) => call))
  expect(after).toEqual([8, 16, 20])
})

test("a call that comes while others wait is made after them, and one that comes later on is made too", async () => {
  const inTurn = openTurns()
  const made: Array<string> = []
  inTurn(() => {
    made.push("first")
    inTurn(() => made.push("third"))
  })
  inTurn(() => made.push("second"))
  await turnOfTheLoop()
  await turnOfTheLoop()
  expect(made).toEqual(["first", "second", "third"])
  inTurn(() => made.push("fourth"))
  await turnOfTheLoop()
  expect(made.at(-1)).toBe("fourth")
})
