"""verl: found by the entry point ``verl.plugins`` in every process, at work where ``DRIFTGATE_URL`` is set.

verl imports plugins while it is being imported itself, and only logs those that fail, so nothing is done here but to
wait for the modules of its trainers. What goes wrong after that ends the driver: the Ray job fails.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import os
import sys
from types import ModuleType
from typing import Any, Optional, Sequence

from .gate import Settings, TrainingGate
from .verdicts import GateFailed

#: Modules of trainers, and the class in each that saves checkpoints.
TRAINERS = {
    "verl.trainer.ppo.v1.trainer_base": "PPOTrainer",
    "verl.trainer.ppo.ray_trainer": "RayPPOTrainer",
}


class GateStopped(RuntimeError):
    """Not a ``SystemExit``: inside a Ray task that would look like an exit as intended."""


def huggingface_folder(local_dir: str, step: int) -> str:
    """Where the actor's weights of a step lie in the form of transformers, in either layout."""
    actor = os.path.join(local_dir, f"global_step_{step}", "actor")
    folders = [os.path.join(actor, "huggingface"), os.path.join(actor, "model", "huggingface")]
    for folder in folders:
        if os.path.isdir(folder) and any(name.endswith(".safetensors") for name in os.listdir(folder)):
            return folder
    raise GateStopped(
        f"driftgate: {actor} holds no weights that can be judged: add hf_model to "
        "actor_rollout_ref.actor.checkpoint.save_contents, and leave async_save off"
    )


class _Run:
    """The gate of one trainer object."""

    def __init__(self, trainer: Any) -> None:
        self.local_dir = str(trainer.config.trainer.default_local_dir)
        self.gate = TrainingGate(self.local_dir, Settings())
        self.started = False
        self.last_saved = 0

    def start(self, step: int) -> None:
        if not self.started:
            self.gate.start(step, huggingface_folder(self.local_dir, step) if step > 0 else None)
            self.started, self.last_saved = True, step

    def saved(self, step: int, last: int) -> None:
        self.gate.saved(step, huggingface_folder(self.local_dir, step), 0 < last <= step)
        self.last_saved = step


def _run_of(trainer: Any) -> _Run:
    if "_driftgate" not in trainer.__dict__:
        trainer._driftgate = _Run(trainer)
    run = trainer.__dict__["_driftgate"]
    assert isinstance(run, _Run)
    return run


def _last_step(trainer: Any) -> int:
    return int(getattr(trainer, "total_training_steps", 0) or 0)


def _stopping(work: Any) -> Any:
    @functools.wraps(work)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return work(self, *args, **kwargs)
        except GateFailed as failed:
            raise GateStopped(failed.message) from None

    return wrapped


def watch(trainer: Any) -> None:
    """Makes a trainer class of verl ask the gate; raises ``AttributeError`` where it lacks a method."""
    if trainer.__dict__.get("_driftgate_watched", False):
        return
    fit, save, load = trainer.fit, trainer._save_checkpoint, getattr(trainer, "_load_checkpoint", None)

    @_stopping
    def _load_checkpoint(self: Any, *args: Any, **kwargs: Any) -> Any:
        told = load(self, *args, **kwargs) if load is not None else None
        _run_of(self).start(int(self.global_steps))
        return told

    @_stopping
    def _save_checkpoint(self: Any, *args: Any, **kwargs: Any) -> Any:
        run = _run_of(self)
        run.start(0)
        told = save(self, *args, **kwargs)
        run.saved(int(self.global_steps), _last_step(self))
        return told

    @_stopping
    def _fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        run = _run_of(self)
        try:
            told = fit(self, *args, **kwargs)
            run.start(0)
            # The counter may be one further than what was trained, so the length of the run is what has to be saved.
            run.gate.finish(_last_step(self) or run.last_saved)
            return told
        finally:
            run.gate.close()

    if load is not None:
        trainer._load_checkpoint = _load_checkpoint
    trainer._save_checkpoint = _save_checkpoint
    trainer.fit = _fit
    trainer._driftgate_watched = True


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        return self.loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        watch(getattr(module, TRAINERS[module.__name__]))


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if name not in TRAINERS:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                spec.loader = _Loader(spec.loader)
                return spec  # type: ignore[no-any-return]
        return None


def install() -> None:
    """Waits for verl's trainers; those that are there already are changed at once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    for name, trainer in TRAINERS.items():
        if name in sys.modules:
            watch(getattr(sys.modules[name], trainer))


if os.environ.get("DRIFTGATE_URL"):
    install()
