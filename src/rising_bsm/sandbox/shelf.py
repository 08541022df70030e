"""The plugins a worker knows, and the instances of them that stand ready."""

import hashlib
from collections import OrderedDict

from .engine import Guest, Instance
from .errors import SandboxError
from .frames import Load

SPARES = 2
LOAD_CLOCK_NS = 1_735_689_600 * 1_000_000_000
"""2025-01-01: what a plugin's modules see as the time while they are imported, so that all instances are equal."""


class LoadFailed(Exception):
    """The plugin cannot be imported; `answer` is the guest's."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class Shelf:
    """Keeps up to `SPARES` loaded instances per plugin and hands out each of them once."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._plugins: dict[str, Load] = {}
        self._spares: dict[str, list[Instance]] = {}
        self._residents: dict[str, Instance] = {}
        self._broken: set[str] = set()
        self._lacking: OrderedDict[str, None] = OrderedDict()

    def add(self, plugin: Load) -> None:
        """Know a plugin."""
        self._plugins[plugin.digest] = plugin
        self._spares[plugin.digest] = []
        self._lacking[plugin.digest] = None

    def drop(self, digest: str) -> None:
        """Forget a plugin and give its instances' memory back."""
        self._plugins.pop(digest, None)
        self._broken.discard(digest)
        self._lacking.pop(digest, None)
        for instance in self._spares.pop(digest, []):
            instance.close()
        if resident := self._residents.pop(digest, None):
            resident.close()

    def take(self, digest: str) -> tuple[Instance, bool]:
        """An instance with the plugin loaded, and whether it had to be made first.

        Raises `LoadFailed` or `SandboxError` when the plugin cannot be loaded.
        """
        if digest in self._residents:
            return self._residents[digest], False
        self._lacking[digest] = None
        self._lacking.move_to_end(digest)
        spares = self._spares[digest]
        return (spares.pop(), False) if spares else (self._loaded(digest), True)

    def put_back(self, digest: str | None, instance: Instance, *, sound: bool) -> None:
        """Keep a resident instance for the next call; close any other, and any that trapped."""
        if digest is not None and sound and self._plugins[digest].resident:
            self._residents[digest] = instance
        else:
            if digest is not None:
                self._residents.pop(digest, None)
            instance.close()

    def refill(self) -> bool:
        """Make one spare of the plugin used last that lacks one; false when nothing is lacking."""
        while self._lacking:
            digest = next(reversed(self._lacking))
            if not self._lacks(digest):
                del self._lacking[digest]
                continue
            try:
                self._spares[digest].append(self._loaded(digest))
            except (LoadFailed, SandboxError):
                self._broken.add(digest)  # the next call finds out again, and says so
            return True
        return False

    def _lacks(self, digest: str) -> bool:
        wanted = 1 if self._plugins[digest].resident else SPARES
        here = len(self._spares[digest]) + (digest in self._residents)
        return here < wanted and digest not in self._broken

    def _loaded(self, digest: str) -> Instance:
        plugin = self._plugins[digest]
        instance = self._guest.instantiate(plugin.memory_bytes)
        try:
            answer = instance.load(
                plugin.payload, seed=hashlib.sha256(digest.encode()).digest(), clock_ns=LOAD_CLOCK_NS
            )
            if answer.startswith('{"error"'):
                raise LoadFailed(answer)
        except BaseException:
            instance.close()
            raise
        return instance
