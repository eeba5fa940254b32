/**
 * What runs in the small process between driftgate and an engine.
 *
 * Its standard input is a pipe whose other end driftgate holds: the kernel closes it however driftgate ends, SIGKILL
 * included, and the engine is then stopped with all that it started. The text of this function is handed to
 * `node --eval`, so it names nothing from outside itself.
 */
export const supervise = (): void => {
  const { spawn } = process.getBuiltinModule("node:child_process")
  const { readdirSync, readFileSync, writeSync } = process.getBuiltinModule("node:fs")
  const [command, graceText, ...args] = process.argv.slice(1)
  const grace = Number(graceText)
  const mark = `DRIFTGATE_ENGINE=${process.env["DRIFTGATE_ENGINE"]}`
  // This process leads the group that the engine is in, and outlives the signal that it sends to all of it.
  process.on("SIGTERM", () => stop())
  process.on("SIGINT", () => {})
  process.on("SIGHUP", () => {})

  /** Processes that left the group and still carry our mark. Linux alone tells; elsewhere there are none to see. */
  const strays = (): ReadonlyArray<number> => {
    try {
      return readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name) && name !== String(process.pid)).filter(
        (name) => {
          try {
            return readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(mark)
          } catch {
            return false
          }
        }
      ).map(Number)
    } catch {
      return []
    }
  }
  const send = (pid: number, signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal)
    } catch {
      // It is gone already.
    }
  }
  const end = (status: object): void => {
    try {
      writeSync(3, JSON.stringify(status))
    } catch {
      // Nobody is left to be told.
    }
    for (const pid of strays()) send(pid, "SIGKILL")
    send(-process.pid, "SIGKILL")
  }
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    send(-process.pid, "SIGTERM")
    setTimeout(() => end({ signal: "SIGKILL" }), grace)
  }
  const child = spawn(command!, args, { stdio: ["ignore", "inherit", "inherit"] })
  child.on("error", (error) => end({ failed: error.message }))
  child.on("exit", (code, signal) => end({ code, signal }))
  process.stdin.on("data", () => {}).on("end", stop).on("error", stop)
}
