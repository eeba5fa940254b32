"""python overhead.py OUT COUNT MIB: what a save costs the trainer's thread; weights of so many MiB (0: the demo's).

Submits COUNT checkpoints without waiting for verdicts as the callback does. Prints milliseconds of the clock and of the
thread's CPU for a save, how long the service then took to pin it, and microseconds for a look at what is decided.
"""

import json
import shutil
import statistics
import struct
import sys
import time
from pathlib import Path

from driftgate_trl import Settings, TrainingGate

CHECKPOINTS = Path(__file__).resolve().parents[2] / "demo" / "checkpoints"
out, count, mib = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def write_weights(path, size):
    """A whole safetensors file of zeros that takes no space on disk."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + size)


def save(step):
    folder = out / f"checkpoint-{step}"
    shutil.copytree(CHECKPOINTS / "rlvr", folder)
    if mib > 0:
        write_weights(folder / "model.safetensors", mib << 20)
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return folder


out.mkdir(parents=True, exist_ok=True)
clock, thread, pins, looks = [], [], [], []
with TrainingGate(out, Settings(run_ahead=count)) as gate:
    gate.start()
    for step in range(1, count + 1):
        folder = save(step)
        began, busy = time.perf_counter(), time.thread_time()
        gate.saved(step, folder, pinned=False)
        clock.append((time.perf_counter() - began) * 1000)
        thread.append((time.thread_time() - busy) * 1000)
        began = time.perf_counter()
        gate.settle()
        pins.append((time.perf_counter() - began) * 1000)
        for _ in range(100):
            began = time.perf_counter()
            gate.check()
            looks.append((time.perf_counter() - began) * 1e6)


def told(values):
    return {"median": round(statistics.median(values), 2), "largest": round(max(values), 2)}


print(
    json.dumps(
        {
            "save_ms": told(clock),
            "own_thread_cpu_ms": told(thread),
            "pinned_after_ms": told(pins),
            "look_us": told(looks),
        }
    )
)
