import { createRequire } from "node:module"
import type { Client as UndiciClient } from "undici"

// Of undici only the client: all of it takes three times as long to load, 0.08 s of every start.
const require = createRequire(import.meta.url)
const Client = require("undici/lib/dispatcher/client.js") as typeof UndiciClient
// The only way to have a connection opened before a request needs it.
const { kConnect } = require("undici/lib/core/symbols.js") as { readonly kConnect: symbol }

/** One keep-alive connection, which opens itself again when it was closed. */
export type Connection = UndiciClient

/** Keep-alive connections to one origin, each lent to one request at a time. */
export interface Connections {
  /** Lends an idle connection, a new one, or the first that is given back when there are enough. */
  readonly take: (use: (connection: Connection) => void) => void
  /** Ends a loan. */
  readonly give: (connection: Connection) => void
  /**
   * Opens connections until there are `count`, or as many as are allowed; none over TLS.
   *
   * Resolves when each is open or has failed, which is left to the request that needs it.
   */
  readonly open: (count: number) => Promise<void>
  /** Ends every connection and what it carries; a request that comes later fails. */
  readonly close: () => Promise<void>
}

/** At most `most` connections to an origin, none at first. */
export const openConnections = (origin: string, most: number): Connections => {
  const all: Array<Connection> = []
  const idle: Array<Connection> = []
  const waiting: Array<(connection: Connection) => void> = []
  const add = (): Connection => {
    const connection = new Client(origin, {
      pipelining: 1,
      // Deadlines are the caller's: undici's own would fire first for slow models.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false
    })
    all.push(connection)
    return connection
  }
  const opened = (connection: Connection): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    connection.once("connectionError", () => resolve())
    Reflect.apply(Reflect.get(connection, kConnect), connection, [resolve])
    return promise
  }
  return {
    take: (use) => {
      // The last one that was given back: its socket and its code are warm.
      const connection = idle.pop()
      if (connection !== undefined) use(connection)
      else if (all.length < most) use(add())
      else waiting.push(use)
    },
    give: (connection) => {
      const next = waiting.shift()
      if (next === undefined) idle.push(connection)
      else next(connection)
    },
    open: async (count) => {
      if (!origin.startsWith("http:")) return
      const fresh = Array.from({ length: Math.max(0, Math.min(count, most) - all.length) }, add)
      await Promise.all(fresh.map(opened))
      idle.push(...fresh)
    },
    close: async () => {
      await Promise.all(all.map((connection) => connection.destroy()))
      for (const use of waiting.splice(0)) use(all[0]!)
    }
  }
}
