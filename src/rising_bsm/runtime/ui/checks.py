"""What the types of nodes cannot say: where links lead, which actions there are, which names stand twice."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rising_bsm.runtime.ui import fields, leaves, nodes
from rising_bsm.runtime.ui.links import target_of
from rising_bsm.runtime.ui.raw import TreeLimits, invalid

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")


@dataclass(frozen=True)
class Known:
    """What a tree may refer to: methods of the plugin marked with `@action`, and its own pages."""

    actions: Collection[str] = ()
    pages: Collection[str] = ()


class Checks:
    """Checks one tree."""

    def __init__(self, known: Known, limits: TreeLimits) -> None:
        self._known = known
        self._limits = limits

    def check(self, node: leaves.Node, path: str, *, inside: bool = False, modal: bool = False) -> None:
        """Raises InvalidTree unless the node and all in it refer to what is there."""
        for wrong in self._wrong(node, inside=inside, modal=modal):
            raise invalid(wrong, path)
        modal = modal or isinstance(node, nodes.Modal)
        for name, child in inner(node):
            self.check(child, f"{path}.{name}", inside=True, modal=modal)

    def _wrong(self, node: leaves.Node, *, inside: bool, modal: bool) -> Iterator[str]:
        if isinstance(node, nodes.Page) and inside:
            yield "A Page stands in no other node."
        if isinstance(node, nodes.Modal) and modal:
            yield "A Modal stands in no other Modal."
        if isinstance(node, leaves.Button | fields.Form):
            yield from self._wrong_action(node)
        if isinstance(node, fields.Form):
            yield from _wrong_form(node)
        if isinstance(node, leaves.Link):
            yield from self.wrong_link(node)
        if isinstance(node, leaves.Image) and not node.path.lower().endswith(_PICTURES):
            yield f"A picture ends with {', '.join(_PICTURES)}."
        if isinstance(node, leaves.Chart) and node.kind == "pie" and len(node.series) != 1:
            yield "A pie has one series."
        if isinstance(node, nodes.Table):
            yield from _wrong_table(node)

    def _wrong_action(self, node: leaves.Button | fields.Form) -> Iterator[str]:
        if node.action not in self._known.actions:
            yield f"There is no method {node.action} that is marked with @action."
        if not fits(node.values, self._limits.values_bytes):
            yield f"Its values have more than {self._limits.values_bytes:,} bytes as JSON."

    def wrong_link(self, node: leaves.Link) -> Iterator[str]:
        """What is wrong with where it leads."""
        try:
            target = target_of(node.to)
        except ValueError as error:
            yield f"The target of a link {error}."
            return
        if target.kind == "own" and target.to not in self._known.pages:
            yield f"The plugin has no page {target.to}."
        if target.kind != "own" and node.query:
            yield "Only links to own pages have a query of their own."


def _wrong_form(form: fields.Form) -> Iterator[str]:
    if twice := _twice([*(field.name for field in form.fields), *(form.values or ())]):
        yield f"Two fields or values are named {twice}."
    for field in form.fields:
        options = field.options if isinstance(field, fields.Select | fields.MultiSelect) else ()
        if twice := _twice(value for value, _ in options):
            yield f"{field.name} has the option {twice} twice."


def _wrong_table(table: nodes.Table) -> Iterator[str]:
    keys = [column.key for column in table.columns]
    if twice := _twice(keys):
        yield f"Two columns have the key {twice}."
    if strange := next((key for line in table.lines for key in line.cells if key not in keys), None):
        yield f"There is no column with the key {strange}."


def inner(node: leaves.Node) -> Iterator[tuple[str, leaves.Node]]:
    """The nodes that stand in this one, each with its place in it."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, tuple):
            yield from ((f"{name}[{index}]", item) for index, item in enumerate(value) if _is_node(item))
        elif isinstance(value, dict):
            yield from ((f"{name}.{key}", item) for key, item in value.items() if _is_node(item))


def _is_node(value: Any) -> bool:
    return isinstance(value, leaves.Node)


def fits(values: dict[str, Any] | None, most: int) -> bool:
    """Whether the values have no more than so many bytes as JSON."""
    try:
        return not values or len(json.dumps(values)) <= most
    except RecursionError:
        return False


def _twice(names: Iterable[str]) -> str | None:
    return next((name for name, count in Counter(names).items() if count > 1), None)
