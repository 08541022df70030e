"""What all pages of one plugin have around them: its name, how it is, and the way to the others."""

from dataclasses import dataclass
from typing import Any

from litestar import Response

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.events.backlog import Backlog
from rising_bsm.runtime.events.tables import DEAD
from rising_bsm.web.i18n import no_translation as _
from rising_bsm.web.pages.page import page
from rising_bsm.web.pages.plugins.marks import Known, marks_of, paused_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services


@dataclass(frozen=True)
class Tab:
    """A page of a plugin: its address below the plugin's, what it is called, its icon."""

    name: str
    label: str
    icon: str


TABS = (
    Tab("", _("Overview"), "info-circle"),
    Tab("executions", _("Calls"), "list-details"),
    Tab("log", _("Log"), "file-text"),
    Tab("resources", _("Resources"), "chart-bar"),
    Tab("storage", _("Storage"), "database"),
    Tab("settings", _("Settings"), "adjustments"),
    Tab("permissions", _("Permissions"), "lock"),
    Tab("problems", _("Problems"), "bug"),
    Tab("deliveries", _("Deliveries"), "send"),
    Tab("versions", _("Versions"), "versions"),
    Tab("license", _("Licence"), "certificate"),
)


async def plugin_page(
    request: StrictRequest, plugin_id: str, tab: str, *, error: Error | None = None, template: str = "", **context: Any
) -> Response[str]:
    """The page of the plugin with this tab open. Raises NotFound, PermissionDenied, PartOfTheProgram."""
    services: Services = request.app.state.services
    actor: Actor = request.user
    plugin = await services.plugins.get(actor, plugin_id)
    known = await known_of(services, actor, plugin)
    shown = plugin.as_dict()
    return page(
        request,
        f"plugins/{template or tab or 'overview'}.html",
        error=error,
        plugin=shown,
        manifest=plugin.manifest_json,
        marks=marks_of(shown, known),
        tabs=[one for one in TABS if one.name != "license" or known.paid],
        tab=tab,
        counts=await _counts(services, actor, plugin_id),
        base=f"/plugins/{plugin_id}",
        known=known,
        **context,
    )


async def known_of(services: Services, actor: Actor, plugin: InstalledPlugin) -> Known:
    """What is known of the plugin besides its row."""
    plugin_id, version = str(plugin.plugin_id), str(plugin.version)
    paid = is_paid(plugin)
    updates = await services.market_side.updates.list(actor)
    advisories = await services.market_side.advisories.list(actor)
    against = (one for one in advisories if (one.plugin_id, one.version) == (plugin_id, version))
    return Known(
        paused=paused_of(services.runtime.accounting.breakers.of(plugin_id)),
        update=next((one for one in updates if one.plugin_id == plugin_id and one.state != "applied"), None),
        advisory=next(against, None),
        licence=await services.market_side.held.standing_of(plugin_id) if paid else None,
        paid=paid,
    )


def is_paid(plugin: InstalledPlugin) -> bool:
    """Whether the plugin needs a licence."""
    return bool((plugin.manifest_json or {}).get("pricing", {}).get("model") == "paid")


async def _counts(services: Services, actor: Actor, plugin_id: str) -> dict[str, int]:
    """The numbers beside the names of tabs."""
    problems = await services.plugin_care.problem_counts(actor)
    backlog = await Backlog.of(services.database)
    return {
        "problems": problems.get(plugin_id, 0),
        "deliveries": backlog.counts.get(plugin_id, {}).get(DEAD, 0),
    }
