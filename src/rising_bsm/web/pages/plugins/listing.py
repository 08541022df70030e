"""All plugins that are installed, and how each is."""

from typing import Any

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.plugins.care import PluginCare
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime import Runtime
from rising_bsm.web.i18n import gettext, no_translation
from rising_bsm.web.pages.page import page
from rising_bsm.web.pages.plugins.frame import is_paid
from rising_bsm.web.pages.plugins.marks import Known, Mark, marks_of, paused_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_ = no_translation
STATES = (
    ("active", _("Active")),
    ("off", _("Off")),
    ("broken", _("Broken")),
    ("pausing", _("Pausing")),
    ("suspended", _("Suspended")),
    ("licence", _("Licence wanted")),
    ("update", _("Update available")),
)


@get("/", opt={READS: True})
async def list_plugins(
    request: StrictRequest,
    actor: Actor,
    plugins: Plugins,
    runtime: Runtime,
    plugin_safety: PluginSafety,
    plugin_care: PluginCare,
    market_side: MarketSide,
) -> Response[str]:
    """Every plugin with its state, and how it did today."""
    installed = await plugins.list(actor)
    known = await _known(actor, installed, runtime, market_side)
    today, problems = await plugin_safety.today(actor), await plugin_care.problem_counts(actor)
    rows = [_row(plugin, known[str(plugin.plugin_id)], today, problems) for plugin in installed]
    asked = request.query_params
    shown = [row for row in rows if _matches(row, asked.get("search", ""), asked.get("state", ""))]
    states = [(value, gettext(label)) for value, label in STATES]
    system = [one.as_dict() for one in runtime.system.all]
    return page(request, "plugins/list.html", rows=shown, total=len(rows), states=states, system=system)


async def _known(actor: Actor, installed: Any, runtime: Runtime, market_side: MarketSide) -> dict[str, Known]:
    updates = {one.plugin_id: one for one in await market_side.updates.list(actor)}
    advisories = {(one.plugin_id, one.version): one for one in await market_side.advisories.list(actor)}
    found = {}
    for plugin in installed:
        paid = is_paid(plugin)
        found[plugin.plugin_id] = Known(
            paused=paused_of(runtime.accounting.breakers.of(plugin.plugin_id)),
            update=updates.get(plugin.plugin_id),
            advisory=advisories.get((plugin.plugin_id, plugin.version)),
            licence=await market_side.held.standing_of(plugin.plugin_id) if paid else None,
            paid=paid,
        )
    return found


def _row(
    plugin: InstalledPlugin, known: Known, today: dict[str, tuple[int, int]], problems: dict[str, int]
) -> dict[str, Any]:
    calls, failures = today.get(str(plugin.plugin_id), (0, 0))
    shown = plugin.as_dict()
    return shown | {
        "marks": marks_of(shown, known),
        "calls": calls,
        "failures": failures,
        "rate": 100 * failures / calls if calls else None,
        "problems": problems.get(str(plugin.plugin_id), 0),
    }


def _matches(row: dict[str, Any], search: str, state: str) -> bool:
    text = f"{row['id']} {row['display_name']} {row['description']}".casefold()
    marks: list[Mark] = row["marks"]
    return search.strip().casefold() in text and (not state or state in {mark.kind for mark in marks})


HANDLERS = (list_plugins,)
