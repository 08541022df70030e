"""What a call takes: fuel, time, and what it says to the host and hears from it."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rising_bsm.errors import Error

HostHandler = Callable[[str, Any], Awaitable[Any]]


@dataclass
class Usage:
    """What a call has taken so far; still right when it failed.

    `wall_seconds` begin when it has its worker, `host_seconds` are those of them in which it waited for the host.
    `bytes_in` went to the plugin and `bytes_out` came from it: the request, the result, and what it said to the host.
    `cold` if no instance stood ready. The fuel of a call whose worker was lost is unknown and 0.
    """

    fuel: int = 0
    wall_seconds: float = 0.0
    host_seconds: float = 0.0
    host_calls: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    cold: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a call came to, and what it took."""

    value: Any
    usage: Usage


class Counted:
    """Answers host calls in the guest's form and counts them."""

    def __init__(self, host: HostHandler, usage: Usage) -> None:
        self._host = host
        self._usage = usage

    async def __call__(self, name: str, payload: str) -> str:
        """The host's reply, as the guest reads it: `{"ok"}`, or `{"error"}` for what it may know."""
        usage, started = self._usage, time.perf_counter()
        usage.host_calls += 1
        usage.bytes_out += len(payload)
        try:
            reply = await self._answer(name, payload)
        finally:
            usage.host_seconds += time.perf_counter() - started
        usage.bytes_in += len(reply)
        return reply

    async def _answer(self, name: str, payload: str) -> str:
        try:
            return json.dumps({"ok": await self._host(name, json.loads(payload))})
        except Error as error:
            return json.dumps({"error": error.as_dict()})
        except (ValueError, RecursionError):
            return json.dumps({"error": {"code": "host.invalid", "message": "The arguments are not JSON."}})
