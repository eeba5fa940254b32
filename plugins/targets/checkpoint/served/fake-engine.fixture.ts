/**
 * An engine for tests: a process that speaks vLLM's, SGLang's or transformers serve's HTTP, computes with the embedded
 * engine, and fails on purpose. Started as `python -m MODULE ...` by the shell script that `fakePython` writes.
 */
import type { Target } from "driftgate/plugin"
import { spawn } from "node:child_process"
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"

export type Fault =
  | "none"
  /** Cuts answers short under status 200. */
  | "clips"
  /** Leaves token ids out. */
  | "ignores-ids"
  /** Leaves log-probabilities of the prompt out. */
  | "ignores-scores"
  /** Puts a first token before every prompt. */
  | "adds-token"
  /** Answers under another name from the third request on. */
  | "renames"
  /** Is healthy and never answers. */
  | "never-ready"
  | "out-of-memory"
  /** Runs out of memory in its fourth answer of the first start. */
  | "oom-once"
  /** Takes adapters and answers without them. */
  | "ignores-adapters"
  /** Tells whole distributions of half the vocabulary. */
  | "short-rows"
  /** Is killed in its fourth answer, each time that it is started or the first time only. */
  | "dies"
  | "dies-once"
  /** Computes with another checkpoint. */
  | "other-weights"
  /** Says that it has loaded new weights and keeps the old ones. */
  | "keeps-weights"
  /** Has no room for new weights. */
  | "refuses-weights"
  /** Leaves a process behind that has a session of its own. */
  | "strays"

export interface FakePython {
  /** Path to name as `python=`. */
  readonly path: string
  /** What the process wrote about itself: `start PID`, `beside ENGINES`, `line CARDS ARGUMENTS`, `stray PID`, `lora NAME`, `swap FOLDER`. */
  readonly notes: () => ReadonlyArray<readonly [string, string]>
}

const packages = [
  "vllm",
  "sglang",
  "transformers",
  "torch",
  "fastapi",
  "uvicorn",
  "openai",
  "pydantic",
  "accelerate",
  "peft"
]

/**
 * Writes an interpreter whose engine has a fault. `other`: a checkpoint that it computes with instead; `torch`: the build
 * that it says it has.
 */
export const fakePython = (fault: Fault = "none", other = "", torch = "2.13.0+cpu"): FakePython => {
  const folder = mkdtempSync(join(tmpdir(), "driftgate-fake-engine-"))
  const path = join(folder, "python")
  const notes = join(folder, "notes")
  const cached = `NODE_COMPILE_CACHE='${join(tmpdir(), "driftgate-fake-compiled")}'`
  const quoted = [process.execPath, "--conditions=driftgate-source", import.meta.filename, fault, notes, other]
    .map((word) => `'${word}'`).join(" ")
  const found = Object.fromEntries(packages.map((name) => [name, name === "torch" ? torch : "9.9"]))
  const told = JSON.stringify({ path, version: "3.11.0", found })
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = -c ]; then echo '${told}'; else export ${cached}; exec ${quoted} "$@"; fi\n`
  )
  chmodSync(path, 0o755)
  return {
    path,
    notes: () =>
      existsSync(notes)
        ? readFileSync(notes, "utf8").split("\n").filter((line) => line !== "").map((line) =>
          [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] as const
        )
        : []
  }
}

/** Whether a process runs, a zombie not counted. */
export const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

const serve = async (fault: Fault, notes: string, other: string, args: ReadonlyArray<string>): Promise<void> => {
  const note = (what: string) => appendFileSync(notes, `${what}\n`)
  const starts = existsSync(notes) ? readFileSync(notes, "utf8").split("\n").filter((l) => l.startsWith("start ")) : []
  note(`start ${process.pid}`)
  note(`beside ${starts.filter((line) => isRunning(Number(line.slice(6)))).length}`)
  note(`line ${process.env["CUDA_VISIBLE_DEVICES"] ?? "all"} ${args.join(" ")}`)
  const flag = (name: string): string => args[args.indexOf(name) + 1] ?? ""
  const module = args[0] ?? ""
  const kind = module.startsWith("vllm") ? "vllm" : module.startsWith("sglang") ? "sglang" : "transformers"
  const folder = kind === "vllm" ? flag("--model") : kind === "sglang" ? flag("--model-path") : args[2]!
  const name = kind === "transformers" ? folder : flag("--served-model-name")
  const key = kind === "vllm" ? process.env["VLLM_API_KEY"] : kind === "sglang" ? flag("--api-key") : undefined
  if (fault === "out-of-memory") {
    console.error("loading weights\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.")
    process.exit(1)
  }
  if (fault === "strays") {
    const stray = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { detached: true, stdio: "ignore" })
    note(`stray ${stray.pid}`)
  }
  const { target } = await import("../index.ts")
  const open = async (path: string, adapter?: string): Promise<Target> => {
    const spec = { text: path, scheme: "checkpoint", locator: path, endpoints: [], parameters: { dtype: "float32" } }
    const context = { options: {}, signal: new AbortController().signal, seed: 0, log: () => {}, asset: async () => "" }
    return (await target.open([{ ...spec, ...(adapter === undefined ? {} : { adapter }) }], context))[0]!
  }
  const started = fault === "other-weights" ? other : folder
  const whole = existsSync(join(started, "adapter_config.json"))
    ? JSON.parse(readFileSync(join(started, "adapter_config.json"), "utf8")) as {
      readonly base_model_name_or_path: string
    }
    : undefined
  let model = whole === undefined ? await open(started) : await open(whole.base_model_name_or_path, started)
  const adapted = (path: string) => (fault === "ignores-adapters" ? open(folder) : open(folder, path))
  const loras = new Map<string, { readonly path: string; readonly model: Target }>()
  let answers = 0
  const signal = new AbortController().signal

  const generate = async (body: any, asked: Target) => {
    const tokens: ReadonlyArray<number> = body.prompt ?? body.input_ids
    const sampling = body.sampling_params ?? body
    const prompt = typeof tokens === "string"
      ? await asked.tokenize!(tokens, { special: true })
      : tokens
    const settings = body.generation_config === undefined ? sampling : JSON.parse(body.generation_config)
    const answer = await asked.generate({
      input: { tokens: prompt },
      decoding: {
        temperature: settings.do_sample === false ? 0 : settings.temperature,
        topP: settings.top_p ?? 1,
        topK: Math.max(0, settings.top_k ?? 0),
        maxTokens: fault === "clips" && answers > 2 ? 2 : sampling.max_tokens ?? sampling.max_new_tokens
      },
      seed: sampling.seed ?? sampling.sampling_seed ?? 0,
      topLogprobs: 1
    }, signal)
    const out = answer.tokens ?? []
    const ended = (sampling.stop_token_ids ?? settings.eos_token_id ?? []).includes(out.at(-1))
    const text = await asked.detokenize!(ended ? out.slice(0, -1) : out)
    return { prompt, out, text, ended, logprobs: answer.logprobs ?? [] }
  }
  const scores = async (tokens: ReadonlyArray<number>, asked: Target) =>
    tokens.length < 2 ? [] : asked.logprobs!({ tokens, from: 1 }, signal)

  const ownRows = async (tokens: ReadonlyArray<number>, asked: Target) =>
    (await scores(tokens, asked)).map((logprob, at) => ({ [tokens[at + 1]!]: { logprob } }))
  const wholeRows = async (tokens: ReadonlyArray<number>, asked: Target) =>
    tokens.length < 2 ? [] : (await asked.distributions!({ tokens, from: 1 }, signal)).map((row) =>
      Object.fromEntries(
        [...row].slice(0, fault === "short-rows" ? row.length / 2 : row.length).map((logprob, id) => [id, { logprob }])
      )
    )

  const vllm = async (path: string, body: any): Promise<unknown> => {
    if (path === "/v1/models") {
      const base = { id: name, root: folder, parent: null, max_model_len: Number(flag("--max-model-len")) }
      return { data: [base, ...[...loras].map(([id, lora]) => ({ id, root: lora.path, parent: name }))] }
    }
    if (path === "/v1/load_lora_adapter") {
      note(`lora ${body.lora_name}`)
      loras.set(body.lora_name, { path: body.lora_path, model: await adapted(body.lora_path) })
      return {}
    }
    if (path === "/v1/unload_lora_adapter") {
      note(`unlora ${body.lora_name}`)
      return loras.delete(body.lora_name) ? {} : undefined
    }
    if (path === "/version") return { version: "9.9" }
    if (path === "/server_info" && process.env["VLLM_SERVER_DEV_MODE"] === "1") {
      return {
        vllm_config: {
          model_config: { dtype: `torch.${flag("--dtype")}` },
          device_config: { device_type: "cpu" },
          lora_config: null
        },
        vllm_env: { VLLM_BATCH_INVARIANT: false }
      }
    }
    if (path === "/collective_rpc") {
      note(`swap ${body.kwargs.weights_path}`)
      if (fault !== "keeps-weights") model = await open(body.kwargs.weights_path)
      return { results: [null] }
    }
    if (path === "/reset_prefix_cache") return {}
    const asked = body.model === name ? model : loras.get(body.model)?.model
    if (path !== "/v1/completions" || asked === undefined) return undefined
    const told = fault === "renames" && answers > 6 ? "another-model" : body.model
    if (body.prompt_logprobs !== undefined) {
      const rowsOf = body.prompt_logprobs === -1 ? wholeRows : ownRows
      const rows = [null, ...(await rowsOf(body.prompt, asked))]
      const choice = {
        text: "",
        finish_reason: "length",
        ...(fault === "ignores-scores" ? {} : { prompt_logprobs: rows })
      }
      return { model: told, choices: [choice], usage: { prompt_tokens: body.prompt.length, completion_tokens: 1 } }
    }
    const { ended, logprobs, out, prompt, text } = await generate(body, asked)
    const seen = fault === "adds-token" ? [0, ...prompt] : prompt
    return {
      model: told,
      choices: [{
        text,
        finish_reason: ended ? "stop" : "length",
        ...(fault === "ignores-ids" ? {} : { token_ids: out, prompt_token_ids: seen }),
        ...(body.logprobs === undefined ? {} : {
          logprobs: {
            token_logprobs: logprobs,
            top_logprobs: logprobs.map((value, at) => ({ [`token_id:${out[at]}`]: value }))
          }
        })
      }],
      usage: { prompt_tokens: seen.length, completion_tokens: out.length }
    }
  }
  const sglang = async (path: string, body: any): Promise<unknown> => {
    if (path === "/v1/models") {
      return { data: [{ id: name, root: name, max_model_len: Number(flag("--context-length")) }] }
    }
    if (path === "/model_info") return { model_path: folder }
    if (path === "/server_info") {
      const deterministic = args.includes("--enable-deterministic-inference")
      return { version: "9.9", dtype: flag("--dtype"), device: "cpu", enable_deterministic_inference: deterministic }
    }
    if (path === "/load_lora_adapter") {
      note(`lora ${body.lora_name}`)
      loras.set(body.lora_name, { path: body.lora_path, model: await adapted(body.lora_path) })
      return { success: true }
    }
    if (path === "/unload_lora_adapter") {
      note(`unlora ${body.lora_name}`)
      return { success: loras.delete(body.lora_name) }
    }
    if (path === "/update_weights_from_disk") {
      note(`swap ${body.model_path}`)
      if (fault !== "keeps-weights") model = await open(body.model_path)
      return { success: true, message: "", num_paused_requests: 0 }
    }
    const asked = body?.lora_path === undefined ? model : loras.get(body.lora_path)?.model
    if (path !== "/generate" || asked === undefined) return undefined
    if (body.sampling_params.max_new_tokens === 0) {
      const found = await scores(body.input_ids, asked)
      const rows = body.input_ids.map((
        id: number,
        at: number
      ) => [at === body.logprob_start_len ? null : found[at - 1], id, null])
      return {
        text: "",
        meta_info: { input_token_logprobs: rows.slice(body.logprob_start_len), prompt_tokens: rows.length }
      }
    }
    const { ended, logprobs, out, prompt, text } = await generate(body, asked)
    return {
      text,
      output_ids: out,
      meta_info: {
        finish_reason: ended ? { type: "stop", matched: 4 } : { type: "length" },
        prompt_tokens: prompt.length,
        completion_tokens: out.length,
        ...(body.return_logprob === true
          ? { output_token_logprobs: logprobs.map((value, at) => [value, out[at], null]) }
          : {})
      }
    }
  }
  const transformers = async (path: string, body: any): Promise<unknown> => {
    if (path !== "/v1/completions" || body.model !== folder) return undefined
    const { ended, out, prompt, text } = await generate(body, model)
    return {
      model: `${folder}@main`,
      choices: [{ text, finish_reason: ended ? "stop" : "length" }],
      usage: { prompt_tokens: prompt.length, completion_tokens: out.length }
    }
  }
  const handlers = { vllm, sglang, transformers }
  const server = createServer((request, response) => {
    let text = ""
    request.on("data", (bytes: Buffer) => (text += bytes.toString()))
    request.on("end", async () => {
      const end = (status: number, body: unknown) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
      const path = request.url!.split("?")[0]!
      if (path === "/health") return end(200, {})
      if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) return end(401, { error: "no key" })
      if (fault === "never-ready") return end(503, { error: { message: "loading", type: "unavailable_error" } })
      if (fault === "refuses-weights" && path === "/collective_rpc") {
        return end(500, { error: { message: "no room for new weights", type: "InternalServerError" } })
      }
      answers++
      const mortal = fault === "dies" || (fault === "dies-once" && starts.length === 0)
      if (fault === "oom-once" && starts.length === 0 && path === "/v1/completions" && answers > 8) {
        console.error("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.")
        return process.exit(1)
      }
      if (mortal && path === "/v1/completions" && answers > 8) return process.kill(process.pid, "SIGKILL")
      const found = await handlers[kind](path, text === "" ? {} : JSON.parse(text)).catch((error: unknown) => {
        console.error(error)
        return { error: String(error) }
      })
      return found === undefined
        ? end(404, { error: { message: "not found", type: "NotFoundError" } })
        : end(200, found)
    })
  })
  server.listen(Number(flag("--port")), "127.0.0.1", () => console.error("listening"))
}

if (process.argv[1] === import.meta.filename) {
  const [fault, notes, other, _option, ...rest] = process.argv.slice(2)
  await serve(fault as Fault, notes!, other!, rest)
}
