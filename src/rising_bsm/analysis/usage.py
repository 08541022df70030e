"""Permissions, compared with what the code does: asked for and never used, used and not asked for.

The code is read, not run. Whatever reaches a host function by a name that only shows while it runs cannot be seen, and
is then said to be so: nothing is claimed about permissions that might be used that way.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source
from rising_bsm.bundle.manifest import ANSWERS_STRANGERS, Manifest
from rising_bsm.bundle.moments import READ_FOR
from rising_bsm.runtime.host_api import HOST_API

NEEDS = {function.name: function.needs for function in HOST_API if function.needs}
NEEDS |= {f"{noun}.all": f"{noun}.read" for noun in ("customers", "appointments", "requests")}
"""What the SDK's methods take, by the names that a plugin calls them by."""

WITH = {"requests.update": {"customers.create", "customers.read", "appointments.create"}}
"""What a use may take besides: converting a request makes or links a customer, and an appointment."""

NOUNS = frozenset(name.partition(".")[0] for name in NEEDS)
CONTEXT = frozenset({"ctx", "context"})
_DOORS = frozenset({"_call", "__getattribute__", "__dict__"})
_RUNS_TEXT = frozenset({"exec", "eval", "compile", "__import__"})


@dataclass(frozen=True)
class Use:
    """A permission that is used; `certain` if it is used through what a handler is given as its context."""

    permission: str
    place: str
    certain: bool


def check(source: Source, manifest: Manifest) -> Iterator[Finding]:
    """What the code of `source` uses is what `manifest`, which has its exports, asks for."""
    uses = [use for path, tree in source.trees() for use in _uses(tree, path)]
    hidden = [place for path, tree in source.trees() for place in _hidden(tree, path)]
    asked = {request.code for request in (*manifest.permissions, *manifest.optional_permissions)}
    findings = [*_not_asked(uses, asked), *_not_used(uses, hidden, asked, manifest, source)]
    findings += [_dynamic(place) for place in hidden[:3]]
    yield from findings or [Finding("ok", "usage", "The permissions are those that the code uses.")]


def _not_asked(uses: list[Use], asked: set[str]) -> Iterator[Finding]:
    for use in {use.permission: use for use in sorted(uses, key=lambda use: use.certain)}.values():
        if use.permission in asked:
            continue
        yield Finding(
            "error" if use.certain else "warning",
            "usage.not_asked",
            f'This {"needs" if use.certain else "looks as if it needed"} "{use.permission}", which is not asked for.',
            use.place,
            f'Add {{ code = "{use.permission}", reason = "..." }} to the permissions, or take the line out.',
        )


def _not_used(
    uses: list[Use], hidden: list[str], asked: set[str], manifest: Manifest, source: Source
) -> Iterator[Finding]:
    used = {use.permission for use in uses} | set(_by_exports(manifest))
    used |= {more for code in used for more in WITH.get(code, ())}
    for code in sorted(asked - used):
        if hidden:
            message = f'Nothing that can be seen uses "{code}"; some of the code cannot be seen.'
        else:
            message = f'"{code}" is asked for and nothing uses it.'
        yield Finding("warning", "usage.not_used", message, source.manifest, "Do not ask for what is not needed.")


def _by_exports(manifest: Manifest) -> Iterator[str]:
    exports = manifest.exports
    yield from (route.permission for route in exports.routes if route.permission)
    yield from (component.permission for component in exports.components if component.permission)
    yield from (ANSWERS_STRANGERS for route in exports.routes if route.public)
    yield from (f"{hook.hook.partition('.')[0]}.read" for hook in exports.before)
    yield from (READ_FOR[event.event] for event in exports.after if event.event in READ_FOR)


def _dynamic(place: str) -> Finding:
    return Finding(
        "warning",
        "usage.dynamic",
        "What is used here shows only while it runs, so it cannot be compared with the permissions.",
        place,
        "Name the methods of ctx where they are called.",
    )


def _uses(tree: ast.Module, path: str) -> Iterator[Use]:
    contexts, aliases = _names_of_contexts(tree), _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield from _of_attribute(node, path, contexts, aliases)
    for text in _names_for_batches(tree):
        yield Use(NEEDS[str(text.value)], f"{path}:{text.lineno}", certain=False)


def _names_for_batches(tree: ast.Module) -> Iterator[ast.Constant]:
    """Names of host functions in a module that calls `ctx.batch`: all that are not there for something else."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    if not any(call.func.attr == "batch" for call in calls if isinstance(call.func, ast.Attribute)):
        return
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    others: list[ast.AST] = [decorator for node in functions for decorator in node.decorator_list]
    others += [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "may"]
    not_these = {id(inner) for other in others for inner in ast.walk(other)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in not_these and node.value in NEEDS:
            yield node


def _of_attribute(node: ast.Attribute, path: str, contexts: frozenset[str], aliases: dict[str, str]) -> Iterator[Use]:
    owner, place = node.value, f"{path}:{node.lineno}"
    if isinstance(owner, ast.Attribute) and (permission := NEEDS.get(f"{owner.attr}.{node.attr}")):
        certain = isinstance(owner.value, ast.Name) and owner.value.id in contexts
        yield Use(permission, place, certain)
    elif isinstance(owner, ast.Name) and (permission := NEEDS.get(f"{aliases.get(owner.id)}.{node.attr}")):
        yield Use(permission, place, certain=False)


def _names_of_contexts(tree: ast.Module) -> frozenset[str]:
    """What handlers call their context: the argument after `self` of every method that is decorated."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    decorated = (node.args.args for node in functions if node.decorator_list and len(node.args.args) > 1)
    return CONTEXT | {arguments[1].arg for arguments in decorated if arguments[0].arg == "self"}


def _aliases(tree: ast.Module) -> dict[str, str]:
    """`customers = ctx.customers`: the nouns that names stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and isinstance(node.value, ast.Attribute):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.value.attr in NOUNS:
                found |= {target.id: node.value.attr for target in targets if isinstance(target, ast.Name)}
    return found


def _hidden(tree: ast.Module, path: str) -> Iterator[str]:
    contexts = _names_of_contexts(tree)
    for node in ast.walk(tree):
        door = isinstance(node, ast.Attribute) and node.attr in _DOORS and _about_a_context(node.value, contexts)
        if isinstance(node, ast.expr) and (door or (isinstance(node, ast.Call) and _hides(node, contexts))):
            yield f"{path}:{node.lineno}"


def _hides(call: ast.Call, contexts: frozenset[str]) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in _RUNS_TEXT:
        return True
    if name in ("getattr", "vars") and call.args:
        return not _constant_name(call) and _about_a_context(call.args[0], contexts)
    return isinstance(call.func, ast.Attribute) and call.func.attr == "import_module"


def _constant_name(call: ast.Call) -> bool:
    return len(call.args) > 1 and isinstance(call.args[1], ast.Constant) and call.args[1].value not in NOUNS


def _about_a_context(node: ast.expr, contexts: frozenset[str]) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in contexts for inner in ast.walk(node)) or any(
        isinstance(inner, ast.Attribute) and inner.attr in NOUNS for inner in ast.walk(node)
    )
