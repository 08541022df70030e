"""What the administrator should look after."""

from collections.abc import Callable
from typing import Any


class Problems:
    """What is wrong, shown to the administrator until it is cleared; equal keys are one problem that is counted."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def report(self, key: str, message: str, *, level: str = "warning", **details: Any) -> None:
        """Something needs looking after; `level` is info, warning or error."""
        self._call("problems.report", {"key": key, "message": str(message), "level": level, "details": details})

    def clear(self, key: str) -> bool:
        """It is in order again; true if it was a problem."""
        cleared: bool = self._call("problems.clear", {"key": key})
        return cleared
