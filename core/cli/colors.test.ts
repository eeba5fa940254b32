import { assert, it } from "@effect/vitest"
import { WriteStream } from "node:tty"
import { hasColors } from "./colors.ts"

it("colours are for terminals that have them, and for nobody who set NO_COLOR or TERM=dumb", () => {
  const terminal = Object.create(WriteStream.prototype, { isTTY: { value: true } }) as WriteStream
  const pipe = Object.create(WriteStream.prototype, { isTTY: { value: undefined } }) as WriteStream
  assert.isTrue(hasColors(terminal, { TERM: "xterm-256color" }))
  assert.isFalse(hasColors(terminal, { TERM: "xterm-256color", NO_COLOR: "1" }))
  assert.isFalse(hasColors(terminal, { TERM: "dumb" }))
  assert.isFalse(hasColors(pipe, { TERM: "xterm-256color" }))
})
