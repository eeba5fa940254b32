/**
 * Public as `driftgate/http`: a client for OpenAI-shaped endpoints, local and remote, for target plugins.
 *
 * One transport, one classification of what comes back, whatever the endpoint and whatever the SDK.
 */
import type { Generation } from "../plugin/contract.ts"
import { isTargetError } from "../plugin/contract.ts"
import { type Balance, type Lane, laneOf, openBalance } from "./balance.ts"
import { classify } from "./classify.ts"
import type { Reply } from "./reply.ts"
import type { Transport } from "./transport.ts"

export { addressOf } from "../domain/address.ts"
export type { Asked } from "./answer.ts"
export { type Balance, type Lane, openBalance } from "./balance.ts"
export { chatBody, type ChatBodyOptions, completionBody, fieldParts, requestParameters } from "./chat-request.ts"
export { classify } from "./classify.ts"
export { failure } from "./failure.ts"
export { identityOf } from "./identity.ts"
export { isLoopback } from "./loopback.ts"
export { classifyRecording, openRecording, type Recording, recordingFetch } from "./recording.ts"
export { excerpt, headerOf, type JsonObject, objectOf, parseJson, type Reply, retryAfterMs, textOf } from "./reply.ts"
export { openTransport, type Outgoing, type Transport, type TransportOptions } from "./transport.ts"

export interface HttpClientOptions {
  readonly transport: Transport
  /** Addresses that serve the same model, such as `http://127.0.0.1:8000/v1`; at least one. */
  readonly bases: ReadonlyArray<string>
  /** Sent with every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A client of one model behind one or several addresses. */
export interface HttpClient {
  readonly bases: ReadonlyArray<string>
  /** Posts JSON text to `<base><path>` and says what the answer means; throws a `TargetError`. */
  readonly complete: (
    path: string,
    body: string,
    signal: AbortSignal,
    asked?: { readonly logprobs?: boolean }
  ) => Promise<Generation>
  /** Posts JSON text and hands back what came, unjudged. */
  readonly post: (path: string, body: string, signal: AbortSignal) => Promise<Reply>
  /** Opens connections for that many requests at once, spread over the addresses; never fails. */
  readonly connect: (requests: number) => Promise<void>
  /** Gets `<base><path>` from one given address. */
  readonly get: (base: string, path: string, signal: AbortSignal) => Promise<Reply>
}

const flatHeaders = (headers: Readonly<Record<string, string>>): Array<string> => Object.entries(headers).flat()

/** Opens a client; requests go to the address with the fewest in flight, and past one that does not answer. */
export const openHttp = (options: HttpClientOptions): HttpClient => {
  const { transport } = options
  const balance: Balance = openBalance(options.bases)
  const getHeaders = flatHeaders({ accept: "application/json", ...options.headers })
  const postHeaders = ["content-type", "application/json", ...getHeaders]
  const pathIn = (lane: Lane, path: string): string => `${lane.prefix}${path}${lane.search}`
  const whereIn = (lane: Lane, method: string, path: string): string => `${method} ${lane.origin}${lane.prefix}${path}`

  const send = async (lane: Lane, path: string, body: string, where: string, signal: AbortSignal): Promise<Reply> => {
    let end: "answered" | "failed" = "answered"
    try {
      return await transport.send(
        { method: "POST", origin: lane.origin, path: pathIn(lane, path), headers: postHeaders, body },
        where,
        signal
      )
    } catch (error) {
      if (isTargetError(error) && error.reason === "transport") end = "failed"
      throw error
    } finally {
      balance.release(lane, end, performance.now())
    }
  }

  return {
    bases: options.bases,
    complete: async (path, body, signal, asked) => {
      const lane = balance.take(performance.now())
      const where = whereIn(lane, "POST", path)
      const reply = await send(lane, path, body, where, signal)
      return classify(reply, asked?.logprobs === true ? { where, logprobs: true } : { where })
    },
    post: (path, body, signal) => {
      const lane = balance.take(performance.now())
      return send(lane, path, body, whereIn(lane, "POST", path), signal)
    },
    connect: async (requests) => {
      const each = Math.ceil(requests / balance.lanes.length)
      await Promise.all(balance.lanes.map(({ origin }) => transport.connect(origin, each)))
    },
    get: (base, path, signal) => {
      const lane = laneOf(base)
      return transport.send(
        { method: "GET", origin: lane.origin, path: pathIn(lane, path), headers: getHeaders },
        whereIn(lane, "GET", path),
        signal
      )
    }
  }
}
