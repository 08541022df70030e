"""What plugins ask for and add, in words for administrators."""

from collections.abc import Iterable, Mapping
from typing import Any

from rising_bsm.accounts import PERMISSIONS
from rising_bsm.bundle.manifest import PermissionRequest
from rising_bsm.web.i18n import gettext as _


def permission_rows(asked: Iterable[PermissionRequest]) -> list[dict[str, str]]:
    """Each permission with what it lets the plugin do, and why it wants that."""
    return [{"code": one.code, "does": does(one.code), "reason": one.reason} for one in asked]


def does(code: str) -> str:
    """What a permission lets somebody do."""
    return _(PERMISSIONS[code]) if code in PERMISSIONS else code


def adds_of(exports: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What the plugin adds to the application: kinds of things, and what there is of each."""
    pages = [one for one in exports["components"] if one["mount"] == "page"]
    parts = [one for one in exports["components"] if one["mount"] != "page"]
    found = [
        (_("Pages"), [one["title"] for one in pages]),
        (_("Parts of pages"), [f"{one['title']} ({one['mount']})" for one in parts]),
        (_("Checks before something is written"), [one["hook"] for one in exports["before"]]),
        (_("Reactions to events"), [one["event"] for one in exports["after"]]),
        (_("Work by the clock"), [f"{one['cron']} ({one['time_zone']})" for one in exports["schedules"]]),
        (_("Addresses for programs"), [_route(one) for one in exports["routes"]]),
    ]
    return [(kind, things) for kind, things in found if things]


def _route(route: Mapping[str, Any]) -> str:
    who = _("public") if route["public"] else route["permission"]
    return f"{route['method']} {route['path']}" + (f" ({who})" if who else "")
