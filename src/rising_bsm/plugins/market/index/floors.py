"""What was seen of each plugin, below which nothing goes: an index alone does not stop listing a version anew."""

import json
from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from rising_bsm.plugins.market.index.errors import ReListed, RolledBack, StateUnusable
from rising_bsm.plugins.market.index.state import State

FLOORS = "floors.json"
Digests = dict[str, str]
"""Of each version that was seen the SHA-256 of what is handed out; the highest of them is the floor."""


class Floors:
    """Kept in `state`: `{plugin: {version: digest}}`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def seen(self, plugin_id: str, digests: Mapping[str, str], *, all_of_them: bool = False) -> None:
        """These versions are listed now, with these digests; `all_of_them` if the plugin has no others.

        Raises ReListed for another digest than before, and RolledBack if a version that was listed is listed no more.
        Nothing is remembered then.
        """
        self._state.change(FLOORS, lambda kept: _changed(kept, plugin_id, digests, all_of_them))

    def missing(self, plugin_id: str, version: str) -> None:
        """This version is not listed; raises RolledBack if it was before."""
        if version in _parsed(self._state.get(FLOORS)).get(plugin_id, {}):
            raise _gone(plugin_id, version)

    def highest(self, plugin_id: str) -> str | None:
        """The highest version that was ever seen to be listed."""
        return max(_parsed(self._state.get(FLOORS)).get(plugin_id, {}), key=Version, default=None)


def _changed(kept: bytes | None, plugin_id: str, digests: Mapping[str, str], all_of_them: bool) -> bytes | None:
    floors = _parsed(kept)
    known = floors.get(plugin_id, {})
    _check(plugin_id, known, digests, all_of_them)
    if digests.items() <= known.items():
        return None
    return _text(floors | {plugin_id: known | dict(digests)})


def _check(plugin_id: str, known: Digests, digests: Mapping[str, str], all_of_them: bool) -> None:
    for version, digest in known.items():
        if digests.get(version, digest) != digest:
            raise ReListed(
                f"The index lists {plugin_id} {version} with other bytes than before.",
                place=f"{plugin_id} {version}",
                next_step="Do not install it; a version never changes. Tell the marketplace's operator.",
            )
    if all_of_them and (gone := known.keys() - digests.keys()):
        raise _gone(plugin_id, max(gone, key=Version))


def _gone(plugin_id: str, version: str) -> RolledBack:
    return RolledBack(
        f"The index does not list {plugin_id} {version} any more, and what was listed stays listed for ever.",
        place=f"{plugin_id} {version}",
        next_step="Install nothing of it until the marketplace's operator has explained it.",
    )


def _parsed(kept: bytes | None) -> dict[str, Digests]:
    try:
        found: Any = json.loads(kept) if kept else {}
        return {str(plugin): dict(digests) for plugin, digests in found.items()}
    except (ValueError, AttributeError) as error:
        raise StateUnusable(
            "What was seen of the marketplace's plugins is damaged.",
            place=FLOORS,
            next_step="Put the file back from a backup, or delete it: what is met next is believed as at first.",
        ) from error


def _text(floors: dict[str, Digests]) -> bytes:
    return json.dumps(floors, sort_keys=True, separators=(",", ":")).encode()
