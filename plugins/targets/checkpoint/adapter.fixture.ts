import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Folder of a small LoRA for the demo's models: rank 2 on two matrices of the first layer. */
export const writeAdapter = (base: string, { alpha = 4 }: { readonly alpha?: number } = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), "driftgate-adapter-"))
  const header: Record<string, unknown> = {}
  const values: Array<number> = []
  const add = (name: string, shape: readonly [number, number]) => {
    const from = values.length
    for (let i = 0; i < shape[0] * shape[1]; i++) values.push(Math.sin(from + i * 7) / 4)
    header[`base_model.model.model.layers.0.self_attn.${name}.weight`] = {
      dtype: "F32",
      shape,
      data_offsets: [4 * from, 4 * values.length]
    }
  }
  for (const [name, outputs] of [["q_proj", 96], ["v_proj", 48]] as const) {
    add(`${name}.lora_A`, [2, 96])
    add(`${name}.lora_B`, [outputs, 2])
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const bytes = Buffer.from(Float32Array.from(values).buffer)
  writeFileSync(join(folder, "adapter_model.safetensors"), Buffer.concat([length, text, bytes]))
  const settings = { peft_type: "LORA", r: 2, lora_alpha: alpha, bias: "none", target_modules: ["q_proj", "v_proj"] }
  writeFileSync(
    join(folder, "adapter_config.json"),
    JSON.stringify({ ...settings, base_model_name_or_path: base, task_type: "CAUSAL_LM" })
  )
  return folder
}
