import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import { createServer, type Server } from "node:http"
import type { ServiceFacts } from "./facts.ts"
import { guardLayer, type GuardOptions } from "./guard.ts"
import { apiLayer } from "./handlers.ts"

export interface ServerOptions extends Omit<GuardOptions, "maxBody" | "maxBatch" | "maxRequests"> {
  readonly host: string
  readonly port: number
  readonly facts: ServiceFacts
  /** Milliseconds in which a whole request has to arrive. @default 15000 */
  readonly requestMillis?: number
  /** Bytes of a body at most. @default 65536 */
  readonly maxBody?: number
  /** Bytes of a batch of answers at most. @default 16 MiB */
  readonly maxBatch?: number
  /** Requests that are worked on at once at most. @default 256 */
  readonly maxRequests?: number
}

const reasons: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large"
}

/** Node's own server with limits; what is no HTTP at all gets an error of the same form as everything else. */
const limited = (requestMillis: number): Server => {
  const server = createServer({
    requestTimeout: requestMillis,
    headersTimeout: requestMillis,
    connectionsCheckingInterval: Math.min(1000, requestMillis),
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384
  })
  server.maxConnections = 4096
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy()
    const status = reasons[error.code ?? ""] ?? "400 Bad Request"
    const code = status.startsWith("408") ? "timeout" : status.startsWith("431") ? "too_large" : "bad_request"
    const body = JSON.stringify({ error: { code, detail: status.slice(4).toLowerCase() } })
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
    )
  })
  return server
}

/** The service on a socket; ready when the layer is built. */
export const serverLayer = (
  {
    facts,
    host,
    hosts,
    maxBatch = 16 * 1024 * 1024,
    maxBody = 65_536,
    maxRequests = 256,
    port,
    requestMillis = 15_000,
    token
  }: ServerOptions
) =>
  HttpRouter.serve(
    Layer.merge(apiLayer(facts), guardLayer({ hosts, maxBatch, maxBody, maxRequests, token })),
    // Names of runs are parts of paths, percent-encoded.
    { disableLogger: true, disableListenLog: true, routerConfig: { maxParamLength: 4096 } }
  ).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(() => limited(requestMillis), { host, port, gracefulShutdownTimeout: "2 seconds" })
    )
  )
