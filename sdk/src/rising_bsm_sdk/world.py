"""The time and chance of the host."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any


class Time:
    """The host's clock. The one of `datetime` and `time` stands nearly still while a call runs."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.fromisoformat(self._call("time.now", {}))


class Random:
    """Chance from the host, good enough for secrets."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def bytes(self, size: int = 32) -> bytes:
        """So many random bytes, at most 1,024."""
        return base64.b64decode(self._call("random.bytes", {"size": size}))

    def token(self, size: int = 32) -> str:
        """A text of so many random bytes, fit for a URL."""
        return base64.urlsafe_b64encode(self.bytes(size)).rstrip(b"=").decode()
