"""From what a plugin returned to nodes that can be shown, or to the sentence that says why not."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from rising_bsm.runtime.ui.checks import Checks, Known, fits
from rising_bsm.runtime.ui.leaves import Link, Node
from rising_bsm.runtime.ui.nodes import AnyNode
from rising_bsm.runtime.ui.raw import DEFAULT_LIMITS, Cleaner, InvalidTree, TreeLimits, invalid

Tree = tuple[Node, ...]

_PLACE = re.compile(r"(?P<sentence>.*?)(?: - at (?:`key` in )?`\$(?:\[(?P<index>\d+)\])?(?P<path>.*)`)?", re.DOTALL)


@dataclass(frozen=True)
class Acted:
    """What an action came to: a `tree` to show, where to go, or neither; then the component is shown again with the
    `message` above it and this `state`, or the one it had."""

    tree: Tree | None = None
    message: str = ""
    state: dict[str, Any] | None = None
    redirect: Link | None = None


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    tree: list[Any] | None = None
    message: str = ""
    state: dict[str, Any] | None = None
    redirect: Any = None


def tree_of(value: Any, known: Known, limits: TreeLimits = DEFAULT_LIMITS) -> Tree:
    """The nodes that a component returned; raises InvalidTree with the place in it.

    Every text is harmless, every link leads where it may, and every action is one of the plugin's.
    """
    if not isinstance(value, list):
        raise invalid("A component returns nodes.")
    # (1) it is not too large, too deep, and nothing in it turns text around
    clean = Cleaner(limits).clean(value)
    # (2) it is made of nodes, each with what it takes
    found = _converted(clean, list[AnyNode])
    # (3) what it refers to is there
    checks = Checks(known, limits)
    for node in found:
        checks.check(node, type(node).__name__)
    return tuple(found)


def acted_of(value: Any, known: Known, limits: TreeLimits = DEFAULT_LIMITS) -> Acted:
    """What an action returned; raises InvalidTree."""
    answer = _converted(value, _Answer)
    if answer.tree is not None:
        return Acted(tree=tree_of(answer.tree, known, limits))
    if answer.redirect is not None:
        return Acted(redirect=_redirect(answer.redirect, known, limits))
    if not fits(answer.state, limits.state_bytes):
        raise invalid(f"The state has more than {limits.state_bytes:,} bytes as JSON.", "Done.state")
    return Acted(message=Cleaner(limits).clean(answer.message, "Done.message"), state=answer.state)


def _redirect(value: Any, known: Known, limits: TreeLimits) -> Link:
    link: Link = _converted(Cleaner(limits).clean(value), Link)
    for wrong in Checks(known, limits).wrong_link(link):
        raise invalid(wrong, "Redirect.to")
    if ":" in link.to:
        raise invalid("People are led to no other host without pressing a link.", "Redirect.to")
    return link


def _converted(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), value) from None
    except RecursionError:
        raise invalid("It is nested too deeply.") from None


def _invalid(said: str, value: Any) -> InvalidTree:
    parts = _PLACE.fullmatch(said)
    assert parts is not None
    root = ""
    if parts["index"] is not None:
        item = value[int(parts["index"])]
        root = str(item.get("type"))[:80] if isinstance(item, dict) else type(item).__name__
    return invalid(f"{parts['sentence'].rstrip('.')}.", f"{root}{parts['path'] or ''}".lstrip("."))
