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
    """An author's folder as files, read whether or not its manifest can be.

    `code` is path -> bytes of modules and data; paths are relative to `root`, so that they can be shown as they are.
    """

    root: Path
    code: Mapping[str, bytes]

    def trees(self) -> Iterator[tuple[str, ast.Module]]:
        """The syntax tree of every module that this Python can parse."""
        for path, content in self.code.items():
            if not path.endswith(".py"):
                continue
            try:
                yield path, ast.parse(content, path)
            except (SyntaxError, ValueError):
                continue

    def place_of(self, place: str | None) -> str | None:
        """`file:line` as the sandbox names it, as a path from `root`."""
        file = (place or "").partition(":")[0]
        return f"{SRC}{place}" if SRC + file in self.code else place

    def line_of(self, handler: str) -> str:
        """Where the method `handler` is defined, or its name if that cannot be told."""
        for path, tree in self.trees():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == handler:
                    return f"{path}:{node.lineno}"
        return handler


SRC = "src/"


def read_source(root: Path) -> Source:
    """The folder's code; none where it breaks a rule, as reading the project says."""
    from rising_bsm.bundle.errors import ProjectError
    from rising_bsm.bundle.layout import CODE
    from rising_bsm.bundle.limits import DEFAULT_LIMITS
    from rising_bsm.bundle.sources import collect_files

    below = SRC if (root / SRC).is_dir() else ""
    try:
        files = collect_files(root, DEFAULT_LIMITS)
    except (ProjectError, OSError):
        files = {}
    return Source(
        root, {below + name.removeprefix(CODE): data for name, data in files.items() if name.startswith(CODE)}
    )
