"""The component's two exports. This file and what it imports run while the guest is built; the result is a snapshot."""

import sys

# isort: off
from rising_guest import importer, runner  # first: what every call needs then lies close together
from rising_guest.settle import settle
from rising_guest.warmup import warm_up

import rising_guest.prelude  # noqa: F401  the useful standard library, free for those who do not use it
# isort: on

importer.install(importer.read_standard_library())


class WitWorld:
    """What the world `plugin` exports."""

    def load(self, payload: str) -> str:
        """Make a plugin importable and import it."""
        return runner.load(payload)

    def invoke(self, payload: str) -> str:
        """Run one handler."""
        return runner.invoke(payload)


sys.path.clear()  # there are no files at run time
sys.path_hooks.clear()
sys.path_importer_cache.clear()
warm_up()
settle()
