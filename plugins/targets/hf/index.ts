import { InferenceClient, setLogger } from "@huggingface/inference"
import sdk from "@huggingface/inference/package.json" with { type: "json" }
import {
  addressOf,
  chatBody,
  classifyRecording,
  excerpt,
  failure,
  fieldParts,
  identityOf,
  openRecording,
  openTransport,
  recordingFetch,
  type Transport
} from "driftgate/http"
import {
  type GenerateRequest,
  type Generation,
  type Message,
  type Target,
  TargetError,
  type TargetPlugin
} from "driftgate/plugin"
import { readSettings, type Settings } from "./settings.ts"

/** Options of the plugin, as `plugin.json` declares them. */
interface Options {
  readonly connections?: number
  readonly maxBodyMiB?: number
}

type Question = Parameters<InferenceClient["chatCompletion"]>[0]

const router = "https://router.huggingface.co"

const identity = (settings: Settings) => {
  const { via } = settings
  return identityOf({
    behaviour: {
      scheme: "hf",
      model: settings.model,
      systemPrompt: settings.system?.digest,
      provider: "provider" in via ? via.provider : undefined,
      endpoint: "endpointUrl" in via && settings.remote ? addressOf(via.endpointUrl) : undefined,
      ...fieldParts(settings)
    },
    audit: {
      urls: "endpointUrl" in via ? addressOf(via.endpointUrl) : router,
      billTo: settings.billTo,
      sdk: `@huggingface/inference ${sdk.version}`
    },
    verifiable: false
  })
}

/** One question through the SDK, which knows providers and addresses; it sees neither replies nor errors. */
const ask = async (
  settings: Settings,
  transport: Transport,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  logprobs: boolean
): Promise<Generation> => {
  const { billTo, key, via } = settings
  const asked = "provider" in via ? `${settings.model} at ${via.provider}` : via.endpointUrl
  const recording = openRecording(signal, asked)
  const client = new InferenceClient(key ?? "")
  const thrown = await client
    .chatCompletion(
      { ...body as unknown as Question, ...via },
      {
        // Without this the SDK asks again after a 503, at once and for ever.
        retry_on_error: false,
        fetch: recordingFetch(transport, () => recording),
        ...(billTo === undefined ? {} : { billTo })
      }
    )
    .then(() => undefined, (error: unknown) => error)
  if (recording.reply === undefined && recording.error === undefined && thrown instanceof Error) {
    // The SDK found no provider for the model and asked nobody.
    throw failure("not_found", asked, `cannot be asked: ${excerpt(thrown.message)}`, { cause: thrown })
  }
  return classifyRecording(recording, logprobs, thrown)
}

const openTarget = (settings: Settings, transport: Transport, close: () => Promise<void>): Target => {
  const say = (
    messages: ReadonlyArray<Message>,
    request: GenerateRequest,
    signal: AbortSignal
  ): Promise<Generation> => {
    const body = chatBody(messages, request, {
      model: settings.model,
      ...(settings.system === undefined ? {} : { system: settings.system.text }),
      omit: settings.omit,
      extra: settings.extra
    })
    return ask(settings, transport, body, signal, request.topLogprobs !== undefined)
  }
  return {
    identity: identity(settings),
    capabilities: {
      input: ["messages"],
      seed: !settings.omit.includes("seed"),
      generationLogprobs: true,
      scoresGivenTokens: "none",
      topLogprobsMax: 20,
      batchInvariant: false
    },
    endpoint: "endpointUrl" in settings.via
      ? new URL(settings.via.endpointUrl).origin
      : `${router} ${settings.via.provider}`,
    remote: settings.remote,
    probe: async (signal) => {
      const input = { messages: [{ role: "user", content: "Hello" }] } as const
      const decoding = { temperature: 0, topP: 1, topK: 0, maxTokens: 1 }
      await say(input.messages, { input, decoding, seed: 0 }, signal)
    },
    generate: async (request, signal) => {
      if ("messages" in request.input) return say(request.input.messages, request, signal)
      throw new TargetError(
        "unsupported_parameter",
        `target "${settings.spec.text}" takes messages only\n  Use a scheme whose engine takes rendered prompts.`
      )
    },
    close
  }
}

/** Models at Hugging Face: `hf:org/model?provider=NAME`, or an endpoint of one's own `hf:model@https://...`. */
export const target: TargetPlugin<Options> = {
  open: async (specs, { log, options }) => {
    const settings = await Promise.all(specs.map(readSettings))
    // The SDK would write to the console.
    setLogger({ ...console, log: () => {}, warn: (message: unknown) => log(excerpt(String(message))) })
    const transport = openTransport({
      ...(options.connections === undefined ? {} : { connections: options.connections }),
      ...(options.maxBodyMiB === undefined ? {} : { maxBodyBytes: options.maxBodyMiB * 1024 * 1024 })
    })
    let open = settings.length
    return settings.map((each) => {
      let closed = false
      return openTarget(each, transport, async () => {
        if (closed) return
        closed = true
        if (--open === 0) await transport.close()
      })
    })
  }
}
