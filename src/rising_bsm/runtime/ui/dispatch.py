"""Which component of which plugin is shown where, and which action is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.accounts.permissions import STAFF
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.manifest import ComponentExport, Exports, MountName
from rising_bsm.errors import NotFound
from rising_bsm.runtime.attached import Attached
from rising_bsm.runtime.calls import Call, Calls
from rising_bsm.runtime.errors import PluginNotActive
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.text import visible
from rising_bsm.runtime.ui.checks import Known
from rising_bsm.runtime.ui.tree import Acted, Tree, acted_of, tree_of
from rising_bsm.sandbox import Limits


@dataclass(frozen=True)
class Shown:
    """A component and the plugin that shows it."""

    plugin: ActivePlugin
    export: ComponentExport


QueryKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,80}$")]
QueryText = Annotated[str, Field(max_length=500)]


class Props(Input):
    """What a component is told of where it is shown, and to whom.

    `query` is what the address says, `state` what an action of the plugin left (`Acted.state`).
    """

    refusal: ClassVar[str] = "ui.bad_props"

    entity_id: Annotated[str, Field(max_length=100)] | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    query: dict[QueryKey, QueryText] = Field(default_factory=dict, max_length=30)
    state: dict[str, Any] = Field(default_factory=dict)

    def for_guest(self, mount: str) -> dict[str, Any]:
        """The props as the plugin gets them."""
        told = {"mount": mount, "entity_id": self.entity_id, "locale": self.locale, "time_zone": self.time_zone}
        return told | {"query": self.query, "state": self.state}


class Components:
    """The components of the plugins that are `attached`."""

    def __init__(self, attached: Mapping[str, Attached], calls: Calls, limits: RuntimeLimits) -> None:
        self._attached = attached
        self._calls = calls
        self._limits = limits

    def at(self, mount: MountName, actor: Actor) -> list[Shown]:
        """What is shown to the actor at this mount, in its order."""
        plugins = [attached.plugin for attached in self._attached.values()]
        found = [Shown(one, export) for one in plugins for export in one.exports.components if export.mount == mount]
        seen = [shown for shown in found if _may(actor, shown.export)]
        return sorted(seen, key=lambda shown: (shown.export.order, shown.plugin.id, shown.export.handler))

    def find(self, plugin_id: str, name: str, actor: Actor) -> Shown:
        """The component of this name. Raises PluginNotActive, NotFound (`ui.no_such_component`), PermissionDenied."""
        plugin = self._plugin(plugin_id).plugin
        for export in plugin.exports.components:
            if export.handler == name:
                actor.require(export.permission or STAFF)
                return Shown(plugin, export)
        raise NotFound(
            f"{plugin_id} shows nothing of this name.",
            code="ui.no_such_component",
            place=f"{plugin_id} {visible(name, 80)}",
            next_step="It may have been updated: load the page again.",
        )

    def has_page(self, plugin_id: str, name: str) -> bool:
        """Whether the plugin has a page of this name, for whomever."""
        attached = self._attached.get(plugin_id)
        return attached is not None and name in known_of(attached.plugin.exports).pages

    async def render(self, plugin_id: str, name: str, props: Props, actor: Actor) -> Tree:
        """What the component shows to the actor.

        Raises what `find` raises, InvalidTree, and what `Calls.run` raises.
        """
        shown = self.find(plugin_id, name, actor)
        asked = {"op": "component", "handler": name, "props": props.for_guest(shown.export.mount)}
        call = self._call(shown.plugin, asked, f"in component {name}", actor, self._limits.component)
        return await self._calls.run(call, lambda value: tree_of(value, known_of(shown.plugin.exports)))

    async def act(self, plugin_id: str, component: str, action: str, values: Mapping[str, Any], actor: Actor) -> Acted:
        """What an action, called from a component that the actor is shown, comes to.

        Raises what `find` raises, NotFound (`ui.no_such_action`), PluginRefused, InvalidTree, and what `Calls.run`
        raises.
        """
        plugin = self.find(plugin_id, component, actor).plugin
        if action not in known_of(plugin.exports).actions:
            raise NotFound(
                f"{plugin_id} has no action of this name.",
                code="ui.no_such_action",
                place=f"{plugin_id} {visible(action, 80)}",
                next_step="It may have been updated: load the page again.",
            )
        asked = {"op": "action", "handler": action, "values": dict(values)}
        call = self._call(plugin, asked, f"in action {action}", actor, self._limits.call)
        return await self._calls.run(call, lambda value: acted_of(value, known_of(plugin.exports)))

    def _call(self, plugin: ActivePlugin, asked: dict[str, Any], moment: str, actor: Actor, limits: Limits) -> Call:
        return Call(plugin, self._plugin(plugin.id).code, asked, moment, actor, limits)

    def _plugin(self, plugin_id: str) -> Attached:
        attached = self._attached.get(plugin_id)
        if attached is None:
            raise PluginNotActive(plugin_id)
        return attached


def known_of(exports: Exports) -> Known:
    """What trees of a plugin with these exports may refer to."""
    pages = {export.handler for export in exports.components if export.mount == "page"}
    return Known({export.handler for export in exports.actions}, pages)


def _may(actor: Actor, export: ComponentExport) -> bool:
    return actor.may(export.permission or STAFF)
