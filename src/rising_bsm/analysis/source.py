"""What analyzers look at: an author's folder or a bundle, as files in memory that are named as people find them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rising_bsm.bundle.errors import ProjectError
from rising_bsm.bundle.layout import CODE, DOCUMENTS, MANIFEST
from rising_bsm.bundle.limits import DEFAULT_LIMITS
from rising_bsm.bundle.project import PYPROJECT
from rising_bsm.bundle.sources import collect_files

SRC = "src/"
LARGEST_MODULE = 1_000_000
"""Bytes of Python source above which a module is not parsed: its syntax tree would take a hundred times as much."""


@dataclass(frozen=True)
class Source:
    """A plugin's files. `code` is path -> bytes of modules and data, `documents` what people read.

    Paths of `code` begin with `below`; `manifest` is where its author corrects what the manifest says.
    """

    code: Mapping[str, bytes] = field(repr=False)
    documents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    below: str = SRC
    manifest: str = PYPROJECT

    @cached_property
    def parsed(self) -> dict[str, ast.Module]:
        """The syntax tree of every module that this Python can parse, by path."""
        return dict(self._parsed())

    def trees(self) -> Iterator[tuple[str, ast.Module]]:
        """As `parsed`, in pairs."""
        yield from self.parsed.items()

    def place_of(self, place: str | None) -> str | None:
        """`file:line` as the sandbox names it, as a path of `code`."""
        file = (place or "").partition(":")[0]
        return f"{self.below}{place}" if self.below + file in self.code else place

    def line_of(self, handler: str) -> str:
        """Where the method `handler` is defined, or its name if that cannot be told."""
        for path, tree in self.trees():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == handler:
                    return f"{path}:{node.lineno}"
        return handler

    def _parsed(self) -> Iterator[tuple[str, ast.Module]]:
        for path, content in self.code.items():
            if not path.endswith(".py") or len(content) > LARGEST_MODULE:
                continue
            try:
                yield path, ast.parse(content, path)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue


def read_source(root: Path) -> Source:
    """The folder's files; no code where it breaks a rule, as reading the project says."""
    below = SRC if (root / SRC).is_dir() else ""
    try:
        files = collect_files(root, DEFAULT_LIMITS)
    except (ProjectError, OSError):
        files = {}
    code = {below + name.removeprefix(CODE): data for name, data in files.items() if name.startswith(CODE)}
    documents = {name: (root / name).read_bytes() for name in DOCUMENTS if (root / name).is_file()}
    return Source(code, documents, below)


def source_of_bundle(files: Mapping[str, bytes]) -> Source:
    """The files of a bundle, which are named as they are there."""
    code = {name: data for name, data in files.items() if name.startswith(CODE)}
    documents = {name: files[name] for name in DOCUMENTS if name in files}
    return Source(code, documents, CODE, MANIFEST)
