"""One place on a page that a component of a plugin fills: its addresses, and the ids that are its own."""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from rising_bsm.errors import InvalidInput
from rising_bsm.runtime.ui.dispatch import Props, Shown
from rising_bsm.web.i18n import preferences
from rising_bsm.web.plugin_ui.icons import icon_of

ENTITY = "_entity"
QUERY_CHARACTERS = 2_000


@dataclass(frozen=True)
class Region:
    """A component, what it is told (`props`), and where it stands. No id and no name in it is the plugin's own."""

    shown: Shown
    props: Props

    @property
    def id(self) -> str:
        """The id of the region; all ids in it begin with it."""
        named = f"{self.plugin_id} {self.name} {self.props.entity_id or ''}"
        return f"plugin-{sha256(named.encode()).hexdigest()[:12]}"

    @property
    def plugin_id(self) -> str:
        """Whose it is."""
        return self.shown.plugin.id

    @property
    def plugin_name(self) -> str:
        """What people know the plugin by."""
        return self.shown.plugin.name or self.plugin_id

    @property
    def name(self) -> str:
        """The name of the component."""
        return self.shown.export.handler

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.shown.export.title

    @property
    def icon(self) -> str:
        """Its icon."""
        return icon_of(self.shown.export.icon)

    @property
    def is_page(self) -> bool:
        """Whether it has a page of its own."""
        return self.shown.export.mount == "page"

    def source(self, query: dict[str, str] | None = None) -> str:
        """The address of its content, with this query or the present one."""
        entity = {ENTITY: self.props.entity_id} if self.props.entity_id else {}
        told = urlencode({**(self.props.query if query is None else query), **entity})
        return f"/plugins/{self.plugin_id}/components/{self.name}" + (f"?{told}" if told else "")

    def page(self, query: dict[str, str] | None = None) -> str:
        """The address at which a person without script sees it with this query."""
        return page_of(self.plugin_id, self.name, query or {}) if self.is_page else self.source(query)

    def action(self, name: str) -> str:
        """The address of an action."""
        return f"/plugins/{self.plugin_id}/actions/{name}"


def page_of(plugin_id: str, name: str, query: dict[str, str]) -> str:
    """The address of a plugin's own page."""
    return f"/ext/{plugin_id}/{name}" + (f"?{urlencode(query)}" if query else "")


def props_of(parameters: dict[str, str], entity_id: str | None = None) -> Props:
    """What a component is told because of an address; raises InvalidInput (`ui.bad_props`)."""
    query = {key: value for key, value in parameters.items() if not key.startswith("_")}
    if len(urlencode(query)) > QUERY_CHARACTERS:
        raise InvalidInput("The address is too long.", code=Props.refusal, place="query")
    here = preferences()
    told = {"locale": here.language, "time_zone": here.time_zone, "query": query}
    return Props.of(told | {"entity_id": entity_id or parameters.get(ENTITY)})
