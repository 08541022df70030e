"""The start page of those who are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, Router, get

from rising_bsm.accounts import Actor
from rising_bsm.business.overview import Overview, Overviews
from rising_bsm.db import now
from rising_bsm.web.i18n import as_skeleton, gettext, local, preferences
from rising_bsm.web.i18n import no_translation as _
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

WEEKS = 12
_BUSINESS = ("customers.read", "appointments.read", "requests.read", "notifications.read")
_SERIES = (("customers", _("Customers")), ("appointments", _("Appointments")), ("requests", _("Requests")))


@dataclass(frozen=True)
class Tile:
    """A number that leads to what it counts; `extra` counts some of them and leads to those."""

    label: str
    icon: str
    count: str
    address: str
    extra: str = ""
    extra_address: str = ""


TILES = (
    Tile(_("Customers"), "users", "customers", "/customers", "leads", "/customers?status=lead"),
    Tile(_("Upcoming appointments"), "calendar-event", "appointments", "/appointments"),
    Tile(_("Open requests"), "inbox", "requests", "/requests", "new_requests", "/requests?status=new"),
)


@get("/", opt={READS: True})
async def dashboard(request: StrictRequest, actor: Actor, overviews: Overviews) -> Response[Any]:
    """How the business is doing; who sees nothing of it is led to what they are here for."""
    if actor.may("marketplace.publish") and not any(map(actor.may, _BUSINESS)):
        return redirect("/publishing")
    borders = week_borders()
    overview = await overviews.of(actor, borders)
    tiles = [tile for tile in TILES if tile.count in overview.counts]
    weeks = {"labels": [as_skeleton(border, "MMMd") for border in borders[:-1]], "series": _series(overview)}
    context: dict[str, Any] = {"overview": overview, "tiles": tiles, "weeks": weeks, "new": _is_new(overview)}
    return page(request, "dashboard/dashboard.html", **context)


def week_borders() -> list[datetime]:
    """Where each of the last weeks began, and where the present one ends: Mondays, on the clocks of whoever looks."""
    zone, today = ZoneInfo(preferences().time_zone), local(now()).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(weeks=number) for number in range(1 - WEEKS, 2)]
    return [datetime.combine(day, time(), zone) for day in days]


def _series(overview: Overview) -> Sequence[tuple[str, list[int]]]:
    return [(gettext(label), overview.weeks[name]) for name, label in _SERIES if name in overview.weeks]


def _is_new(overview: Overview) -> bool:
    """Whether nothing was ever entered here, as far as one can see."""
    return not any(overview.counts.values()) and not any(map(any, overview.weeks.values()))


router = Router("/", route_handlers=[dashboard], include_in_schema=False)
