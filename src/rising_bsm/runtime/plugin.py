"""A plugin that can run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from rising_bsm.bundle.frames import Frame
from rising_bsm.bundle.manifest import Exports
from rising_bsm.bundle.network import NetworkRequest
from rising_bsm.bundle.settings import SettingField
from rising_bsm.sandbox import PluginCode

BreakerMode = Literal["enforce", "monitor", "off"]
"""What becomes of a plugin that keeps failing: it pauses, administrators are told and no more, or nothing."""


async def _no_files() -> Mapping[str, bytes]:
    return {}


@dataclass(frozen=True)
class ActivePlugin:
    """What is needed to run a plugin: who it is, what it was granted, what it answers to, and how to get its code.

    `id` is `publisher.name`, `name` what people know it by, `grants` are permission codes, `network` is where it may
    go. `code` is asked on first use, and again if that failed. `open_hooks` are those that let pass what they fail to
    look at; the others let nothing pass. One that is `paid` needs a licence. `files` are those below `ui/`, by their
    paths there, for its `frames`; `digest` is the SHA-256 of its bundle.
    """

    id: str
    version: str
    grants: frozenset[str]
    exports: Exports
    code: Callable[[], Awaitable[PluginCode]]
    open_hooks: frozenset[str] = frozenset()
    network: tuple[NetworkRequest, ...] = ()
    settings: tuple[SettingField, ...] = ()
    breaker: BreakerMode = "enforce"
    paid: bool = False
    name: str = ""
    digest: str = ""
    frames: tuple[Frame, ...] = ()
    files: Callable[[], Awaitable[Mapping[str, bytes]]] = _no_files
