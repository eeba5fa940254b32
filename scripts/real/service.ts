import { spawn } from "node:child_process"
import { chown, mkdir } from "node:fs/promises"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"

const root = resolve(import.meta.dirname, "..", "..")

/** A `driftgate serve` that listens on loopback. */
export interface Service {
  readonly url: string
  readonly port: number
  /** What it printed on stderr so far. */
  readonly log: () => string
  /** Ends it at once, as a power cut would. */
  readonly kill: () => Promise<void>
}

/** The flag that gives the demo's base a name. */
export const baseFlags = (name: string): ReadonlyArray<string> => [
  "--base",
  `${name}=checkpoint:${join(root, "demo", "checkpoints", "base")}`
]

export interface ServiceOptions {
  /** Folder that holds `runs`, under which checkpoints lie, and the answers that services share. */
  readonly folder: string
  /** Name of the folder of its state. */
  readonly state?: string
  readonly flags: ReadonlyArray<string>
  readonly port?: number
  readonly token?: string
  /** User and group that it runs as; only root can choose. */
  readonly uid?: number
}

/** Starts `driftgate serve` from the sources; its embedded engine is real. */
export const startService = async (
  { flags, folder, port = 0, state = "state", token, uid }: ServiceOptions
): Promise<Service> => {
  await mkdir(join(folder, "runs"), { recursive: true })
  if (uid !== undefined) await chown(join(folder, "runs"), uid, uid)
  const child = spawn(process.execPath, [
    "--conditions=driftgate-source",
    join(root, "core", "cli", "main.ts"),
    "serve",
    "--json",
    ...["--listen", `127.0.0.1:${port}`, "--state", join(folder, state), "--root", join(folder, "runs")],
    ...flags
  ], {
    cwd: folder,
    env: {
      ...process.env,
      XDG_CACHE_HOME: join(folder, uid === undefined ? "cache" : "cache-of-another-user"),
      ...(token === undefined ? {} : { DRIFTGATE_TOKEN: token })
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid })
  })
  const end = () => void child.kill("SIGKILL")
  process.once("exit", end)
  const ended = new Promise<void>((done) => child.once("close", () => done()))
  let said = ""
  child.stderr.on("data", (bytes: Buffer) => void (said = (said + bytes.toString()).slice(-20_000)))
  const lines = createInterface({ input: child.stdout })
  const listening = await Promise.race([
    new Promise<string>((done) => lines.once("line", done)),
    ended.then(() => {
      throw new Error(`driftgate serve ended at once:\n${said}`)
    })
  ])
  const { url } = JSON.parse(listening) as { readonly url: string }
  return {
    url,
    port: Number(new URL(url).port),
    log: () => said,
    kill: async () => {
      process.off("exit", end)
      child.kill("SIGKILL")
      await ended
    }
  }
}
