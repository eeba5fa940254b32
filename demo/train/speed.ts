// Tokens per CPU second of the embedded engine: `node --conditions=driftgate-source demo/train/speed.ts FOLDER`.
// A second argument `plain` takes the JavaScript product instead of SIMD; `prompts` only prints the prompts as token ids,
// for `speed.py`, which measures transformers with them.
import { loadModel } from "../../plugins/targets/checkpoint/embedded/engine.ts"
import { openFolder } from "../../plugins/targets/checkpoint/folder.ts"
import { openPrompter } from "../../plugins/targets/checkpoint/prompt.ts"
import { openSession } from "../../plugins/targets/checkpoint/session.ts"
import { openTokenizer } from "../../plugins/targets/checkpoint/tokenizer.ts"
import { samplesOf } from "./rates.ts"

const path = process.argv[2] ?? "demo/checkpoints/base"
const signal = new AbortController().signal
const cpu = (): number => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6
const folder = await openFolder(path)
const tokenIds = process.argv[3] === "prompts"
const start = cpu()
const loaded = await loadModel(folder, {
  adapter: undefined,
  dtype: "file",
  context: undefined,
  ...(process.argv[3] === "plain" ? { kernel: "plain" } : {})
})
const loading = `loaded in ${((cpu() - start) * 1000).toFixed(0)} ms of CPU`
const tokenizer = openTokenizer(folder, loaded.shape.vocabulary)
const prompter = openPrompter(folder, tokenizer, undefined)
const prompts = (await samplesOf("toy-wrapped", 96)).map(({ messages }) => prompter.render(messages))
if (tokenIds) {
  for (const tokens of prompts) console.log(JSON.stringify(tokens))
  process.exit()
}
console.log(`${path}: ${loaded.model.kernel} kernel, ${loading}`)

/** Full-length answers, so that batches stay full. */
const generate = async (batch: number, count: number) => {
  const session = openSession(loaded, tokenizer, prompter, { batch, ends: new Set() })
  const before = cpu()
  const answers = await Promise.all(
    prompts.slice(0, count).map((tokens, seed) =>
      session.generate({
        input: { tokens },
        decoding: { temperature: 1, topP: 1, topK: 0, maxTokens: 40 },
        seed
      }, signal)
    )
  )
  const seconds = cpu() - before
  const read = answers.reduce((sum, { usage }) => sum + usage!.prompt, 0)
  const drawn = answers.reduce((sum, { usage }) => sum + usage!.completion, 0)
  return { drawn: drawn / seconds, all: (read + drawn) / seconds }
}

await generate(8, 24)
for (const batch of [1, 8, 32]) {
  const { all, drawn } = await generate(batch, batch === 1 ? 32 : 96)
  console.log(`batch ${batch}: ${drawn.toFixed(0)} new tokens, ${all.toFixed(0)} read and new, per CPU second`)
}
const session = openSession(loaded, tokenizer, prompter, { batch: 8, ends: new Set() })
const before = cpu()
await Promise.all(prompts.map((tokens) => session.logprobs({ tokens, from: 1 }, signal)))
const scored = prompts.reduce((sum, tokens) => sum + tokens.length - 1, 0)
console.log(`given tokens: ${(scored / (cpu() - before)).toFixed(0)} scored per CPU second`)
console.log(`${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB resident`)
