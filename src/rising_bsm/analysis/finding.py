"""What an analyzer yields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

Severity = Literal["error", "warning", "ok"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what is wrong or fine with it, where, and how to mend it."""

    severity: Severity
    code: str
    message: str
    place: str | None = None
    remedy: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The finding as JSON; absent parts are left out."""
        parts = {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "place": self.place,
            "remedy": self.remedy,
        }
        return {name: value for name, value in parts.items() if value is not None}

    @classmethod
    def of(cls, parts: Mapping[str, str]) -> Self:
        """The finding that `as_dict` gave."""
        severity: Severity = "error" if parts["severity"] == "error" else "warning"
        return cls(
            "ok" if parts["severity"] == "ok" else severity,
            parts["code"],
            parts["message"],
            parts.get("place"),
            parts.get("remedy"),
        )
