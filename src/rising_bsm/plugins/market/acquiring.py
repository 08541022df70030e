"""From a marketplace to a plugin that answers, step by step; each can be taken again after an interruption."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.bundle import VerifiedBundle
from rising_bsm.db import Database
from rising_bsm.errors import Conflict
from rising_bsm.licensing import unwrap
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.held import HeldLicences
from rising_bsm.plugins.market.choosing import choose
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.downloading import Downloads
from rising_bsm.plugins.market.index import IndexClient, Listed
from rising_bsm.plugins.market.journal import Journal
from rising_bsm.plugins.market.opening import NotWhatIsListed, open_blob
from rising_bsm.plugins.market.steps import Step
from rising_bsm.plugins.market.tables import Acquisition, Progress
from rising_bsm.plugins.market.trust import trust_listed
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.relations import members
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.states import SETTLED


class LicenceNeeded(Conflict):
    """The plugin is paid for, and this instance has no licence for it that counts; `place` is the plugin."""

    code = "market.license_needed"


class OtherBundle(Conflict):
    """The version is another bundle than the one that was agreed to or begun with; `place` is the version."""

    code = "market.other_bundle"


@dataclass(frozen=True)
class Places:
    """What an acquisition works with."""

    database: Database
    plugins: Plugins
    market: MarketClient
    index: IndexClient
    held: HeldLicences
    identity: Identity
    downloads: Downloads
    journal: Journal
    schedule: Callable[[], Awaitable[None]]
    """A heartbeat is due soon."""


class Acquiring:
    """One acquisition, on its way.

    `told` is told of each step, `arrived` of bytes; `depend` acquires another plugin.
    """

    def __init__(
        self,
        places: Places,
        actor: Actor,
        row: Acquisition,
        *,
        told: Callable[[Step], None],
        arrived: Callable[[int, int], None],
        depend: Callable[[Actor, str, str, str], Awaitable[None]],
    ) -> None:
        self._at = places
        self._actor = actor
        self._row = row
        self._told = told
        self._arrived = arrived
        self._depend = depend

    async def run(self, key: str | None) -> None:
        """Everything, with this licence key; what was done already is not done again. Raises what any step raises."""
        # What was revoked a moment ago is not installed because it was fine a minute ago.
        await self._at.index.refresh()
        listed = await choose(self._at.index, self._id, self._row.channel, version=self._row.version)
        check_same(self._row, listed)
        await self._took("listed", version=listed.version, bundle_sha256=listed.bundle_sha256)
        if not await self._is_there(listed):
            await self._license(listed, key)
            content_key = await self._content_key(listed)
            blob = await self._at.downloads.fetch(self._at.market, listed, self._arrived)
            await self._took("downloaded")
            await self._install(listed, blob, content_key)
        await self._took("activated")
        await self._at.schedule()
        await self._took("scheduled")
        await self._at.journal.log(self._row, self._actor, self._row.kind)
        await self._took("logged")
        await asyncio.to_thread(self._at.downloads.forget, listed.blob_sha256)
        self._told(await self._at.journal.end(self._row, Progress.DONE))

    @property
    def _id(self) -> str:
        return self._row.plugin_id

    async def _took(self, name: str, **changes: Any) -> None:
        self._told(await self._at.journal.took(self._row, name, **changes))

    async def _is_there(self, listed: Listed) -> bool:
        """Whether an interruption came after the last step that mattered."""
        async with self._at.database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(self._id)
        return plugin is not None and plugin.digest == listed.bundle_sha256 and plugin.state in SETTLED

    async def _license(self, listed: Listed, key: str | None) -> None:
        if listed.pricing == "free":
            return
        licensed = await self._at.held.find(self._id)
        if licensed is None:
            # Said before it is done: what may have been reserved is given back, also after an interruption.
            reserving = self._row.kind == "install" and self._row.licence != "held"
            await self._at.journal.note(self._row, reserved=reserving)
        if self._row.licence == "key" and key is not None:
            licensed = await self._at.held.activate(self._id, key)
        elif self._row.licence == "trial" and licensed is None:
            licensed = await self._at.held.trial(self._id)
        if licensed is None or not licensed.standing.runs:
            raise LicenceNeeded(
                licensed.standing.sentence if licensed else f"{self._id} is paid for, and there is no licence for it.",
                place=self._id,
                next_step="Install it with a licence key, or with a trial if its publisher gives any.",
            )
        await self._took("licensed")
        if self._row.kind == "install":
            await self._took("reserved", sealed_key=None)

    async def _content_key(self, listed: Listed) -> bytes | None:
        if listed.pricing == "free":
            return None
        wanted = {"plugin": listed.plugin, "version": listed.version}
        token = _object(await self._at.market.send("token", wanted)).get("token")
        handed = _object(await self._at.market.send("redeem", {"token": token}))
        if (handed.get("blob_sha256"), handed.get("bundle_sha256")) != (listed.blob_sha256, listed.bundle_sha256):
            raise NotWhatIsListed(listed, "is not what its index lists")
        await self._took("token")
        if handed.get("content_key") is None:
            return None
        private = (await self._at.identity.get()).wrap
        return unwrap(str(handed["content_key"]), private, licence=str(handed.get("license")), **wanted)

    async def _install(self, listed: Listed, blob: bytes, content_key: bytes | None) -> None:
        data, bundle = await asyncio.to_thread(open_blob, listed, blob, content_key)
        await trust_listed(self._at.database, self._actor, listed, bundle)
        await self._took("verified")
        await self._resolve(bundle)
        await self._took("resolved")
        if self._row.kind == "update":
            await self._at.plugins.update(self._actor, self._id, data, self._row.chosen, told=self._took)
        else:
            await self._at.plugins.install(self._actor, data, self._row.chosen, told=self._took)

    async def _resolve(self, bundle: VerifiedBundle) -> None:
        """Acquires what it needs and is not here, if that was asked for; all else is found when it is installed."""
        if not self._row.with_dependencies:
            return
        async with self._at.database.reading() as session:
            here = members(await InstalledPlugins(session).named())
        for plugin_id, within in sorted(bundle.manifest.dependencies.items()):
            if plugin_id not in here:
                await self._depend(self._actor, plugin_id, within, self._row.channel)


def check_same(row: Acquisition, listed: Listed) -> None:
    """Raises OtherBundle if something else is listed than what somebody has agreed to."""
    if row.bundle_sha256 not in (None, listed.bundle_sha256):
        raise OtherBundle(
            f"{listed.plugin} {listed.version} is not the bundle any more that you were shown.",
            place=f"{listed.plugin} {listed.version}",
            next_step="Look at its page in the marketplace anew, and decide again.",
        )


def _object(answer: Any) -> Mapping[str, Any]:
    return answer if isinstance(answer, Mapping) else {}
