"""What all nodes are: small frozen values that become plain JSON."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from rising_bsm_sdk.decorators import Action, marks_of

Tone = Literal["neutral", "info", "success", "warning", "danger"]
Handler = Callable[..., Any]


class Node:
    """A part of what a person is shown; the host draws it with its own components."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} does not change; make another one")

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if value is not None)
        return f"ui.{type(self).__name__}({given})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def _keep(self, **fields: Any) -> None:
        vars(self).update(fields)

    def as_json(self) -> dict[str, Any]:
        """The node as the host gets it."""
        plain: dict[str, Any] = {"type": type(self).__name__}
        for name, value in vars(self).items():
            if value is not None:
                plain[name] = value if type(value) in _PLAIN else plain_json(value)
        return plain


Child = Node | str | int | float | None | Iterable["Child"]
"""What may stand in a tree: nodes, texts and numbers, lists of such; None is left out."""

_PLAIN = frozenset({str, int, float, bool})


def plain_json(value: Any) -> Any:
    """A value of nodes, mappings and lists as JSON; dates and the like as the text that says them."""
    if isinstance(value, Node):
        return value.as_json()
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_json(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that can be shown; give a node, a text or a number")


def children_of(children: Iterable[Child]) -> tuple[Any, ...]:
    """The nodes in a tuple of children: lists are opened up, texts and numbers become `Text`, None is left out."""
    from .content import Text

    found: list[Any] = []
    for child in children:
        if isinstance(child, Node):
            found.append(child)
        elif isinstance(child, str | int | float):
            found.append(Text(str(child)))
        elif child is not None:
            found.extend(children_of(child))
    return tuple(found)


def name_of(action: Handler) -> str:
    """The name of a method that is marked with `@action`; raises TypeError for anything else."""
    if any(isinstance(mark, Action) for mark in marks_of(action)):
        return str(getattr(action, "__name__", ""))
    raise TypeError("action must be a method of the plugin that is marked with @action, such as action=self.save")


def tree(answer: Any) -> Any:
    """What a component returned, as JSON: one node, or a list of nodes."""
    return [node.as_json() for node in children_of([answer])]
