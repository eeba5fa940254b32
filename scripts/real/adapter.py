"""A LoRA adapter for a checkpoint, as PEFT saves one, with factors that are not zero: adapter.py BASE_DIR OUT_DIR"""

import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

base, out = sys.argv[1:3]
torch.manual_seed(1)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
adapted = get_peft_model(model, config)
with torch.no_grad():
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            weight.normal_(0, 0.02)
adapted.save_pretrained(out)
