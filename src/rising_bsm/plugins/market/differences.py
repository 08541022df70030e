"""What would be different with another version, told before it is installed: what it may do, where to, and its cost."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.plugins.market.index import Listed
from rising_bsm.plugins.signers import asked_of_signer
from rising_bsm.plugins.tables import InstalledPlugin


def difference(
    plugin: InstalledPlugin, listed: Listed, usage: Mapping[str, Any] | None, in_person: Collection[str]
) -> dict[str, Any]:
    """The version that is listed against the one that is installed; `usage` is what that took, and `in_person` are
    the keys of its publisher that people have trusted."""
    manifest, grants = plugin.manifest, plugin.grants
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
        "key": _key(plugin, listed, in_person),
        "cost": _cost(manifest, usage),
    }


def asks_for_more(difference: Mapping[str, Any]) -> bool:
    """Whether an administrator must agree to it."""
    return bool(asked_in_addition(difference))


def asked_in_addition(difference: Mapping[str, Any]) -> list[str]:
    """All that an administrator must agree to, as far as the index tells it."""
    keys = difference.get("key", {}).get("new", [])
    return [*difference["permissions"]["new"], *difference["network"]["new"], *keys]


def with_signer(difference: dict[str, Any], problem: Mapping[str, Any] | None) -> dict[str, Any]:
    """The difference with the key that the bundle itself was found to be signed with, whatever the index says of it."""
    found = [code for code in (problem or {}).get("fields") or () if code.startswith("key:")]
    key = difference.get("key", {})
    return difference | {"key": key | {"new": sorted({*key.get("new", []), *found})}} if found else difference


def _key(plugin: InstalledPlugin, listed: Listed, in_person: Collection[str]) -> dict[str, Any]:
    """Whose signature there is and will be; what the index does not say is found when the bundle is opened."""
    maybe = [listed.key_id] if listed.key_id else [key.key_id for key in listed.keys]
    asked = [asked_of_signer(plugin, key_id, in_person) for key_id in maybe]
    new = sorted(code for one in asked for code in one) if all(asked) else []
    return {"publisher": str(plugin.plugin_id).partition(".")[0], "installed": plugin.key_id, "new": new}


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
