"""A trainer without a model that calls callbacks when and how transformers does, and writes checkpoints as it does."""

import json
import os
import shutil
import struct


class Namespace:
    def __init__(self, **values):
        self.__dict__.update(values)


def write_weights(path, byte):
    header = json.dumps({"w": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + bytes([byte % 256]) * 4)


class Trainer:
    """``train()``: so many ``steps``, a checkpoint each ``save_steps``; ``at`` maps a step to what happens in it."""

    def __init__(
        self, output_dir, callback, steps=6, save_steps=2, keep=None, at=None, weights=lambda step: step, **args
    ):
        self.callback, self.keep, self.at, self.weights = callback, keep, at or {}, weights
        self.args = Namespace(**{"output_dir": str(output_dir), "load_best_model_at_end": False, **args})
        self.state = Namespace(
            global_step=0,
            max_steps=steps,
            save_steps=save_steps,
            is_world_process_zero=True,
            log_history=[],
            best_model_checkpoint=None,
        )
        self.control = Namespace(should_training_stop=False, should_save=False)

    def call(self, event):
        getattr(self.callback, event)(self.args, self.state, self.control, model=None)

    def save(self):
        step = self.state.global_step
        folder = os.path.join(self.args.output_dir, f"checkpoint-{step}")
        os.makedirs(folder, exist_ok=True)
        write_weights(os.path.join(folder, "model.safetensors"), self.weights(step))
        with open(os.path.join(folder, "trainer_state.json"), "w") as file:
            json.dump({"global_step": step, "log_history": self.state.log_history}, file)
        if self.keep is not None:
            kept = sorted(
                (name for name in os.listdir(self.args.output_dir) if name.startswith("checkpoint-")),
                key=lambda name: int(name.split("-")[1]),
            )
            for name in kept[: -self.keep]:
                shutil.rmtree(os.path.join(self.args.output_dir, name))
        self.call("on_save")

    def train(self, resume=None):
        """Gives back the last step; ``resume`` is a checkpoint, or True for the newest by name."""
        if resume is True:
            names = [name for name in os.listdir(self.args.output_dir) if name.startswith("checkpoint-")]
            resume = os.path.join(self.args.output_dir, max(names, key=lambda name: int(name.split("-")[1])))
        if resume is not None:
            with open(os.path.join(resume, "trainer_state.json")) as file:
                told = json.load(file)
            self.state.global_step, self.state.log_history = told["global_step"], told["log_history"]
        self.control.should_training_stop = False
        self.call("on_train_begin")
        while self.state.global_step < self.state.max_steps and not self.control.should_training_stop:
            self.call("on_step_begin")
            self.state.global_step += 1
            self.state.log_history.append({"step": self.state.global_step})
            self.at.get(self.state.global_step, lambda trainer: None)(self)
            self.control.should_save = self.state.global_step % self.state.save_steps == 0
            self.call("on_step_end")
            if self.control.should_save:
                self.save()
        self.call("on_train_end")
        return self.state.global_step
