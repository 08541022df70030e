"""One change of a plugin at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from rising_bsm.errors import Conflict


class BeingChanged(Conflict):
    """Something else is being done to the plugin at this moment."""

    code = "plugins.being_changed"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"{plugin_id} is being installed, changed or removed at this moment.",
            place=plugin_id,
            next_step="Try again in a moment.",
        )


class Changes:
    """Which plugins are being changed in this process."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    def is_running(self, plugin_id: str) -> bool:
        """Whether the plugin is being changed now."""
        return plugin_id in self._running

    @contextmanager
    def alone(self, plugin_id: str) -> Iterator[None]:
        """Nobody else changes the plugin meanwhile; raises BeingChanged if somebody does already."""
        if plugin_id in self._running:
            raise BeingChanged(plugin_id)
        self._running.add(plugin_id)
        try:
            yield
        finally:
            self._running.remove(plugin_id)
