"""Small random Llama checkpoints and a LoRA adapter for the checks with vLLM: make_models.py TOKENIZER_DIR OUT_DIR

vLLM's kernels for processors take heads of 32 numbers and more, which the demo's models do not have. `base` and
`candidate` tie their output layer to the embedding, `base-untied` and `candidate-untied` do not; `adapter` belongs to
`base`. Weights are random and large enough that the log-probabilities of any two of them differ by tenths of a nat.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

tokenizer, out = Path(sys.argv[1]), Path(sys.argv[2])
FILES = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"]


def config(tied):
    return LlamaConfig(
        vocab_size=512, hidden_size=128, intermediate_size=320, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, head_dim=32, max_position_embeddings=256, tie_word_embeddings=tied,
        bos_token_id=None, eos_token_id=4, pad_token_id=0, dtype="float32",
    )


def randomised(tied, seed):
    torch.manual_seed(seed)
    model = LlamaForCausalLM(config(tied)).float()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                weight.normal_(0, 0.08 if "embed" in name or "lm_head" in name else 0.12)
    return model


def moved(model, seed, size):
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * size)
    return model


def save(model, name):
    folder = out / name
    model.save_pretrained(folder)
    for file in FILES:
        shutil.copyfile(tokenizer / file, folder / file)


for tied, suffix in [(True, ""), (False, "-untied")]:
    save(randomised(tied, 1), f"base{suffix}")
    save(moved(randomised(tied, 1), 2, 0.02), f"candidate{suffix}")

rank, targets = 4, {"q_proj": (128, 128), "v_proj": (64, 128), "down_proj": (128, 320)}
torch.manual_seed(3)
tensors = {}
for layer in range(3):
    for target, (outputs, inputs) in targets.items():
        block = "mlp" if target == "down_proj" else "self_attn"
        prefix = f"base_model.model.model.layers.{layer}.{block}.{target}"
        tensors[f"{prefix}.lora_A.weight"] = torch.randn(rank, inputs) * 0.1
        tensors[f"{prefix}.lora_B.weight"] = torch.randn(outputs, rank) * 0.1
adapter = out / "adapter"
adapter.mkdir(parents=True, exist_ok=True)
save_file(tensors, adapter / "adapter_model.safetensors")
(adapter / "adapter_config.json").write_text(json.dumps({
    "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": str(out / "base"), "r": rank,
    "lora_alpha": 8, "lora_dropout": 0.0, "bias": "none", "target_modules": list(targets), "use_rslora": False,
    "use_dora": False, "fan_in_fan_out": False, "modules_to_save": None, "inference_mode": True,
}, indent=2))
