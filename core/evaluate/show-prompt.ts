import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isProblem, type Problem, type UsageProblem } from "../domain/problem.ts"
import { type GenerateRequest, isTargetError, type Target, TargetError } from "../plugin/contract.ts"
import { PluginHost } from "../plugin/host.ts"
import { Plugins } from "../plugin/registry.ts"
import { requestDigest } from "../run/judge-model.ts"
import { judgedUnder } from "../run/reasoning.ts"
import { Answer, answerShape, decodeLines, inputOf, needsGoal } from "./score.ts"
import type { Settings } from "./settings.ts"

/** One question that a scorer would put to the model in a role. */
interface ShownPrompt {
  readonly id: Answer["id"]
  /** null: this answer is judged without asking a model. */
  readonly role: string | null
  /** As the journal has it of a call that was made; by the seed of the settings. */
  readonly request?: string
  readonly input?: GenerateRequest["input"]
  readonly decoding?: GenerateRequest["decoding"]
}

/** Stands in for the model in a role: keeps what it is asked, and can't be asked. */
const listener = (role: string, asked: (role: string, request: GenerateRequest) => void): Target => ({
  identity: { behaviour: "none", full: "none", verifiable: false, parts: {} },
  capabilities: {
    input: ["messages", "prompt", "tokens"],
    seed: true,
    generationLogprobs: true,
    scoresGivenTokens: "none",
    topLogprobsMax: 20,
    batchInvariant: false
  },
  generate: (request) => {
    asked(role, request)
    return Promise.reject(new TargetError("engine_dead", "no model is asked"))
  },
  close: () => Promise.resolve()
})

/**
 * The questions that a scorer would ask about lines of JSON, in order; no model is opened or asked.
 *
 * Of a scorer that asks a second question because of the reply to its first, only the first is shown. A model with a
 * tokenizer of its own may be shown less of a long answer, and control tokens in it as plain text without a space.
 */
export const showPrompts = Effect.fn("Score.showPrompts")(function*(
  scorerText: string,
  settings: Settings,
  lines: Stream.Stream<string, UsageProblem>
) {
  const plugins = yield* Plugins
  const host = yield* PluginHost
  const resolved = yield* plugins.resolveScorer(scorerText)
  const goal = yield* needsGoal(scorerText)
  const loaded = yield* host.loadScorer(resolved, { seed: settings.seed, model: (role) => listener(role, () => {}) })
  const score = judgedUnder(settings.reasoning ?? "final", loaded)

  const shown = (line: Answer): Effect.Effect<ReadonlyArray<ShownPrompt>, Problem> => {
    const prompts: Array<ShownPrompt> = []
    const asked = (role: string, request: GenerateRequest) => {
      const { decoding, input } = request
      prompts.push({ id: line.id, role, request: requestDigest(request), input, decoding })
    }
    const none: ReadonlyArray<ShownPrompt> = [{ id: line.id, role: null }]
    // An empty answer is never judged.
    if (line.response === "") return Effect.succeed(none)
    return Effect.tryPromise({
      try: (signal) => score(inputOf(line), { signal, model: (role) => listener(role, asked) }),
      catch: (cause) => cause
    }).pipe(
      Effect.catch((cause) =>
        isTargetError(cause) ? Effect.void : isProblem(cause) ? Effect.fail(cause) : Effect.die(cause)
      ),
      Effect.map(() => prompts.length === 0 ? none : prompts)
    )
  }
  return decodeLines(lines, Answer, { source: "stdin", shape: answerShape, goal }).pipe(
    Stream.mapEffect(shown, { concurrency: settings.concurrency }),
    Stream.flattenIterable
  )
})
