import type { Generation } from "../plugin/contract.ts"
import { type Asked, generationOf } from "./answer.ts"
import { classifyStream } from "./event-stream.ts"
import { classifyErrorInside, classifyFailure, failure, tellsOfError } from "./failure.ts"
import { headerOf, objectOf, parseJson, type Reply } from "./reply.ts"

/**
 * The one meaning of what an OpenAI-shaped endpoint sent, from status, headers and body.
 *
 * Returns what a model or a filter said; throws a `TargetError` for everything else. A body is never trusted for its
 * status: 200 with an error, without choices, without an end or without JSON is a protocol error.
 */
export const classify = (reply: Reply, asked: Asked): Generation => {
  const { body, headers, status } = reply
  if (status < 200 || status >= 300) return classifyFailure(reply, asked.where)
  if (/^\s*text\/event-stream/i.test(headerOf(headers, "content-type") ?? "")) return classifyStream(body, asked)
  const parsed = objectOf(parseJson(body))
  if (parsed === undefined) {
    throw failure(
      "protocol",
      asked.where,
      body.trim() === "" ? `answered ${status} with an empty body` : `answered ${status} with what is no JSON object`
    )
  }
  if (tellsOfError(parsed)) return classifyErrorInside(parsed, asked.where)
  return generationOf(parsed, asked)
}
