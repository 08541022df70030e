"""A version of the catalogue, as the index lists it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion
from rising_bsm.plugins.market.index.layout import bundle_path
from rising_bsm.plugins.market.index.listing import Listing


def listing_of(version: MarketVersion, plugin: MarketPlugin, keys: Sequence[str]) -> Listing:
    """What is signed of this version; `keys` are its publisher's, in their text form. Raises BadIndexName."""
    bundle_path(version.plugin_id, version.version)
    manifest = version.manifest_json
    said = ("version", "channel", "reason", "bundle_sha256", "bundle_size", "encrypted", "key_id", "security")
    return Listing.model_validate(
        {
            **{name: getattr(version, name) for name in (*said, "released_at")},
            "plugin": version.plugin_id,
            "status": str(version.status),
            "publisher": plugin.publisher,
            "publisher_keys": tuple(keys),
            "permissions": _each(manifest.get("permissions"), "code"),
            "optional_permissions": _each(manifest.get("optional_permissions"), "code"),
            "network": _each(manifest.get("network"), "url"),
            "host": manifest.get("host", plugin.host),
            "dependencies": dict(manifest.get("dependencies") or {}),
            "pricing": plugin.pricing,
        }
    )


def _each(parts: Iterable[Mapping[str, Any]] | None, name: str) -> tuple[str, ...]:
    return tuple(str(part[name]) for part in parts or ())
