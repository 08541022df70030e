"""The licences that this instance holds, and what it may do because of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from rising_bsm.db import Database, now
from rising_bsm.errors import Error
from rising_bsm.licensing import Licence, LicenceKey, LicenceState, Licensed, Standing
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.asking import Asking, LicenceKeys, Market
from rising_bsm.plugins.licences.beating import Heart, PluginReport, Report
from rising_bsm.plugins.licences.errors import NotHeld
from rising_bsm.plugins.licences.heartbeat import Advisory, Beat
from rising_bsm.plugins.licences.memory import Memory
from rising_bsm.plugins.licences.shelf import Held, Received, Shelf
from rising_bsm.plugins.licences.telling import tell_all
from rising_bsm.runtime.settings import Cipher

_log = structlog.get_logger("rising_bsm.licences")

_ABOUT_KEY = "license key"
_NOT_THERE = frozenset({"license.not_found", "license.no_machine"})

Told = Callable[[str], Awaitable[None]]
Advised = Callable[[Sequence[Advisory]], Awaitable[None]]
Warned = Callable[[Licensed], Awaitable[None]]


@dataclass(frozen=True)
class About:
    """What an instance says of itself (`url`), and what it compares to notice that it has moved."""

    url: str = ""
    surroundings: Mapping[str, str] = field(default_factory=dict)


async def _unknown() -> About:
    return About()


async def _nothing() -> Sequence[PluginReport]:
    return ()


class HeldLicences:
    """The licences of one deployment, from `market`, which signs them with one of `licence_keys`.

    `verified` are told the id of each plugin whose licence has changed, `advised` what the marketplace says of
    versions that run here, `warned` of a licence that is in grace or worse, once for each state. What they raise is
    logged, and disturbs nobody else.
    """

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        identity: Identity,
        market: Market,
        licence_keys: LicenceKeys,
        *,
        report: Report = _nothing,
        about: Callable[[], Awaitable[About]] = _unknown,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.verified: list[Told] = []
        self.advised: list[Advised] = []
        self.warned: list[Warned] = []
        self._cipher = cipher
        self._about = about
        self._clock = clock
        self._shelf = Shelf(database, identity)
        self._asking = Asking(identity, market, licence_keys, clock)
        self._heart = Heart(self._shelf, self._asking, report, clock)
        self._memory = Memory(self._shelf, self._surroundings, clock)

    async def activate(self, plugin_id: str, key: str | None = None, *, move: bool = False) -> Licensed:
        """Binds the licence of this key to this instance; without one, that of the key that it has been bound with.

        To `move` it here, another instance may lose it. Raises InvalidLicenceKey, NotHeld, BadDocument, Replayed, and
        what the marketplace refuses it with.
        """
        parsed = LicenceKey.parse(key) if key is not None else await self._key(plugin_id)
        about = await self._about()
        fields = {"key": parsed.text} | ({"url": about.url} if about.url else {}) | ({"move": True} if move else {})
        return await self._take(await self._asking.licence("activate", plugin_id, fields), about, parsed)

    async def trial(self, plugin_id: str) -> Licensed:
        """Begins the plugin's trial; raises as `activate`."""
        about = await self._about()
        fields = {"url": about.url} if about.url else {}
        return await self._take(await self._asking.licence("trial", plugin_id, fields), about, None)

    async def release(self, plugin_id: str) -> None:
        """Gives the seat back; the plugin has no licence any more. Raises NotHeld, and what the marketplace raises."""
        held = await self._held(plugin_id)
        await self._give_back(held)
        await self._shelf.drop(plugin_id, held.licence.id)
        self._memory.forget(plugin_id)

    async def find(self, plugin_id: str) -> Licensed | None:
        """The plugin's licence and how it stands now, None without one; from memory, mostly."""
        return await self._memory.find(plugin_id)

    async def standing_of(self, plugin_id: str) -> Standing | None:
        """How the plugin's licence stands now, None without one."""
        licensed = await self.find(plugin_id)
        return licensed.standing if licensed else None

    async def licence_of(self, plugin_id: str) -> Licence | None:
        """The plugin's licence, None without one."""
        licensed = await self.find(plugin_id)
        return licensed.licence if licensed else None

    async def all(self) -> Sequence[tuple[Licensed, str | None]]:
        """Every licence that is held, by plugin, each with the last group of its key, if it has one."""
        local, here = self._clock(), await self._surroundings()
        return [(held.licensed(local, here), held.row.hint) for held in await self._shelf.all()]

    async def beat(self) -> Beat:
        """One heartbeat for everything: fresh files are stored, refusals noted, and who must know is told.

        Raises what the marketplace raises; then every licence stays as it is.
        """
        before = await self._shelf.all()
        try:
            beat = await self._heart.beat(before)
        finally:
            self._memory.forget_all()
            await self._warn()
        for held in before:
            await self._tell_if_changed(held.row.plugin_id, held)
        if beat.advisories:
            await tell_all(self.advised, beat.advisories, "advisories")
        return beat

    async def _take(self, received: Received, about: About, key: LicenceKey | None) -> Licensed:
        plugin_id = received.licence.plugin
        before = await self._shelf.of(plugin_id)
        sealed = self._cipher.seal(plugin_id, _ABOUT_KEY, key.text) if key else None
        hint = key.hint if key else None
        await self._shelf.put(received, key=sealed, hint=hint, surroundings=about.surroundings)
        self._memory.forget(plugin_id)
        if before is not None and before.licence.id != received.licence.id:
            await self._give_back_unheard(before)
        await self._tell_if_changed(plugin_id, before)
        licensed = await self.find(plugin_id)
        if licensed is None:  # somebody has released it at this moment
            raise NotHeld(plugin_id)
        return licensed

    async def _give_back(self, held: Held) -> None:
        try:
            await self._asking.send("release", {"license": str(held.licence.id)})
        except Error as error:
            if error.code not in _NOT_THERE:
                raise

    async def _give_back_unheard(self, held: Held) -> None:
        try:
            await self._give_back(held)
        except Error as error:
            _log.warning("a seat was not given back", plugin=held.row.plugin_id, error=error.as_dict())

    async def _held(self, plugin_id: str) -> Held:
        held = await self._shelf.of(plugin_id)
        if held is None:
            raise NotHeld(plugin_id)
        return held

    async def _key(self, plugin_id: str) -> LicenceKey:
        sealed = (await self._held(plugin_id)).row.key
        if sealed is None:  # a trial has none
            raise NotHeld(plugin_id)
        return LicenceKey.parse(self._cipher.open(plugin_id, _ABOUT_KEY, sealed))

    async def _surroundings(self) -> Mapping[str, str]:
        return (await self._about()).surroundings

    async def _tell_if_changed(self, plugin_id: str, before: Held | None) -> None:
        after, local = await self._shelf.of(plugin_id), self._clock()
        if before is not None and after is not None and after.matters(local) == before.matters(local):
            return
        await tell_all(self.verified, plugin_id, plugin_id)

    async def _warn(self) -> None:
        """Says once of each licence in which state it is now, if that is grace or worse."""
        local, here = self._clock(), await self._surroundings()
        for held in await self._shelf.all():
            licensed = held.licensed(local, here)
            state = licensed.standing.state
            worth_it = state.rank >= LicenceState.GRACE.rank
            if await self._shelf.note_told(held, state if worth_it else LicenceState.OK) and worth_it:
                await tell_all(self.warned, licensed, licensed.licence.plugin)
