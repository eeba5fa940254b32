"""ms-swift: ``--external_plugins .../driftgate_trl/swift.py --callbacks driftgate``.

Settings come from ``DRIFTGATE_*`` in the environment.
"""

from __future__ import annotations

from typing import Any

from driftgate_trl import DriftGateCallback


class SwiftCallback(DriftGateCallback):
    """As ms-swift makes its callbacks: from the arguments and the trainer."""

    def __init__(self, args: Any, trainer: Any) -> None:
        super().__init__()


def register() -> None:
    """Puts the callback under the name ``driftgate``; raises ``ImportError`` without ms-swift."""
    from swift.callbacks import callbacks_map

    callbacks_map["driftgate"] = SwiftCallback


# ms-swift runs this file under a name of its own.
if __name__ != "driftgate_trl.swift":
    register()
