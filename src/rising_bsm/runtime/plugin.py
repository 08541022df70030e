"""A plugin that can run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rising_bsm.bundle.manifest import Exports
from rising_bsm.sandbox import PluginCode


@dataclass(frozen=True)
class ActivePlugin:
    """What is needed to run a plugin: who it is, what it was granted, what it answers to, and how to get its code.

    `id` is `publisher.name`, `grants` are permission codes. `code` is asked on first use, and again if that failed.
    """

    id: str
    version: str
    grants: frozenset[str]
    exports: Exports
    code: Callable[[], Awaitable[PluginCode]]
