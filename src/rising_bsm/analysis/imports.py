"""Imports: everything a module imports is in the bundle, the SDK, or the sandbox's own Python."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source

SDK = "rising_bsm_sdk"


@dataclass(frozen=True)
class Import:
    """The top module that a line imports; `guarded` where the code is ready for it to be missing."""

    module: str
    place: str
    guarded: bool


def imported(source: Source) -> list[Import]:
    """Every absolute import in the plugin's own modules, those only for type checkers left out."""
    return [found for path, tree in source.trees() for found in _in_tree(tree, path)]


def check(source: Source, bundled: Collection[str], absent: Collection[str]) -> Iterator[Finding]:
    """Each import is among the `bundled` modules or not among those `absent` from the sandbox's Python."""
    missing = [found for found in imported(source) if found.module in absent and found.module not in bundled]
    for found in missing:
        yield Finding(
            "warning" if found.guarded else "error",
            "imports.missing",
            f'There is no module "{found.module}" in the bundle, the SDK or the sandbox.',
            found.place,
            f'Add the package that brings "{found.module}" to dependencies in pyproject.toml, or do without it.',
        )
    if not missing:
        yield Finding("ok", "imports", "Everything that is imported is there.")


def _in_tree(tree: ast.Module, path: str) -> Iterator[Import]:
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]  # a list, since expressions nest deeper than Python recurses
    while waiting:
        node, guarded = waiting.pop()
        yield from _named_by(node, path, guarded=guarded)
        ready = node.body if isinstance(node, ast.Try) and _catches_missing(node) else []
        waiting.extend((child, guarded or child in ready) for child in reversed(_children(node)))


def _children(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.If) and _for_type_checkers(node.test):
        return [*node.orelse]
    return list(ast.iter_child_nodes(node))


def _named_by(node: ast.AST, path: str, *, guarded: bool) -> Iterator[Import]:
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        names = [node.module]
    for name in names:
        yield Import(name.partition(".")[0], f"{path}:{getattr(node, 'lineno', 1)}", guarded)


def _for_type_checkers(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _catches_missing(node: ast.Try) -> bool:
    kinds = [handler.type for handler in node.handlers]
    names = {name.id for kind in kinds if kind for name in ast.walk(kind) if isinstance(name, ast.Name)}
    return None in kinds or not names.isdisjoint({"ImportError", "ModuleNotFoundError", "Exception"})
