"""Axolotl: ``plugins: [driftgate_trl.axolotl.Plugin]``; settings come from ``DRIFTGATE_*`` in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List

from .callback import DriftGateCallback

if TYPE_CHECKING:

    class BasePlugin:
        """Axolotl's."""

else:
    try:
        from axolotl.integrations.base import BasePlugin
    except ImportError:
        BasePlugin = object


class Plugin(BasePlugin):
    """Adds the callback. Settings that are missing or wrong end the process before training."""

    def add_callbacks_post_trainer(self, cfg: Any, trainer: Any) -> List[DriftGateCallback]:
        return [DriftGateCallback()]
