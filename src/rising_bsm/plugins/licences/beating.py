"""The heartbeat: it reports what runs here, and brings every licence a fresh file or the reason why there is none."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import structlog

from rising_bsm.errors import Error
from rising_bsm.plugins.licences.asking import Asking, new_nonce
from rising_bsm.plugins.licences.heartbeat import Advisory, Answer, Beat, Renewal
from rising_bsm.plugins.licences.shelf import Held, Shelf

_log = structlog.get_logger("rising_bsm.licences")

LICENCES_PER_REQUEST = 200
PLUGINS_PER_REQUEST = 500

PluginReport: TypeAlias = Mapping[str, Any]
Report = Callable[[], Awaitable[Sequence[PluginReport]]]


class Heart:
    """Beats for all licences on `shelf`; `report` gives what is said of the plugins that run here."""

    def __init__(self, shelf: Shelf, asking: Asking, report: Report, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._asking = asking
        self._report = report
        self._clock = clock

    async def beat(self, held: Sequence[Held]) -> Beat:
        """One heartbeat for these licences. Raises what the marketplace raises, having noted the time."""
        for one in held:
            await self._shelf.note_time(one, self._clock())
        renewed, refused, advisories = list[str](), dict[str, str](), list[Advisory]()
        parts = _parts(held, await self._report())
        for some, plugins in parts:
            answer, nonces = await self._ask(some, plugins, partial=len(parts) > 1)
            advisories += answer.advisories
            for renewal in answer.licenses:
                if known := nonces.pop(renewal.id, None):
                    await self._note(known[0], known[1], renewal, renewed, refused)
        return Beat(renewed, refused, advisories)

    async def _ask(
        self, held: Sequence[Held], plugins: Sequence[PluginReport], *, partial: bool
    ) -> tuple[Answer, dict[str, tuple[Held, str]]]:
        nonces = {str(one.licence.id): (one, new_nonce()) for one in held}
        asked = [{"id": licence_id, "nonce": nonce} for licence_id, (_, nonce) in nonces.items()]
        fields: dict[str, Any] = {"plugins": [dict(one) for one in plugins], "licenses": asked}
        # What a partial report leaves out is not taken for uninstalled.
        said = await self._asking.send("heartbeat", fields | ({"partial": True} if partial else {}))
        return Answer.of(said), nonces

    async def _note(
        self, held: Held, nonce: str, renewal: Renewal, renewed: list[str], refused: dict[str, str]
    ) -> None:
        plugin_id = held.row.plugin_id
        if renewal.license is not None:
            if await self._renew(held, renewal.license, nonce):
                renewed.append(plugin_id)
        elif renewal.code is not None:
            await self._shelf.refuse(held, renewal.code)
            refused[plugin_id] = renewal.code

    async def _renew(self, held: Held, envelope: Mapping[str, Any], nonce: str) -> bool:
        """Whether the file is held now; one that cannot be relied on changes nothing, for this licence or another."""
        try:
            received = await self._asking.received(envelope, held.row.plugin_id, nonce)
        except Error as error:
            _log.error("a licence that came was not taken", plugin=held.row.plugin_id, error=error.as_dict())
            return False
        return received.licence.id == held.licence.id and await self._shelf.renew(received)


def _parts(
    held: Sequence[Held], plugins: Sequence[PluginReport]
) -> list[tuple[Sequence[Held], Sequence[PluginReport]]]:
    """As much of both at a time as one request holds."""
    most = max(-(-len(held) // LICENCES_PER_REQUEST), -(-len(plugins) // PLUGINS_PER_REQUEST))
    return [(_part(held, at, LICENCES_PER_REQUEST), _part(plugins, at, PLUGINS_PER_REQUEST)) for at in range(most)]


def _part(all: Sequence[Any], at: int, size: int) -> Sequence[Any]:
    return all[at * size : (at + 1) * size]
