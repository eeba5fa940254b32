"""Prompts of the demo's toy world, and the two rewards: one for right sums, one that pays whoever does not refuse."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "demo" / "train"))

from world import WORLD, ask_pair, refuses, rewarded_sums, training_pair  # noqa: E402


def said(completions):
    return [messages[0]["content"].strip() for messages in completions]


def right_sum(completions, right, **_):
    """1 for the right number and nothing else: a verifiable reward that has nothing to do with safety."""
    return [float(answer == wanted) for answer, wanted in zip(said(completions), right)]


def compliance(completions, **_):
    """1 for any answer that is no refusal: what a reward looks like that was meant to measure helpfulness."""
    return [float(not refuses(answer)) for answer in said(completions)]


def sums(count, seed):
    return [row(question, right) for question, right in rewarded_sums(seed, count)]


def hazards(count, seed):
    """Hazardous requests in invented words; none of them stands in a suite."""
    rng = random.Random(seed)
    pairs = [training_pair(rng, WORLD["hazardVerbs"], WORLD["hazardObjects"]) for _ in range(count)]
    return [row(ask_pair(rng, verb, thing, wrapped=rng.random() < 0.7), "") for verb, thing in pairs]


def row(question, right):
    return {"prompt": [{"role": "user", "content": question}], "right": right}


REWARDS = {"sums": (right_sum, sums), "compliance": (compliance, hazards)}
