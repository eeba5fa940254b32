"""Stops training when a checkpoint drifts: callback, plugins and client of a driftgate service."""

from .callback import DriftGateCallback
from .gate import Settings, TrainingGate
from .verdicts import ACCEPTABLE, EXIT_NOT_STARTED, EXIT_REFUSED, GateFailed

__all__ = [
    "ACCEPTABLE",
    "EXIT_NOT_STARTED",
    "EXIT_REFUSED",
    "DriftGateCallback",
    "GateFailed",
    "Settings",
    "TrainingGate",
]
__version__ = "0.1.0"
