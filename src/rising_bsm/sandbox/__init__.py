"""The sandbox: plugins run as CPython in WebAssembly, in jailed worker processes, with one door to the world."""

from .code import PluginCode
from .errors import (
    BadResult,
    Crashed,
    DeadlineExceeded,
    GuestError,
    HostCallLimitExceeded,
    LogLimitExceeded,
    OutOfFuel,
    OutOfMemory,
    PluginRaised,
    PluginRefused,
    PoolBusy,
    RecursionTooDeep,
    SandboxError,
    WorkerLost,
)
from .limits import Limits
from .pool import Pool
from .staff import PoolSettings
from .usage import HostHandler, Outcome, Usage

__all__ = [
    "BadResult",
    "Crashed",
    "DeadlineExceeded",
    "GuestError",
    "HostCallLimitExceeded",
    "HostHandler",
    "Limits",
    "LogLimitExceeded",
    "OutOfFuel",
    "OutOfMemory",
    "Outcome",
    "PluginCode",
    "PluginRaised",
    "PluginRefused",
    "Pool",
    "PoolBusy",
    "PoolSettings",
    "RecursionTooDeep",
    "SandboxError",
    "Usage",
    "WorkerLost",
]
