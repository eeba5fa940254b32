"""The callback for transformers and TRL, and for what is built on them: Unsloth, Axolotl, ms-swift, LLaMA-Factory."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple

from .gate import Settings, TrainingGate
from .verdicts import EXIT_NOT_STARTED, EXIT_REFUSED, GateFailed

if TYPE_CHECKING:

    class TrainerCallback:
        """What is inherited from transformers: nothing that matters here."""

else:
    try:
        from transformers import TrainerCallback
    except ImportError:
        TrainerCallback = object

#: Steps between two looks of several processes at each other; a save is one too.
_STEPS_BETWEEN_LOOKS = 10


class DriftGateCallback(TrainerCallback):
    """Stops training when a checkpoint is not accepted: ``Trainer(..., callbacks=[DriftGateCallback()])``.

    Takes the fields of ``Settings``, by name. After a stop, ``train()`` raises ``GateFailed``, a ``SystemExit`` with
    code 3, on every rank; 4 when it could not start or resume. Launchers replace exit codes: the files
    ``<output_dir>/driftgate/step-N.json`` are what counts.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.gate: Optional[TrainingGate] = None
        #: Seconds that this rank spent here.
        self.blocked_s = 0.0
        self._group: Any = None
        self._stopped: Optional[GateFailed] = None

    def _agree(self, state: Any, work: Callable[[], None]) -> Optional[GateFailed]:
        """The first process does the work, all learn what came of it. Every rank must call this at the same steps."""
        began = time.monotonic()
        told: Optional[Tuple[str, int]] = None
        if state.is_world_process_zero:
            try:
                work()
            except GateFailed as failed:
                told = (failed.message, int(str(failed.code)))
            except Exception as error:
                told = (f"driftgate: internal error, {type(error).__name__}: {error}", EXIT_REFUSED)
                print(told[0], file=sys.stderr, flush=True)
        if self._group is not None:
            # gloo, with a time limit of its own: no watchdog of NCCL while a verdict is awaited.
            import torch.distributed as dist

            box = [told]
            dist.broadcast_object_list(box, src=0, group=self._group)
            told = box[0]
        if told is not None and self._stopped is None:
            self._stopped = GateFailed(*told)
        self.blocked_s += time.monotonic() - began
        return self._stopped

    def _make_group(self) -> None:
        try:
            import torch.distributed as dist
        except ImportError:
            return
        if dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1:
            longest = self.settings.timeout_s * (self.settings.run_ahead + 2) + 600
            self._group = dist.new_group(backend="gloo", timeout=timedelta(seconds=longest))

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        self._stopped, self._group = None, None
        self._make_group()

        def begin() -> None:
            # A new object, and so a new attempt: a second train() saves other weights under the same steps.
            self.gate = TrainingGate(args.output_dir, self.settings)
            self._check_arguments(args)
            step = int(state.global_step)
            place = os.path.join(args.output_dir, f"checkpoint-{step}") if step > 0 else None
            if place is not None and os.environ.get("DRIFTGATE_ALLOW_RESUME") != "1":
                _check_same_history(self._running(), state, place)
            self.gate.start(step, place)

        stopped = self._agree(state, begin)
        if stopped is not None:
            raise GateFailed(stopped.message, EXIT_NOT_STARTED)
        return control

    def _check_arguments(self, args: Any) -> None:
        saving, strategy = getattr(args, "save_strategy", "steps"), getattr(args, "hub_strategy", "end")
        if getattr(saving, "value", saving) == "no":
            raise self._running().ends('save_strategy is "no": there would be nothing to judge', EXIT_NOT_STARTED)
        if getattr(args, "push_to_hub", False) and getattr(strategy, "value", strategy) != "end":
            raise self._running().ends(
                'hub_strategy uploads checkpoints before they are judged: set hub_strategy="end"', EXIT_NOT_STARTED
            )

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if self._stopped is not None:
            # Something took the stop back.
            raise self._stopped
        return control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        step = int(state.global_step)
        place = os.path.join(args.output_dir, f"checkpoint-{step}")
        final = 0 < int(getattr(state, "max_steps", 0) or 0) <= step
        if self._agree(state, lambda: self._running().saved(step, place, final, pinned=False)) is not None:
            control.should_training_stop = True
        return control

    def _settle(self, control: Any) -> None:
        """The next save may rotate the last checkpoint away, so the service has to have it by then."""
        if self.gate is not None and getattr(control, "should_save", True):
            began = time.monotonic()
            self.gate.settle()
            self.blocked_s += time.monotonic() - began

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        self._settle(control)
        return control

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        self._settle(control)
        # Ranks decide by the number of the step alone whether they meet here.
        every = 1 if self._group is None else _STEPS_BETWEEN_LOOKS
        if self._stopped is None and int(state.global_step) % every == 0:
            if self._agree(state, lambda: self._running().check()) is not None:
                control.should_training_stop = True
        return control

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if self._stopped is not None:
            raise self._stopped
        step = int(state.global_step)
        best = getattr(state, "best_model_checkpoint", None)
        if getattr(args, "load_best_model_at_end", False) and best:
            # The weights in memory are those of the best checkpoint then.
            name = os.path.basename(os.path.normpath(best))
            step = int(name.rsplit("-", 1)[-1]) if name.rsplit("-", 1)[-1].isdigit() else step
        stopped = self._agree(state, lambda: self._running().finish(step))
        if stopped is not None:
            raise stopped
        return control

    def _running(self) -> TrainingGate:
        if self.gate is None:
            raise GateFailed("driftgate: training went on without on_train_begin", EXIT_NOT_STARTED)
        return self.gate

    @property
    def verdicts(self) -> Dict[int, str]:
        return self.gate.verdicts if self.gate is not None else {}


def _check_same_history(gate: TrainingGate, state: Any, checkpoint: str) -> None:
    """A resume from a folder elsewhere has the same step and other weights."""
    try:
        with open(os.path.join(checkpoint, "trainer_state.json"), encoding="utf-8") as file:
            there = json.load(file)["log_history"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # TrainingGate.start refuses a checkpoint that it can't read.
    if json.dumps(there) != json.dumps(list(getattr(state, "log_history", there))):
        raise gate.ends(
            f"training resumes at step {state.global_step} from another folder than {checkpoint}: ungated "
            "(set DRIFTGATE_ALLOW_RESUME=1 to go on)",
            EXIT_NOT_STARTED,
        )
