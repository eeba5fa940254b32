import { TargetError } from "../../plugin/contract.ts"
import type { EngineAdapter, EngineAnswer, EngineRequest } from "./adapter.ts"

/** What the question says that the answer must hold. */
interface Expected extends Pick<EngineRequest, "tokens" | "decoding" | "topLogprobs"> {
  /** The name that an answer is to carry. */
  readonly name: string
}

/**
 * The answer once it has been shown to be one to this very question; engines clip, ignore and rename under status 200.
 *
 * Throws a `TargetError`: `engine_dead` for another model or prompt than was sent, `context_overflow` where it was
 * clipped, `unsupported_parameter` where something asked for was ignored.
 */
export const checkedAnswer = (adapter: EngineAdapter, asked: Expected, answer: EngineAnswer): EngineAnswer => {
  const { decoding, name, tokens, topLogprobs } = asked
  const refuse = (reason: "engine_dead" | "context_overflow" | "unsupported_parameter", what: string): never => {
    throw new TargetError(reason, `${adapter.title} ${what}`)
  }
  if (answer.model !== undefined && answer.model !== name) {
    refuse(
      "engine_dead",
      `was asked for ${name} and answered as ${
        answer.model.slice(0, 200)
      }\n  Another model is served there: start the engine again.`
    )
  }
  if (answer.promptTokens === undefined) {
    refuse("unsupported_parameter", "does not say how many prompt tokens it read\n  Take another engine.")
  }
  const same = answer.promptIds === undefined || (answer.promptIds.length === tokens.length &&
    answer.promptIds.every((token, at) => token === tokens[at]))
  if (answer.promptTokens !== tokens.length || !same) {
    refuse(
      "unsupported_parameter",
      `read ${answer.promptTokens} prompt tokens where ${tokens.length} were sent${
        same ? "" : ", and not the same"
      }\n  It adds or cuts tokens, so it answers other prompts than were asked: take another engine.`
    )
  }
  const count = answer.tokens?.length ?? answer.completionTokens
  if (count === undefined || (adapter.capabilities.tokenPrompts && answer.tokens === undefined)) {
    return refuse("unsupported_parameter", "was asked for the token ids of its answer and sent none\n  Update it.")
  }
  if (count > decoding.maxTokens) {
    refuse(
      "unsupported_parameter",
      `was asked for ${decoding.maxTokens} tokens at most and sent ${count}\n  Update it.`
    )
  }
  if (answer.finish === "length" && count < decoding.maxTokens) {
    refuse(
      "context_overflow",
      `cut its answer after ${count} of ${decoding.maxTokens} tokens\n`
        + "  Its own context is shorter than was said: open the target with a smaller context=."
    )
  }
  if (topLogprobs !== undefined && answer.logprobs?.length !== count) {
    refuse("unsupported_parameter", "was asked for log-probabilities and sent none\n  Take another engine.")
  }
  return answer
}
