"""Plugins on a site's marketplace to be looked at, agreed to, installed and updated."""

import time
from typing import Any

from support.browser import Site
from support.stocked import KEY, PUBLISHER, Market, bundle, stocked

SECONDS = 120
WEATHER = f"{PUBLISHER}.weather"
GREETS = """
@route("GET", "/")
def version(self, ctx, request):
    return {"version": ctx.plugin.version}
"""
SHOWS = """
@route("GET", "/")
def version(self, ctx, request):
    return {"version": ctx.plugin.version, "customers": ctx.customers.count()}

@before("appointments.create")
def look(self, ctx, draft):
    return draft

@schedule("0 6 * * *", time_zone="Europe/Berlin")
def morning(self, ctx):
    ctx.log.info("looked")

@component("dashboard.widget", title="Weather")
def widget(self, ctx, props):
    return ui.Stat("Sunny days", "3")

@component("page", title="Weather of the week", icon="sun")
def week(self, ctx, props):
    return ui.Page("Weather of the week", ui.Text("Sun."))
"""
PERMISSIONS = ("customers.read", "appointments.read")
OPTIONAL = [
    {"code": "notes.create", "reason": "To note the weather on appointments outside."},
    {"code": "notifications.send", "reason": "To warn people of storms."},
]
PLACE = {"url": "https://api.weather.example/v2/", "methods": ["GET"], "reason": "To ask for the weather of a place."}
SETTINGS = [{"name": "city", "type": "text", "label": "City", "default": "Freiburg"}]
ABOUT: dict[str, Any] = {
    "name": "weather",
    "display_name": "Weather for appointments",
    "description": "Says which appointments outside will be wet, and proposes other days.",
    "permissions": PERMISSIONS,
    "optional_permissions": OPTIONAL,
    "network": [PLACE],
    "settings": SETTINGS,
    "tags": ["weather", "planning"],
}


def released(market: Market, name: str, version: str = "1.0.0", body: str = GREETS, /, **manifest: Any) -> str:
    """The id of a plugin of the publisher, of which this version can be had from now on."""
    said = {"display_name": name.title(), "tags": []} | manifest
    market.decide(market.submit(bundle(version, body, key=KEY, **(said | {"name": name}))), "approve", "Looked at.")
    market.post(f"/versions/{PUBLISHER}.{name}/{version}/release")
    return f"{PUBLISHER}.{name}"


def window(site: Site) -> Market:
    """The marketplace with a plugin that asks for a lot; the same whenever it is asked for."""
    market = stocked(site)
    if not site.api.get(f"/api/market/plugins/{WEATHER}").is_success:
        released(market, "weather", "1.0.0", SHOWS, **ABOUT)
    return market


def bought(site: Site) -> str:
    """The id of an installation that went well: that of a plugin of which there is an update that asks for more."""
    market = stocked(site)
    for one in site.get("/api/market/installs")["items"]:
        if one["plugin_id"] == f"{PUBLISHER}.tides" and one["state"] == "done":
            return str(one["id"])
    known: dict[str, Any] = {**ABOUT, "display_name": "Tides", "name": "tides", "network": [], "settings": []}
    plugin_id = released(market, "tides", "1.0.0", SHOWS, **known)
    install = installed(site, plugin_id)
    asks = (*PERMISSIONS, "customers.update")
    released(market, "tides", "1.1.0", SHOWS, **known | {"network": [PLACE], "permissions": asks})
    site.post("/api/market/updates/check")
    return install


def refused(site: Site) -> str:
    """The id of an installation that was refused."""
    for one in site.get("/api/market/installs")["items"]:
        if one["plugin_id"] == f"{PUBLISHER}.shy":
            return str(one["id"])
    plugin_id = released(stocked(site), "shy", "1.0.0", "\ndef on_activate(self, ctx): raise Refuse('Not today.')\n")
    return installed(site, plugin_id)


def installed(site: Site, plugin_id: str, **draft: Any) -> str:
    """The id of an installation of this plugin that has ended."""
    install: str = site.post("/api/market/installs", plugin=plugin_id, **draft)["id"]
    end = time.monotonic() + SECONDS
    while site.get(f"/api/market/installs/{install}")["state"] == "running":
        assert time.monotonic() < end, "it never ended"
    return install
