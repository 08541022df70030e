"""What would be different with another version, told before it is installed: what it may do, where to, and its cost."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.plugins.market.index import Listed


def difference(
    manifest: Manifest, grants: Collection[str], listed: Listed, usage: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The version that is listed against the one that is installed with these grants; `usage` is what that took."""
    had, asks = {request.code for request in manifest.permissions}, set(listed.permissions)
    places, wants = {place.url for place in manifest.network}, set(listed.network)
    # An index may name places or whole hosts.
    hosts = {_host(url) for url in places}
    return {
        "permissions": {"new": sorted(asks - had - set(grants)), "gone": sorted(had - asks)},
        "optional_permissions": {
            "new": sorted(set(listed.optional_permissions) - {one.code for one in manifest.optional_permissions})
        },
        "network": {"new": sorted(wants - places - hosts), "gone": sorted(_gone(places, wants))},
        "cost": _cost(manifest, usage),
    }


def asks_for_more(difference: Mapping[str, Any]) -> bool:
    """Whether an administrator must agree to it."""
    return bool(difference["permissions"]["new"] or difference["network"]["new"])


def _cost(manifest: Manifest, usage: Mapping[str, Any] | None) -> dict[str, Any]:
    unknown = ["What the new version takes is not known before it has run here."]
    if not usage or not usage["calls"]:
        unknown.append("What the installed version takes is not known: it was not called within the last day.")
        measured = None
    else:
        measured = {name: usage[name] for name in ("calls", "failures", "p50_ms", "p95_ms")}
        measured["fuel_per_call"] = usage["fuel"] // usage["calls"]
    return {"installed": measured, "declared": manifest.resources.model_dump(mode="json"), "unknown": unknown}


def _gone(places: set[str], wants: set[str]) -> set[str]:
    return {url for url in places if url not in wants and _host(url) not in wants}


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
