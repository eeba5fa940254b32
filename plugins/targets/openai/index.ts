import {
  addressOf,
  chatBody,
  type ChatBodyOptions,
  completionBody,
  fieldParts,
  identityOf,
  openHttp,
  openTransport,
  type Transport
} from "driftgate/http"
import {
  type GenerateRequest,
  type Generation,
  type Target,
  TargetError,
  type TargetPlugin,
  type TargetSpec
} from "driftgate/plugin"
import { VERSION } from "openai/version"
import { type Ask, askPool, askSdk } from "./asker.ts"
import { probe } from "./probe.ts"
import { openaiBase, readSettings, type Settings } from "./settings.ts"

/** Options of the plugin, as `plugin.json` declares them. */
interface Options {
  readonly connections?: number
  readonly maxBodyMiB?: number
}

/** Where the model is, each address once and however it was written. */
const addressesOf = ({ bases }: Settings): Array<string> => [...new Set(bases.map(addressOf))]

const identity = (settings: Settings) =>
  identityOf({
    behaviour: {
      scheme: "openai",
      model: settings.model,
      systemPrompt: settings.system?.digest,
      // Elsewhere the endpoint decides which weights answer to a name; here a port says nothing about them.
      endpoint: settings.remote ? addressesOf(settings).sort().join(",") : undefined,
      ...fieldParts(settings)
    },
    audit: {
      urls: addressesOf(settings).join(","),
      transport: settings.transport,
      maxTokensField: settings.maxTokensField,
      stream: String(settings.stream),
      sdk: `openai ${VERSION}`
    },
    verifiable: false
  })

const bodyOptions = (settings: Settings): ChatBodyOptions => ({
  model: settings.model,
  ...(settings.system === undefined ? {} : { system: settings.system.text }),
  maxTokensField: settings.maxTokensField,
  omit: settings.omit,
  topK: !settings.remote,
  stream: settings.stream,
  // OpenAI keeps answers unless told not to; other servers may not know the field.
  extra: addressesOf(settings).includes(openaiBase) ? { store: false, ...settings.extra } : settings.extra
})

const openTarget = async (settings: Settings, transport: Transport, close: () => Promise<void>): Promise<Target> => {
  const http = openHttp({
    transport,
    bases: settings.bases,
    ...(settings.key === undefined ? {} : { headers: { authorization: `Bearer ${settings.key}` } })
  })
  const pooled = settings.transport === "pool"
  const ask: Ask = pooled ? askPool(http) : await askSdk(settings, transport)
  const options = bodyOptions(settings)

  const generate = (request: GenerateRequest, signal: AbortSignal): Promise<Generation> => {
    const { input } = request
    const logprobs = request.topLogprobs !== undefined
    if ("messages" in input) return ask(chatBody(input.messages, request, options), signal, logprobs)
    if (!pooled) {
      throw new TargetError(
        "unsupported_parameter",
        `target "${settings.spec.text}" takes messages only over the SDK\n  Add transport=pool for a server that has /completions.`
      )
    }
    const body = completionBody("prompt" in input ? input.prompt : input.tokens, request, options)
    return http.complete("/completions", JSON.stringify(body), signal, { logprobs })
  }

  return {
    identity: identity(settings),
    capabilities: {
      input: pooled ? ["messages", "prompt", "tokens"] : ["messages"],
      seed: !settings.omit.includes("seed"),
      generationLogprobs: true,
      scoresGivenTokens: "none",
      topLogprobsMax: 20,
      batchInvariant: false
    },
    endpoint: [...new Set(settings.bases.map((base) => new URL(base).origin))].sort().join(","),
    remote: settings.remote,
    probe: (signal) =>
      probe({
        http,
        model: settings.model,
        key: settings.keyVariable === ""
          ? "No key was sent: name the variable that holds it with api_key_env=NAME."
          : `The key is read from the environment variable ${settings.keyVariable}${
            settings.key === undefined ? ", which is not set" : ""
          }.`,
        hello: (signal) =>
          generate({
            input: { messages: [{ role: "user", content: "Hello" }] },
            decoding: { temperature: 0, topP: 1, topK: 0, maxTokens: 1 },
            seed: 0
          }, signal)
      }, signal),
    connect: http.connect,
    generate: async (request, signal) => generate(request, signal),
    close
  }
}

/** Models behind OpenAI-shaped endpoints: `openai:gpt-4o-mini`, `openai:model@http://127.0.0.1:8000/v1,...`. */
export const target: TargetPlugin<Options> = {
  open: async (specs: ReadonlyArray<TargetSpec>, { options }) => {
    const settings = await Promise.all(specs.map(readSettings))
    const transport = openTransport({
      ...(options.connections === undefined ? {} : { connections: options.connections }),
      ...(options.maxBodyMiB === undefined ? {} : { maxBodyBytes: options.maxBodyMiB * 1024 * 1024 })
    })
    // Targets that are opened together share connections; the last one closes them.
    let open = settings.length
    return Promise.all(settings.map((each) => {
      let closed = false
      return openTarget(each, transport, async () => {
        if (closed) return
        closed = true
        if (--open === 0) await transport.close()
      })
    }))
  }
}
