"""What a validator yields, and what it looks at."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "ok"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what is wrong or fine with it, where, and how to mend it."""

    severity: Severity
    code: str
    message: str
    place: str | None = None
    fix: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The finding as JSON; absent parts are left out."""
        parts = {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "place": self.place,
            "fix": self.fix,
        }
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True)
class Source:
    """An author's folder as files, read whether or not its manifest can be; `code` is path -> bytes of the modules.

    Paths are relative to `root`, so that they can be shown as they are.
    """

    root: Path
    code: Mapping[str, bytes]

    def trees(self) -> Iterator[tuple[str, ast.Module]]:
        """The syntax tree of every module that this Python can parse."""
        for path, content in self.code.items():
            try:
                yield path, ast.parse(content, path)
            except (SyntaxError, ValueError):
                continue
