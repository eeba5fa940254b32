"""GRPO with TRL on the demo's base, each checkpoint gated: python train.py BASE OUT [--reward compliance] [--lora]

The service is found by DRIFTGATE_URL, DRIFTGATE_BASE and the other settings of the callback.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from datasets import Dataset
from driftgate_trl import DriftGateCallback
from peft import LoraConfig
from questions import REWARDS
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from trl import GRPOConfig, GRPOTrainer

options = argparse.ArgumentParser()
options.add_argument("base", help="folder of the model that training begins with")
options.add_argument("out", help="folder of the checkpoints")
options.add_argument("--reward", choices=sorted(REWARDS), default="sums")
options.add_argument("--steps", type=int, default=12)
options.add_argument("--save-steps", type=int, default=4)
options.add_argument("--beta", type=float, default=0.04, help="weight of the KL to the base")
options.add_argument("--learning-rate", type=float, default=3e-4)
options.add_argument("--lora", action="store_true", help="train an adapter")
options.add_argument("--resume", metavar="CHECKPOINT")
options = options.parse_args()

torch.set_num_threads(1)
set_seed(1)
prompts, answers = 16, 8
reward, questions = REWARDS[options.reward]
tokenizer = AutoTokenizer.from_pretrained(options.base, padding_side="left")

gate = DriftGateCallback()
trainer = GRPOTrainer(
    model=AutoModelForCausalLM.from_pretrained(options.base, dtype=torch.float32),
    reward_funcs=reward,
    train_dataset=Dataset.from_list(questions(options.steps * prompts, seed=1)),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear") if options.lora else None,
    callbacks=[gate],
    args=GRPOConfig(
        output_dir=options.out,
        seed=1,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        beta=options.beta,
        loss_type="grpo",
        learning_rate=options.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=8,
        per_device_train_batch_size=prompts * answers,
        num_generations=answers,
        max_completion_length=6,
        max_steps=options.steps,
        top_k=0,
        save_steps=options.save_steps,
        logging_steps=4,
        report_to=[],
        disable_tqdm=True,
    ),
)
trainer.train(resume_from_checkpoint=options.resume)

# Only reached when the last checkpoint was accepted.
trainer.save_model(os.path.join(options.out, "final"))
print(f"saved {os.path.join(options.out, 'final')}; {gate.blocked_s:.1f} s were spent waiting for verdicts")
