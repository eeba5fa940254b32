import type { Dispatcher } from "undici"
import { TargetError } from "../plugin/contract.ts"
import { type Connection, type Connections, openConnections } from "./connections.ts"
import { failure } from "./failure.ts"
import { excerpt, type Reply } from "./reply.ts"
import { openTurns } from "./turns.ts"

export interface TransportOptions {
  /** Connections kept to one origin; more requests than that wait. @default 512 */
  readonly connections?: number
  /** Longest body that is read. @default 64 MiB */
  readonly maxBodyBytes?: number
}

/** One request, its URL already apart. */
export interface Outgoing {
  readonly method: "GET" | "POST"
  readonly origin: string
  readonly path: string
  /** Names and values in turn. */
  readonly headers: Array<string>
  readonly body?: string
}

const closedEarly = "closed the connection before the answer was whole"
const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections",
  ENOTFOUND: "has no address",
  EAI_AGAIN: "could not be looked up",
  ECONNRESET: closedEarly,
  EPIPE: closedEarly,
  UND_ERR_SOCKET: closedEarly,
  UND_ERR_CONNECT_TIMEOUT: "did not accept a connection in time"
}

const codeOf = (error: Error): string => {
  const code: unknown = "code" in error ? error.code : undefined
  return typeof code === "string" ? code : ""
}

const transportFailure = (error: Error, where: string): TargetError => {
  if (error instanceof TargetError) return error
  const code = codeOf(error)
  if (error.name === "HTTPParserError") return failure("protocol", where, "sent what is no HTTP", { cause: error })
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return tooLong(where, error)
  if (code.startsWith("UND_ERR_INVALID")) {
    return failure("protocol", where, `cannot be asked: ${excerpt(error.message)}`, { retryable: false, cause: error })
  }
  // A certificate stays wrong however often one asks.
  const certificate = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY/.test(code)
  const what = causes[code] ?? `failed: ${excerpt(error.message)}`
  return failure("transport", where, `${what}${code === "" ? "" : ` (${code})`}`, {
    cause: error,
    ...(certificate ? { retryable: false } : {})
  })
}

const tooLong = (where: string, cause?: Error): TargetError =>
  failure("protocol", where, "sent a longer body than is read", { retryable: false, cause })

/** What an aborted signal means for a request: its own `TargetError`, or the deadline. */
const aborted = (signal: AbortSignal, where: string): TargetError =>
  signal.reason instanceof TargetError
    ? signal.reason
    : failure("deadline", where, "had not answered when the request was given up", { cause: signal.reason })

/** Reads one response; one object per request and few closures, because this is the hot path. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly done: Promise<Reply>
  readonly #where: string
  readonly #limit: number
  readonly #signal: AbortSignal
  readonly #resolve: (reply: Reply) => void
  readonly #inTurn: (call: () => void) => void
  readonly #reject: (error: TargetError) => void
  #over: () => void = () => {}
  #controller: Dispatcher.DispatchController | undefined
  #settled = false
  #status = 0
  #headers: Reply["headers"] = {}
  #first: Buffer | undefined
  #rest: Array<Buffer> | undefined
  #size = 0

  constructor(where: string, limit: number, signal: AbortSignal, inTurn: (call: () => void) => void) {
    const { promise, reject, resolve } = Promise.withResolvers<Reply>()
    this.done = promise
    this.#resolve = resolve
    this.#inTurn = inTurn
    this.#reject = reject
    this.#where = where
    this.#limit = limit
    this.#signal = signal
    signal.addEventListener("abort", this.#onAbort)
  }

  // A function and not this object: Node keeps what an object that listens leads to until the next full collection.
  readonly #onAbort = (): void => {
    const error = aborted(this.#signal, this.#where)
    this.#fail(error)
    this.#controller?.abort(error)
  }

  /** Goes over a connection, and calls `over` when it needs it no longer. */
  begin(outgoing: Outgoing, connection: Connection, over: () => void): void {
    // It waited for a connection and was given up meanwhile.
    if (this.#settled) return over()
    this.#over = over
    connection.dispatch(outgoing, this)
  }

  #leave(): void {
    const over = this.#over
    this.#over = () => {}
    over()
  }

  #fail(error: TargetError): void {
    if (this.#settled) return
    this.#settled = true
    this.#signal.removeEventListener("abort", this.#onAbort)
    this.#reject(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // It was given up while the connection opened.
    if (this.#settled) controller.abort(aborted(this.#signal, this.#where))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Reply["headers"]): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    if (Number(headers["content-length"]) > this.#limit) controller.abort(tooLong(this.#where))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#limit) return controller.abort(tooLong(this.#where))
    if (this.#first === undefined) this.#first = chunk
    else (this.#rest ??= [this.#first]).push(chunk)
  }

  onResponseEnd(): void {
    this.#leave()
    if (this.#settled) return
    this.#settled = true
    this.#signal.removeEventListener("abort", this.#onAbort)
    const bytes = this.#rest === undefined ? this.#first : Buffer.concat(this.#rest, this.#size)
    const reply = { status: this.#status, headers: this.#headers, body: bytes?.toString("utf8") ?? "" }
    this.#inTurn(() => this.#resolve(reply))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#leave()
    this.#fail(transportFailure(error, this.#where))
  }
}

/** Keep-alive connections to any number of origins. */
export interface Transport {
  /** Throws a `TargetError`: `deadline` when the signal is aborted, `transport` when the connection fails. */
  readonly send: (outgoing: Outgoing, where: string, signal: AbortSignal) => Promise<Reply>
  /** Opens up to `count` connections ahead, so that a first burst does not wait for them; never fails. */
  readonly connect: (origin: string, count: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens a transport; nothing is connected before it is asked for. */
export const openTransport = (options: TransportOptions = {}): Transport => {
  const limit = options.maxBodyBytes ?? 64 * 1024 * 1024
  const most = options.connections ?? 512
  const inTurn = openTurns()
  const origins = new Map<string, Connections>()
  const connectionsTo = (origin: string): Connections => {
    let known = origins.get(origin)
    if (known === undefined) origins.set(origin, known = openConnections(origin, most))
    return known
  }
  return {
    send: (outgoing, where, signal) => {
      if (signal.aborted) return Promise.reject(aborted(signal, where))
      const exchange = new Exchange(where, limit, signal, inTurn)
      const connections = connectionsTo(outgoing.origin)
      connections.take((connection) => exchange.begin(outgoing, connection, () => connections.give(connection)))
      return exchange.done
    },
    connect: (origin, count) => connectionsTo(origin).open(count),
    close: async () => {
      const all = [...origins.values()]
      origins.clear()
      await Promise.all(all.map((connections) => connections.close()))
    }
  }
}
