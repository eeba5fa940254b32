import { isInputError } from "driftgate/plugin"
import { appendFileSync, copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { checkpoint, copied, edited, openOne, reference } from "./reference.fixture.ts"

/** Opens a copy of a folder after something in it was changed; the error's text and what to do. */
const saidOf = async (folder: string, change: (copy: string) => void, adapter?: string): Promise<string> => {
  const copy = copied(folder)
  change(copy)
  const error: unknown = await openOne(copy, adapter === undefined ? {} : { adapter }).then(
    () => "it opened",
    (error: unknown) => error
  )
  rmSync(copy, { recursive: true })
  return isInputError(error) ? `${error.message} | ${error.fix}` : String(error)
}
const base = checkpoint("base")
const tiny = reference("tiny")
const remove = (name: string) => (copy: string) => rmSync(join(copy, name))

describe("a folder is refused before anything is asked", () => {
  it("where it is not there", async () => {
    await expect(openOne("no/such/folder")).rejects.toThrow(/no such folder/)
  })

  it.each(["config.json", "tokenizer.json"])("where %s is missing", async (name) => {
    expect(await saidOf(base, remove(name))).toMatch(new RegExp(`${name}: the file is missing`))
  })

  it("where it holds no safetensors", async () => {
    expect(
      await saidOf(base, (copy) => {
        remove("model.safetensors")(copy)
        writeFileSync(join(copy, "pytorch_model.bin"), "")
      })
    ).toMatch(/no model.safetensors.* only pytorch_model.bin .* save_pretrained/)
  })

  it("where JSON is cut off", async () => {
    expect(await saidOf(base, (copy) => truncateSync(join(copy, "config.json"), 100))).toMatch(
      /config.json: this is not JSON/
    )
  })

  it("where the weights are cut off, within their values or their list", async () => {
    expect(await saidOf(base, (copy) => truncateSync(join(copy, "model.safetensors"), 900_000)))
      .toMatch(/it has 900000 bytes and should have 914960 \| .*copy it again/)
    expect(await saidOf(base, (copy) => truncateSync(join(copy, "model.safetensors"), 2000))).toMatch(
      /it ends after 2000/
    )
    expect(await saidOf(base, (copy) => truncateSync(join(copy, "model.safetensors"), 5))).toMatch(
      /no safetensors file/
    )
    expect(await saidOf(base, (copy) => appendFileSync(join(copy, "model.safetensors"), "x"))).toMatch(
      /should have 914960/
    )
  })

  it("where the weights are something else", async () => {
    expect(await saidOf(base, (copy) => writeFileSync(join(copy, "model.safetensors"), "PK\u0003\u0004".repeat(99))))
      .toMatch(/no safetensors file/)
  })

  it("where a shard is missing or of another save", async () => {
    expect(await saidOf(tiny, remove("model-00002-of-00003.safetensors"))).toMatch(/00002.*can't be read \(ENOENT\)/)
    expect(
      await saidOf(
        tiny,
        (copy) =>
          copyFileSync(join(copy, "model-00001-of-00003.safetensors"), join(copy, "model-00002-of-00003.safetensors"))
      )
    ).toMatch(/which model.safetensors.index.json places in model-00001-of-00003.safetensors/)
    expect(
      await saidOf(tiny, (copy) =>
        edited(join(copy, "model.safetensors.index.json"), (json) => {
          json.weight_map["model.extra.weight"] = "model-00001-of-00003.safetensors"
        }))
    ).toMatch(/model.extra.weight is not there/)
  })

  it("where an index names a file elsewhere", async () => {
    expect(
      await saidOf(tiny, (copy) =>
        edited(join(copy, "model.safetensors.index.json"), (json) => {
          json.weight_map["lm_head.weight"] = "../secrets.safetensors"
        }))
    ).toMatch(/is in "..\/secrets.safetensors", which is no file beside it/)
  })

  it("where weights of two saves lie together", async () => {
    expect(await saidOf(tiny, (copy) => copyFileSync(join(base, "model.safetensors"), join(copy, "model.safetensors"))))
      .toMatch(/both model.safetensors and model.safetensors.index.json/)
  })

  it.each([
    [
      { architectures: ["GPT2LMHeadModel"] },
      /architecture "GPT2LMHeadModel" is not supported \| .*Llama.*F32, F16 or BF16/
    ],
    [{ rope_parameters: { rope_type: "llama3", rope_theta: 1 } }, /scaling of rotary positions "llama3"/],
    [{ rope_scaling: { type: "linear", factor: 2 } }, /scaling of rotary positions "linear"/],
    [{ attention_bias: true }, /attention_bias true is not supported/],
    [{ quantization_config: { bits: 4 } }, /quantization_config .* is not supported/],
    [{ num_hidden_layers: 0 }, /num_hidden_layers is 0/],
    [{ num_hidden_layers: 5 }, /weight model.layers.4.input_layernorm.weight is missing/],
    [{ num_hidden_layers: 3 }, /weight model.layers.3.\S+ has no place in a plain Llama model/],
    [{ intermediate_size: 128 }, /gate_proj.weight is 256 x 96 and should be 128 x 96/],
    [{ vocab_size: 400 }, /embed_tokens.weight is 512 x 96 and should be 400 x 96/],
    [{ tie_word_embeddings: false }, /weight lm_head.weight is missing/]
  ])("where config.json says %o", async (change, said) => {
    expect(await saidOf(base, (copy) => edited(join(copy, "config.json"), (json) => ({ ...json, ...change })))).toMatch(
      said
    )
  })

  it("where the weights are quantised", async () => {
    expect(
      await saidOf(base, (copy) => {
        const file = join(copy, "model.safetensors")
        writeFileSync(file, readFileSync(file, "latin1").replace("\"F16\"", "\"I16\""), "latin1")
      })
    ).toMatch(/is "I16" \| Weights in F32, F16, BF16 are supported/)
  })

  it("where a weight is no finite number, as after a training that diverged", async () => {
    expect(
      await saidOf(base, (copy) => {
        const file = join(copy, "model.safetensors")
        const bytes = readFileSync(file)
        // 0x7e00 is a half that is not a number.
        bytes.writeUInt16LE(0x7e00, bytes.length - 2)
        writeFileSync(file, bytes)
      })
    ).toMatch(/no finite numbers \| The training diverged/)
  })

  it("where the tokenizer has more tokens than the model, or is of an unknown kind", async () => {
    expect(
      await saidOf(base, (copy) =>
        edited(join(copy, "tokenizer.json"), (json) => {
          json.added_tokens.push({ ...json.added_tokens[0], id: 512, content: "<|new|>" })
        }))
    ).toMatch(/a token 512, and the model's vocabulary ends at 511/)
    expect(
      await saidOf(base, (copy) =>
        edited(join(copy, "tokenizer.json"), (json) => {
          json.pre_tokenizer = { type: "Unheard" }
        }))
    ).toMatch(/this kind of tokenizer is not supported/)
  })
})

describe("an adapter", () => {
  const identityOf = async (change?: (copy: string) => void) => {
    const adapter = copied(reference("tiny-adapter"))
    change?.(adapter)
    const one = await openOne(tiny, change === undefined ? {} : { adapter })
    await one.close()
    rmSync(adapter, { recursive: true })
    return one.identity
  }
  const settings = (change: (json: any) => unknown) => (copy: string) =>
    edited(join(copy, "adapter_config.json"), change)
  /** Sets all values of the tensors whose names match to zero. */
  const zeroed = (names: RegExp) => (copy: string) => {
    const file = join(copy, "adapter_model.safetensors")
    const bytes = readFileSync(file)
    const from = 8 + Number(bytes.readBigUInt64LE(0))
    const header: Record<string, any> = JSON.parse(bytes.toString("utf8", 8, from))
    for (const [name, { data_offsets: place }] of Object.entries(header)) {
      if (names.test(name)) bytes.fill(0, from + place[0], from + place[1])
    }
    writeFileSync(file, bytes)
  }

  it("gives a behaviour of its own", async () => {
    const [plain, adapted] = [await identityOf(), await identityOf(() => {})]
    expect(adapted.behaviour).not.toBe(plain.behaviour)
    expect(adapted.parts["adapter"]).toMatch(/^[0-9a-f]{64}$/)
  })

  it("that changes nothing leaves the behaviour of the base: alpha 0, or factors of zeros", async () => {
    const plain = await identityOf()
    const still = await identityOf(settings((json) => ({ ...json, lora_alpha: 0, alpha_pattern: {} })))
    expect(still.behaviour).toBe(plain.behaviour)
    expect(still.parts["adapter"]).toMatch(/, no change: (lora_alpha is 0|every lora_B is zero)$/)
    expect((await identityOf(zeroed(/lora_B/))).behaviour).toBe(plain.behaviour)
    expect((await identityOf(zeroed(/lora_A/))).behaviour).toBe(plain.behaviour)
  })

  it("of one layer that is not zero changes the behaviour", async () => {
    const plain = await identityOf()
    expect((await identityOf(zeroed(/layers.*lora_B/))).behaviour).not.toBe(plain.behaviour)
  })

  it("is named after its base", async () => {
    expect(await saidOf(reference("tiny-adapter"), () => {})).toMatch(
      /an adapter, not a whole model \| .*checkpoint:BASE\+/
    )
    expect(await saidOf(tiny, (copy) => copyFileSync(join(tiny, "config.json"), join(copy, "adapter_config.json"))))
      .toMatch(/both whole weights and an adapter/)
  })

  it.each([
    [{ peft_type: "IA3" }, /peft_type "IA3" is not supported/],
    [{ use_dora: true }, /use_dora is not supported/],
    [{ bias: "all" }, /trained biases/],
    [{ lora_alpha: null, alpha_pattern: {} }, /lora_alpha is no number/]
  ])("is refused where its settings say %o", async (change, said) => {
    const adapter = copied(reference("tiny-adapter"))
    settings((json) => ({ ...json, ...change }))(adapter)
    expect(await saidOf(tiny, () => {}, adapter)).toMatch(said)
  })

  it("is refused where it was trained on another model, or its folder is empty", async () => {
    expect(await saidOf(base, () => {}, reference("tiny-adapter"))).toMatch(/base model/)
    expect(await saidOf(base, () => {}, checkpoint("eroded"))).toMatch(/adapter_config.json: the file is missing/)
  })

  it("scales by the root of the rank where its settings say so", async () => {
    const weights = async (change: (json: any) => unknown) => (await identityOf(settings(change))).weights
    const flat = { rank_pattern: {}, alpha_pattern: { v_proj: 0 } }
    // Rank 4: 6 / sqrt(4) = 12 / 4.
    expect(await weights((json) => ({ ...json, ...flat, use_rslora: true })))
      .toBe(await weights((json) => ({ ...json, ...flat, lora_alpha: 12 })))
  })
})

describe("a sharded checkpoint", () => {
  /** Joins all shards of a folder into one file, as safetensors lays it out. */
  const joinShards = (folder: string): void => {
    const index = join(folder, "model.safetensors.index.json")
    const names = [...new Set<string>(Object.values(JSON.parse(readFileSync(index, "utf8")).weight_map))]
    const header: Record<string, unknown> = {}
    const parts: Array<Buffer> = []
    let end = 0
    for (const name of names) {
      const bytes = readFileSync(join(folder, name))
      const from = 8 + Number(bytes.readBigUInt64LE(0))
      for (const [tensor, value] of Object.entries<any>(JSON.parse(bytes.toString("utf8", 8, from)))) {
        if (tensor === "__metadata__") continue
        const [start, stop] = value.data_offsets
        parts.push(bytes.subarray(from + start, from + stop))
        header[tensor] = { ...value, data_offsets: [end, end + stop - start] }
        end += stop - start
      }
      rmSync(join(folder, name))
    }
    const text = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(text.length))
    writeFileSync(join(folder, "model.safetensors"), Buffer.concat([length, text, ...parts]))
    rmSync(index)
  }

  it("has the behaviour of its content, in however many files it lies", async () => {
    const copy = copied(tiny)
    joinShards(copy)
    const [sharded, whole] = [await openOne(tiny), await openOne(copy)]
    expect(whole.identity.behaviour).toBe(sharded.identity.behaviour)
    expect(whole.identity.parts["files"]).not.toBe(sharded.identity.parts["files"])
    expect(whole.capabilities.maxContext).toBe(64)
    rmSync(copy, { recursive: true })
  })
})
