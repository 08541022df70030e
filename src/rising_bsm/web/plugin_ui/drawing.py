"""Nodes of a plugin as HTML: each by a macro of our own, and nothing in it but texts, numbers and checked targets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from rising_bsm.runtime.ui import Tree, fields, leaves, nodes, target_of
from rising_bsm.web.i18n import as_number
from rising_bsm.web.markdown import markdown
from rising_bsm.web.plugin_ui.region import Region, page_of
from rising_bsm.web.plugin_ui.tickets import Ticket, Tickets
from rising_bsm.web.plugin_ui.values import PREFIX
from rising_bsm.web.templating import macros

_HEADING = re.compile(r"(</?h)([2-6])>")
_DEEPEST = 6


@dataclass
class Drawing:
    """Draws what a component shows `user`. `customers` are those that can be picked, by id.

    After something wrong was entered, the form that says so is drawn with what was `entered` and what is `wrong` with
    it, by the names of the fields.
    """

    region: Region
    tickets: Tickets
    user: str
    csrf_token: str
    customers: Mapping[str, str] = field(default_factory=dict)
    entered: Mapping[str, Any] | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    _drawn: int = 0

    def __post_init__(self) -> None:
        # On a page of its own the heading above is the page's.
        self._level = 2 if self.region.is_page else 3

    def all(self, children: Tree) -> Markup:
        """One node after the other."""
        return Markup("").join(map(self.node, children))

    def node(self, node: leaves.Node) -> Markup:
        """One node."""
        drawn: Markup = getattr(macros("plugin_ui/nodes.html"), type(node).__name__)(node, self)
        return drawn

    def field(self, field: Any, element: str) -> Markup:
        """One field of the form with this id, with its label, hint and error."""
        drawn: Markup = macros("plugin_ui/fields.html").field(field, self, element)
        return drawn

    def again(self, form: fields.Form, element: str, ticket: str) -> Markup:
        """The form alone, as it was drawn before under this id and with this ticket."""
        drawn: Markup = macros("plugin_ui/nodes.html").form_in(form, self, element, ticket)
        return drawn

    def heading(self, text: str, kind: str = "h4") -> Markup:
        """A heading on the present level; its looks do not depend on that."""
        return Markup('<h{0} class="{1}" dir="auto">{2}</h{0}>').format(self._level, kind, text)

    def below(self, children: Tree) -> Markup:
        """Nodes under a heading of theirs."""
        self._level = min(self._level + 1, _DEEPEST)
        drawn = self.all(children)
        self._level = max(self._level - 1, 2)
        return drawn

    def new_id(self) -> str:
        """An id that is nobody's yet."""
        self._drawn += 1
        return f"{self.region.id}-{self._drawn}"

    def ticket(self, node: leaves.Button | fields.Form, element: str) -> str:
        """What the button or form carries."""
        props, values = self.region.props, node.values or {}
        form = without_values(node) if isinstance(node, fields.Form) else None
        given = (self.user, self.region.plugin_id, self.region.name, node.action, values, props.entity_id)
        return self.tickets.seal(Ticket(*given, props.query, props.state, element, form))

    def link(self, node: leaves.Link) -> Markup:
        """The attributes of a link."""
        target = target_of(node.to)
        if target.kind == "own":
            return Markup('href="{}"').format(page_of(self.region.plugin_id, target.to, node.query or {}))
        if target.kind == "host":
            return Markup('href="{}"').format(target.to)
        return Markup('href="{}" target="_blank" rel="noopener noreferrer nofollow"').format(target.to)

    def turn(self, table: nodes.Table, **changes: str) -> Markup:
        """The attributes of a link that shows a table sorted or turned otherwise."""
        prefix = f"{table.name}." if table.name else ""
        query = self.region.props.query | {prefix + key: value for key, value in changes.items()}
        query = {key: value for key, value in query.items() if value}
        push = Markup(' hx-push-url="{}"').format(self.region.page(query)) if self.region.is_page else Markup("")
        asks = Markup('href="{}" hx-get="{}" hx-target="#{}" hx-swap="innerMorph"')
        return asks.format(self.region.page(query), self.region.source(query), f"{self.region.id}-body") + push

    def picture(self, node: leaves.Image) -> str:
        """The address of a picture of the bundle."""
        return f"/plugins/{self.region.plugin_id}/pictures/{self.region.shown.plugin.digest[:64] or '0'}/{node.path}"

    def markdown(self, text: str) -> Markup:
        """A text in Markdown, with headings below those that are there."""
        shift = self._level - 2
        shifted = _HEADING.sub(lambda one: f"{one[1]}{min(int(one[2]) + shift, _DEEPEST)}>", markdown(text))
        return Markup(shifted)  # noqa: S704 - it is what the cleaner let through, with other numbers

    def say(self, value: str | float) -> str:
        """A text, or a number as people write it here."""
        return value if isinstance(value, str) else str(as_number(value))

    def name(self, field: Any) -> str:
        """The name of a field in the page."""
        return f"{PREFIX}{field.name}"

    def value(self, field: Any) -> Any:
        """What a field begins with: what was entered, else what the plugin says."""
        if self.entered is not None:
            return self.entered.get(field.name)
        return field.value


def without_values(form: fields.Form) -> fields.Form:
    """The form without what it brings along, which the ticket has already."""
    return fields.Form(form.fields, form.action, None, form.submit, form.style)
