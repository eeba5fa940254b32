import * as Effect from "effect/Effect"
import { exitCodes, UsageProblem } from "../domain/problem.ts"

const names = {
  pass: exitCodes.pass,
  fail: exitCodes.fail,
  inconclusive: exitCodes.inconclusive,
  incomplete: exitCodes.incomplete,
  invalid: exitCodes.invalid
} as const

interface MappedArguments {
  /** The arguments without the map. */
  readonly args: ReadonlyArray<string>
  readonly map: (code: number) => number
}

/**
 * Takes `--exit-map fail=1,inconclusive=2` out of the arguments, for callers that need other numbers.
 *
 * Only `pass` may become 0: a map that lets another verdict exit 0 fails with `UsageProblem` `flag`.
 */
export const exitMapOf = (
  args: ReadonlyArray<string>
): Effect.Effect<MappedArguments, UsageProblem> => {
  // What comes after -- is another program's.
  const end = args.indexOf("--")
  const own = end < 0 ? args : args.slice(0, end)
  const at = own.findIndex((arg) => arg === "--exit-map" || arg.startsWith("--exit-map="))
  if (at < 0) return Effect.succeed({ args, map: (code) => code })
  const inline = args[at]!.startsWith("--exit-map=")
  const text = inline ? args[at]!.slice("--exit-map=".length) : own[at + 1] ?? ""
  const table = new Map<number, number>()
  for (const entry of text.split(",")) {
    const [name, value, more] = entry.split("=")
    const code = Number(value)
    const known = Object.hasOwn(names, name ?? "")
    if (
      !known || more !== undefined || !/^[0-9]+$/.test(value ?? "") || code > 255 || (code === 0 && name !== "pass")
    ) {
      return Effect.fail(
        new UsageProblem({
          reason: "flag",
          where: `--exit-map ${text}`,
          what: "expected VERDICT=NUMBER,... with numbers from 1 to 255",
          fix: `Verdicts are ${
            Object.keys(names).join(", ")
          }; only pass may be 0. For example --exit-map fail=1,inconclusive=2`
        })
      )
    }
    table.set(names[name as keyof typeof names], code)
  }
  return Effect.succeed({ args: args.toSpliced(at, inline ? 1 : 2), map: (code) => table.get(code) ?? code })
}
