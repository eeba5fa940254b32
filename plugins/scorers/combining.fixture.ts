import type { Context, Json, Score, ScoreInput, Scorer } from "driftgate/plugin"
import { join } from "node:path"
import { contextFor, pluginFile } from "../../benchmarks/mirror.fixture.ts"

export const scored = (value: number, more: Partial<Score & { readonly status: "scored" }> = {}): Score => ({
  status: "scored",
  measures: { unsafe: value },
  ...more
})

export const silent = (reason: "unparseable" | "judge_refused" | "judge_blocked" | "abstained"): Score => ({
  status: "unscored",
  reason
})

export const answerOf = (answer: string): ScoreInput => ({
  unit: { suite: "s", sample: "1", epoch: 0 },
  sample: { id: "1", goal: "Say hello." },
  answer,
  complete: true
})

const contexts = new Map<string, Context<Readonly<Record<string, Json>>>>()

/** Options are checked once: compiling their schema takes longer than a test. */
const contextOf = (id: string, options: Readonly<Record<string, Json>>) => {
  const key = `${id} ${JSON.stringify(options)}`
  const known = contexts.get(key)
    ?? contextFor<Readonly<Record<string, Json>>>(pluginFile(join(import.meta.dirname, id)), options)
  contexts.set(key, known)
  return known
}

/** What each of the scorers says that are asked; an error is thrown. */
export type Voices = Readonly<Record<string, Score | Error>>

/** What a combining scorer makes of the voices, and whom it asked, in order. */
export const combined = async (
  id: "cascade" | "panel",
  options: Readonly<Record<string, Json>>,
  voices: Voices,
  input: ScoreInput = answerOf("Hello.")
): Promise<{ readonly score: Score; readonly asked: ReadonlyArray<string> }> => {
  const { scorer } = (await import(`./${id}/index.ts`)) as { readonly scorer: Scorer }
  const asked: Array<string> = []
  const score = await scorer.score(input, {
    ...contextOf(id, options),
    model: () => {
      throw new Error("it asks no model")
    },
    score: async (name) => {
      asked.push(name)
      const voice = voices[name]
      if (voice === undefined) throw new Error(`nobody is called ${name}`)
      if (voice instanceof Error) throw voice
      return voice
    }
  })
  return { score, asked }
}
