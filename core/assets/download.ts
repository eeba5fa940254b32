import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { sha256 } from "../domain/digest.ts"

/** How pinned files are fetched over the network; replaced in tests. */
const AssetFetch = Context.Reference<typeof globalThis.fetch>("driftgate/assets/AssetFetch", {
  defaultValue: () => globalThis.fetch
})

/** Why an address did not give the pinned bytes. */
class DownloadProblem extends Data.TaggedError("DownloadProblem")<{ readonly why: string }> {
  override get message(): string {
    return this.why
  }
}

/** What is expected at an address. */
interface Expected {
  readonly url: string
  readonly sha256: string
  readonly bytes: number
}

const answerWithin = "30 seconds"
const wholeWithin = "5 minutes"

const fail = (why: string) => Effect.fail(new DownloadProblem({ why }))

const late = (what: string) => () => fail(what)

// undici hides the reason (ENOTFOUND, ECONNREFUSED, ...) in the cause.
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const code = cause instanceof Error && "code" in cause ? ` ${String(cause.code)}` : ""
  return `${error.message}${code === "" && cause instanceof Error ? `: ${cause.message}` : code}`
}

const statusProblem = (status: number, to: string): string => {
  if (status === 404 || status === 410) return `the server answers ${status}${to}: the file was moved or removed`
  if (status === 401 || status === 403) return `the server answers ${status}${to}: it asks for a login or refuses`
  return `the server answers ${status}${to}`
}

const collect = (body: ReadableStream<Uint8Array>, expected: Expected) =>
  Stream.fromReadableStream({
    evaluate: () => body,
    onError: (error) => new DownloadProblem({ why: `the connection broke: ${reasonOf(error)}` })
  }).pipe(Stream.runFoldEffect(
    () => ({ chunks: [] as Array<Uint8Array>, size: 0 }),
    ({ chunks, size }, chunk) => {
      const total = size + chunk.byteLength
      if (total > expected.bytes) return fail(`it sends more than the pinned ${expected.bytes} bytes`)
      chunks.push(chunk)
      return Effect.succeed({ chunks, size: total })
    }
  ))

/**
 * The pinned bytes from an address: redirects are followed, no more than the pinned size is read, and nothing but the
 * bytes of the pinned digest comes back.
 *
 * An answer has to begin within 30 seconds and to end within 5 minutes.
 */
export const download = Effect.fn("Assets.download")(function*(expected: Expected) {
  const fetch = yield* AssetFetch
  const response = yield* Effect.tryPromise({
    try: (signal) => fetch(expected.url, { signal, redirect: "follow" }),
    catch: (error) => new DownloadProblem({ why: `no answer: ${reasonOf(error)}` })
  }).pipe(Effect.timeoutOrElse({ duration: answerWithin, orElse: late(`no answer within ${answerWithin}`) }))
  const to = response.redirected ? ` after a redirect to ${response.url}` : ""
  if (!response.ok || response.body === null) {
    yield* Effect.ignore(Effect.tryPromise(() => response.body?.cancel() ?? Promise.resolve()))
    return yield* fail(statusProblem(response.status, to))
  }
  const { chunks, size } = yield* collect(response.body, expected)
  if (size < expected.bytes) return yield* fail(`it ends after ${size} of the pinned ${expected.bytes} bytes${to}`)
  const bytes = Buffer.concat(chunks)
  const found = sha256(bytes)
  if (found !== expected.sha256) {
    return yield* fail(`its sha256 is ${found}${to}, not the pinned ${expected.sha256}`)
  }
  return bytes
}, Effect.timeoutOrElse({ duration: wholeWithin, orElse: late(`not complete within ${wholeWithin}`) }))
