// The command's process: arguments, signals, exit codes. The one place that talks to `process`.
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { createInterface } from "node:readline/promises"
import { fileURLToPath } from "node:url"
import { exitCodes, isProblem } from "../domain/problem.ts"
import { Consent } from "../evaluate/consent.ts"
import { Installation } from "../evaluate/installation.ts"
import { hasColors } from "./colors.ts"
import { Ended } from "./ended.ts"
import { exitMapOf } from "./exit-map.ts"
import { Interruption } from "./interruption.ts"
import { plainWords } from "./invalid.ts"
import { visible } from "./output.ts"
import { root } from "./root.ts"

const here = path.dirname(fileURLToPath(import.meta.url))
// Built, this is dist/cli/main.js and the plugins lie in dist/; in the source tree they lie two folders up.
const home = existsSync(path.join(here, "..", "benchmarks")) ? path.dirname(here) : path.dirname(path.dirname(here))
const packageFile = [home, path.dirname(home)].map((folder) => path.join(folder, "package.json")).find(existsSync)
const { version } = JSON.parse(readFileSync(packageFile!, "utf8")) as { readonly version: string }

const presenter: CliOutput.Presenter = {
  present: (event) =>
    Effect.sync(() => {
      const formatter = CliOutput.defaultFormatter({ colors: hasColors(process.stdout) })
      switch (event._tag) {
        case "Help":
          // Help that was not asked for is no result.
          return void (event.reason === "Implicit" ? process.stderr : process.stdout).write(
            formatter.formatHelpDoc(event.helpDoc) + "\n"
          )
        case "Version":
          return void process.stdout.write(`${version}\n`)
        case "InvalidInvocation":
          return tell(
            `${event.errors.map((error) => plainWords(error.message)).join("\n  ")}\n` +
              `  \`${event.commandPath.join(" ")} --help\` shows what can be written.`,
            exitCodes.UsageProblem
          )
      }
    })
}

const consent = Layer.succeed(Consent, {
  ask: (question) =>
    process.stdin.isTTY !== true || process.stderr.isTTY !== true
      ? Effect.succeed(false)
      : Effect.promise(async () => {
        const terminal = createInterface({ input: process.stdin, output: process.stderr })
        const answer = await terminal.question(`driftgate: ${question} [y/N] `)
        terminal.close()
        return /^y(es)?$/i.test(answer.trim())
      })
})

/** stdout carries results only: a message goes to stderr, and with `--json` ends stdout as a record. */
const tell = (message: string, code: number): void => {
  process.stderr.write(`driftgate: ${visible(message)}\n`)
  // What comes after a lone `--` belongs to another program.
  const end = process.argv.indexOf("--")
  if (process.argv.slice(0, end === -1 ? undefined : end).includes("--json")) {
    process.stdout.write(JSON.stringify({ type: "error", message, exitCode: code }) + "\n")
  }
}

const codeOf = (cause: Cause.Cause<unknown>): number => {
  const error = Cause.squash(cause)
  if (error instanceof Ended) return error.code
  if (isProblem(error)) {
    const code = exitCodes[error._tag]
    tell(error.message, code)
    return code
  }
  if (Cause.hasInterruptsOnly(cause)) {
    tell(
      "stopped at once\n  What was answered is on disk. The same command asks only what is left.",
      exitCodes.interrupted
    )
    return exitCodes.interrupted
  }
  if (typeof error === "object" && error !== null && "_tag" in error && error._tag === "ShowHelp") {
    return exitCodes.UsageProblem
  }
  const what = error instanceof Error ? error.message : String(error)
  tell(
    `a fault of driftgate: ${what}\n  Please report it. DRIFTGATE_DEBUG=1 prints where it happened.`,
    exitCodes.InternalProblem
  )
  if (process.env["DRIFTGATE_DEBUG"] !== undefined) process.stderr.write(Cause.pretty(cause) + "\n")
  return exitCodes.InternalProblem
}

const mapped = exitMapOf(process.argv.slice(2))
const asked = Deferred.makeUnsafe<string>()
const program = Effect.flatMap(mapped, ({ args }) => Command.runWith(root, { version })(args)).pipe(
  Effect.provide(Layer.mergeAll(
    NodeServices.layer,
    consent,
    Layer.succeed(Installation, { root: home, version }),
    Layer.succeed(Interruption, { asked }),
    CliOutput.layerPresenter(presenter),
    // Logs never mix with results.
    Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
  ))
)

const fiber = Effect.runFork(program)
/** The code as the caller wants to see it. */
const mappedCode = (code: number): number =>
  Effect.runSync(Effect.match(mapped, { onFailure: () => code, onSuccess: ({ map }) => map(code) }))
/** How long the end waits for what does not get done, such as a plugin that does not close. */
const patienceMillis = 5_000
let signals = 0
let giveUp: NodeJS.Timeout | undefined
const stop = (signal: "SIGINT" | "SIGTERM") => {
  signals++
  Deferred.doneUnsafe(asked, Effect.succeed(`stopped by ${signal}`))
  if (signals === 1) {
    process.stderr.write(`driftgate: ${signal}: finishing what is in flight; again to stop at once\n`)
  } else if (signals === 2) {
    fiber.interruptUnsafe()
    giveUp = setTimeout(() => {
      tell("what was begun does not end; stopped without it", exitCodes.interrupted)
      process.exit(mappedCode(exitCodes.interrupted))
    }, patienceMillis)
  }
}
// An evaluation that a service began ends with the service, however that ended.
if (process.env["DRIFTGATE_ENDS_WITH_STDIN"] !== undefined) {
  process.stdin.on("end", () => process.exit(exitCodes.interrupted)).on(
    "error",
    () => process.exit(exitCodes.interrupted)
  )
  process.stdin.resume()
  ;(process.stdin as { unref?: () => void }).unref?.()
}
process.on("SIGINT", () => stop("SIGINT"))
process.on("SIGTERM", () => stop("SIGTERM"))
let unwritten: Error | undefined
// A reader that went away, as in `driftgate suites list | head`, is no fault; the exit code stays the verdict's.
const notWritten = (error: NodeJS.ErrnoException | null | undefined): void => {
  if (error?.code !== "EPIPE") unwritten ??= error ?? undefined
}
process.stdout.on("error", notWritten)
const defect = (error: unknown) => {
  tell(
    `a fault of driftgate: ${error instanceof Error ? error.message : String(error)}\n  Please report it.`,
    exitCodes.InternalProblem
  )
  if (process.env["DRIFTGATE_DEBUG"] !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exit(exitCodes.InternalProblem)
}
process.on("uncaughtException", defect)
process.on("unhandledRejection", defect)

const exit = await Effect.runPromise(Fiber.await(fiber))
clearTimeout(giveUp)
const code = exit._tag === "Success" ? 0 : codeOf(exit.cause)
process.exitCode = mappedCode(code)
process.stdout.write("", (error) => {
  notWritten(error)
  if (unwritten === undefined) return
  // A result that nobody can read is no success, and no reason to hide a worse one.
  process.stderr.write(
    `driftgate: the results can't be written to stdout: ${unwritten.message}\n  Free space, or send them elsewhere. ` +
      "What lies in run folders is whole.\n"
  )
  if (code === 0) process.exitCode = mappedCode(exitCodes.UnavailableProblem)
})
// What a plugin left open, such as a socket, keeps no command alive.
setTimeout(() => process.exit(), patienceMillis).unref()
