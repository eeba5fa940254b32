"""Tokens per CPU second of transformers on one thread, beside speed.ts: python demo/train/speed.py FOLDER.

Prompts come on stdin, one JSON array of token ids a line (`speed.ts FOLDER --prompts` writes them); answers have full
length, as there. Batches are padded on the left.
"""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM

NEW = 40

torch.set_num_threads(1)
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
prompts = [json.loads(line) for line in sys.stdin]


def generate(batch: int, count: int) -> tuple[int, float]:
    """Tokens read and CPU seconds for answers of NEW tokens to the first `count` prompts."""
    began, read = time.process_time(), 0
    for at in range(0, count, batch):
        part = prompts[at : min(at + batch, count)]
        width = max(map(len, part))
        ids = torch.tensor([[0] * (width - len(p)) + p for p in part])
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in part])
        with torch.inference_mode():
            model.generate(
                input_ids=ids, attention_mask=mask, do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
                max_new_tokens=NEW, min_new_tokens=NEW, pad_token_id=0,
            )
        read += sum(map(len, part))
    return read, time.process_time() - began


generate(8, 24)
for batch in (1, 8, 32):
    count = 32 if batch == 1 else 96
    read, seconds = generate(batch, count)
    drawn = count * NEW
    print(f"batch {batch}: {drawn / seconds:.0f} new tokens, {(read + drawn) / seconds:.0f} read and new, per CPU second")
began = time.process_time()
with torch.inference_mode():
    for prompt in prompts:
        ids = torch.tensor([prompt])
        torch.log_softmax(model(input_ids=ids).logits[0, :-1], -1).gather(1, ids[0, 1:, None])
scored = sum(len(p) - 1 for p in prompts)
print(f"given tokens, one text at a time: {scored / (time.process_time() - began):.0f} scored per CPU second")
