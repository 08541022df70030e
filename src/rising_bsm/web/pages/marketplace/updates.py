"""Newer versions of what is installed, and what the marketplace says against versions that are here."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.market.offers import Facts
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.market.tables import PluginUpdate
from rising_bsm.plugins.reach import Reach, reach_of
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.marketplace.in_numbers import permission_in_numbers
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest

_HERE = "/marketplace/updates"


@dataclass(frozen=True)
class Change:
    """Something that a newer version asks for in addition: what must be accepted, what it means, and why."""

    accept: str
    sentence: str
    reason: str
    risk: str = ""


@dataclass(frozen=True)
class Shown:
    """An update with all that is told of it; `facts` are None where the marketplace could not say more."""

    row: PluginUpdate
    plugin: InstalledPlugin | None
    facts: Facts | None
    needed: list[Change]
    optional: list[Change]


@get("/updates")
async def show_updates(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins
) -> Response[str]:
    """All of them, as they were found last."""
    return await _page(request, actor, database, market_side, plugins)


@post("/updates/check")
async def check_updates(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins
) -> Response[Any]:
    """The marketplace is asked now."""
    try:
        await market_side.updates.check(actor)
        await market_side.advisories.look()
    except Error as error:
        return await _page(request, actor, database, market_side, plugins, error)
    return redirect(_HERE, said=_("The marketplace was asked just now."))


@post("/updates/{plugin_id:str}/apply")
async def apply_update(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins, plugin_id: str
) -> Response[Any]:
    """The update is begun, with what was accepted."""
    form = await Form.of(request)
    try:
        begun = await market_side.updates.apply(actor, plugin_id, form.many("accept"))
    except Error as error:
        return await _page(request, actor, database, market_side, plugins, error)
    return redirect(f"/marketplace/installs/{begun.id}")


@post("/updates/{plugin_id:str}/pin")
async def pin_plugin(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins, plugin_id: str
) -> Response[Any]:
    """The plugin stays at its version, or does not any more."""
    version = (await Form.of(request)).text("version") or None
    try:
        await market_side.updates.pin(actor, plugin_id, version)
    except Error as error:
        return await _page(request, actor, database, market_side, plugins, error)
    return redirect(_HERE, said=_("It stays at its version.") if version else _("It gets updates again."))


@post("/advisories/{plugin_id:str}/override")
async def override_advisory(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins, plugin_id: str
) -> Response[Any]:
    """The version may run although the marketplace has taken it back."""
    try:
        await market_side.advisories.override(actor, plugin_id)
    except Error as error:
        return await _page(request, actor, database, market_side, plugins, error)
    return redirect(_HERE, said=_("The plugin may be switched on again, at your own risk."))


async def _page(
    request: StrictRequest,
    actor: Actor,
    database: Database,
    market_side: MarketSide,
    plugins: Plugins,
    error: Error | None = None,
) -> Response[str]:
    here = {str(plugin.plugin_id): plugin for plugin in await plugins.list(actor)}
    rows = [row for row in await market_side.updates.list(actor) if row.state != "applied"]
    reach = await reach_of(database)
    updates = [await _shown(market_side, row, here.get(row.plugin_id), reach) for row in rows]
    about = {
        "updates": updates,
        "advisories": await market_side.advisories.list(actor),
        "pins": await market_side.updates.pins(actor),
        "here": here,
    }
    return page(request, "marketplace/updates.html", error=error, **about, words=words)


async def _shown(side: MarketSide, row: PluginUpdate, plugin: InstalledPlugin | None, reach: Reach) -> Shown:
    try:
        facts = Facts.read(await side.client.version(row.plugin_id, row.to_version))
    except Error:  # what the index says is known nevertheless
        facts = None
    different = row.difference
    reasons = {one.code: one.reason for one in _asked(facts)}
    needed = [_permission(code, reasons, reach) for code in different["permissions"]["new"]]
    needed += _places(different["network"]["new"], facts) + _residence(facts, plugin)
    needed += [Change(code, _("It is signed with another key than before."), "", "opens") for code in _keys(different)]
    optional = [_permission(code, reasons, reach) for code in different["optional_permissions"]["new"]]
    return Shown(row, plugin, facts, needed, optional)


def _permission(code: str, reasons: dict[str, str], reach: Reach) -> Change:
    numbers = permission_in_numbers(code, reach)
    return Change(code, numbers.sentence, reasons.get(code, ""), numbers.risk)


def _places(new: list[str], facts: Facts | None) -> list[Change]:
    """Each place with each method, as it is accepted; without `facts` only the places are known."""
    known = {place.url: place for place in (facts.network or ())} if facts else {}
    return [
        Change(f"{method}:{url}", _("Talks to %s") % f"{method} {url}", known[url].reason, "opens")
        for url in new
        if url in known
        for method in known[url].methods
    ]


def _residence(facts: Facts | None, plugin: InstalledPlugin | None) -> list[Change]:
    if facts is None or plugin is None or not facts.needs.resident or plugin.manifest.resources.resident:
        return []
    return [Change("resident", _("Stays in memory from call to call."), "", "changes")]


def _keys(different: dict[str, Any]) -> list[str]:
    return list(different.get("key", {}).get("new", []))


def _asked(facts: Facts | None) -> list[Any]:
    return [*(facts.permissions or ()), *(facts.optional_permissions or ())] if facts else []


HANDLERS = (show_updates, check_updates, apply_update, pin_plugin, override_advisory)
