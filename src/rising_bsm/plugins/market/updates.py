"""Newer versions of plugins from the marketplace: found, compared, waited with, and put in their place."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from packaging.version import Version
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.permissions import Role
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.db import Database, now
from rising_bsm.errors import Conflict, Error, NotFound
from rising_bsm.plugins.admission import WrongHost
from rising_bsm.plugins.market.acquisitions import Acquisitions
from rising_bsm.plugins.market.choosing import NoVersion, candidates, checked
from rising_bsm.plugins.market.condemned import Condemned
from rising_bsm.plugins.market.differences import asked_in_addition, asks_for_more, difference, with_signer
from rising_bsm.plugins.market.index import IndexClient, Listed
from rising_bsm.plugins.market.reporting import from_marketplace
from rising_bsm.plugins.market.tables import Acquisition, PluginPin, PluginUpdate, Progress
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.signers import trusted_by_people
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import Role as Kept
from rising_bsm.runtime.accounting import Executions

COOLDOWN = timedelta(hours=48)
_COPIED = (
    "from_version",
    "to_version",
    "channel",
    "state",
    "security",
    "difference",
    "released_at",
    "due_at",
)
_STAYS = ("failed", "rolled_back")
_log = structlog.get_logger("rising_bsm.market")


class NoUpdate(NotFound):
    """There is no newer version of the plugin to be had."""

    code = "market.no_update"


class NotFromMarketplace(Conflict):
    """The plugin was not installed from the marketplace, which so says nothing about it."""

    code = "market.not_from_here"


class Updates:
    """Updates of the plugins that came from the marketplace. `cooldown` is how long after its release one is waited
    with that asks for nothing new; `clock` tells the time.

    Every method that takes an actor raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(
        self,
        database: Database,
        plugins: Plugins,
        index: IndexClient,
        acquisitions: Acquisitions,
        notifications: Notifications,
        cooldown: timedelta = COOLDOWN,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._plugins = plugins
        self._index = index
        self._acquisitions = acquisitions
        self._notifications = notifications
        self._executions = Executions(database)
        self._cooldown = cooldown
        self._clock = clock

    async def list(self, actor: Actor) -> Sequence[PluginUpdate]:
        """The newest version of each plugin that has one, and how that stands."""
        actor.require("plugins.manage")
        async with self._database.reading() as session:
            rows = (await session.scalars(select(PluginUpdate).order_by(PluginUpdate.plugin_id))).all()
        installed = {plugin.plugin_id: plugin.version for plugin in await from_marketplace(self._database)}
        for row in rows:
            if installed.get(row.plugin_id) == row.to_version:
                row.state, row.problem = "applied", None
        return rows

    async def check(self, actor: Actor) -> Sequence[PluginUpdate]:
        """As `list`, after asking the marketplace. Raises what the index raises."""
        actor.require("plugins.manage")
        await self.look()
        return await self.list(actor)

    async def apply(self, actor: Actor, plugin_id: str, accepted: Collection[str] = ()) -> Acquisition:
        """Begins to put the newest version in the place of the installed one, granting what is accepted of what it asks
        for in addition. Raises NoUpdate, NotFound, AlreadyAcquiring."""
        await self._plugins.get(actor, plugin_id)
        row = await self._of(plugin_id)
        if row is None or row.state == "applied":
            raise NoUpdate(
                f"No newer version of {plugin_id} is known.",
                place=plugin_id,
                next_step="Ask the marketplace anew: POST /api/market/updates/check.",
            )
        return await self._acquisitions.update(actor, plugin_id, row.to_version, row.channel, accepted)

    async def pinned(self, actor: Actor, plugin_id: str) -> PluginPin | None:
        """The channel that the plugin follows and the version it stays at; None unless it came from the marketplace."""
        actor.require("plugins.manage")
        async with self._database.reading() as session:
            return await session.scalar(select(PluginPin).where(PluginPin.plugin_id == plugin_id))

    async def pin(self, actor: Actor, plugin_id: str, version: str | None, channel: str | None = None) -> PluginPin:
        """The plugin stays at its version, which must be this one, whatever comes; or with None, it does not.

        Raises NotFromMarketplace, NotFound, and Conflict (`market.not_installed_version`) for another version.
        """
        plugin = await self._plugins.get(actor, plugin_id)
        if version is not None and version != plugin.version:
            raise Conflict(
                f"{plugin_id} is installed in version {plugin.version}, and can only be pinned to that.",
                code="market.not_installed_version",
                place="version",
                next_step="Update it or roll it back to the version that it is to stay at, then pin it.",
            )
        async with self._database.transaction() as session:
            pin = await _pin(session, plugin_id)
            pin.version, pin.channel = version, channel or pin.channel
            record(session, actor, "market.pin", "plugin", plugin_id, {"version": version, "channel": pin.channel})
            await session.execute(delete(PluginUpdate).where(PluginUpdate.plugin_id == plugin_id))
        return pin

    async def pins(self, actor: Actor) -> Sequence[PluginPin]:
        """The plugins that stay at their versions, by name."""
        actor.require("plugins.manage")
        pinned = select(PluginPin).where(PluginPin.version.is_not(None)).order_by(PluginPin.plugin_id)
        async with self._database.reading() as session:
            return (await session.scalars(pinned)).all()

    async def look(self) -> None:
        """Looks for newer versions of all plugins. Raises what the index raises."""
        await self._index.refresh()
        for plugin in await from_marketplace(self._database):
            try:
                await self._look(plugin)
            except (NoVersion, WrongHost, Condemned):
                await self._forget(str(plugin.plugin_id))

    async def apply_due(self) -> None:
        """Puts those in their place that nobody has to agree to, and that were waited with for long enough."""
        due = select(PluginUpdate).where(PluginUpdate.state == "cooling", PluginUpdate.due_at <= self._clock())
        async with self._database.reading() as session:
            rows = (await session.scalars(due)).all()
        for row in rows:
            try:
                await self._apply_one(row)
            except Error as error:
                _log.error("update not applied; tried again", plugin=row.plugin_id, error=error.as_dict())

    async def undone(self, plugin_id: str, version: str, problem: dict[str, Any]) -> None:
        """The update to this version was taken back, and is not made again by itself."""
        await self._note(plugin_id, version, "rolled_back", problem)

    async def _look(self, plugin: InstalledPlugin) -> None:
        plugin_id = str(plugin.plugin_id)
        async with self._database.reading() as session:
            pin = await _pin(session, plugin_id)
            in_person = await trusted_by_people(session, plugin_id.partition(".")[0])
        listed = await self._newest(plugin, pin.channel)
        if listed is None:
            await self._forget(plugin_id)
            return
        usage = (await self._executions.usage(plugin_id))["day"]
        different = difference(plugin, listed, usage, in_person)
        state = await self._state(plugin, pin, listed, different)
        row = PluginUpdate(
            plugin_id=plugin_id,
            from_version=plugin.version,
            to_version=listed.version,
            channel=pin.channel,
            state=state,
            security=listed.security,
            difference=different,
            released_at=listed.released_at,
            due_at=self._due(listed) if state == "cooling" else None,
        )
        if await self._keep(row) and state == "waiting":
            await self._tell(row, "wants more than it has, and waits for you", "info")

    async def _newest(self, plugin: InstalledPlugin, channel: str) -> Listed | None:
        plugin_id, installed = str(plugin.plugin_id), Version(str(plugin.version))
        for version in candidates(await self._index.versions(plugin_id), channel):
            if Version(version) <= installed:
                return None
            try:
                return checked(await self._index.find(plugin_id, version), plugin_id, version)
            except (NoVersion, WrongHost, Condemned):
                continue
        return None

    async def _state(self, plugin: InstalledPlugin, pin: PluginPin, listed: Listed, different: dict[str, Any]) -> str:
        known = await self._of(str(plugin.plugin_id))
        if pin.version is not None:
            return "pinned"
        if known is not None and known.to_version == listed.version and known.state in (*_STAYS, "waiting"):
            return known.state
        undone = await self._plugins.versions(SYSTEM, str(plugin.plugin_id))
        if any(one.role == Kept.UNDONE and one.version == listed.version for one in undone):
            return "rolled_back"
        return "waiting" if asks_for_more(different) else "cooling"

    def _due(self, listed: Listed) -> datetime:
        return self._clock() if listed.security else (listed.released_at or self._clock()) + self._cooldown

    async def _keep(self, row: PluginUpdate) -> bool:
        """Whether that was not known."""
        async with self._database.transaction() as session:
            known = await session.scalar(select(PluginUpdate).where(PluginUpdate.plugin_id == row.plugin_id))
            if known is None:
                session.add(row)
                return True
            same = (known.to_version, known.state) == (row.to_version, row.state)
            problem = known.problem if known.to_version == row.to_version else None
            for column in _COPIED:
                setattr(known, column, getattr(row, column))
            known.problem, known.difference = problem, with_signer(row.difference, problem)
            return not same

    async def _apply_one(self, row: PluginUpdate) -> None:
        begun = await self._acquisitions.update(SYSTEM, row.plugin_id, row.to_version, row.channel, ())
        ended = await self._acquisitions.ended(begun.id)
        problem = ended.problem or {}
        if ended.state == Progress.DONE:
            await self._note(row.plugin_id, row.to_version, "applied", None)
            await self._tell(row, "was updated", "success")
        elif problem.get("code") == "plugins.new_permissions":
            await self._note(row.plugin_id, row.to_version, "waiting", problem)
            await self._tell(row, "wants more than it has, and waits for you", "info", problem.get("fields", ()))
        elif ended.state != Progress.RUNNING and problem.get("code") not in ("market.unreachable", "index.unreachable"):
            await self._note(row.plugin_id, row.to_version, "failed", problem)
            await self._tell(row, f"could not be updated: {problem.get('message', '')}", "warning")

    async def _note(self, plugin_id: str, version: str, state: str, problem: dict[str, Any] | None) -> None:
        mine = PluginUpdate.plugin_id == plugin_id, PluginUpdate.to_version == version
        async with self._database.transaction() as session:
            row = await session.scalar(select(PluginUpdate).where(*mine))
            if row is not None:
                row.state, row.problem = state, problem
                row.difference = with_signer(row.difference, problem)

    async def _forget(self, plugin_id: str) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(PluginUpdate).where(PluginUpdate.plugin_id == plugin_id))

    async def _of(self, plugin_id: str) -> PluginUpdate | None:
        async with self._database.reading() as session:
            return await session.scalar(select(PluginUpdate).where(PluginUpdate.plugin_id == plugin_id))

    async def _tell(self, row: PluginUpdate, sentence: str, level: Any, found: Iterable[str] = ()) -> None:
        what = f"{row.plugin_id} {row.from_version} → {row.to_version}"
        more = dict.fromkeys([*asked_in_addition(row.difference), *found])
        asked = f" It asks for {', '.join(more)}." if more else ""
        message = f"{what} {sentence}.{asked} See GET /api/market/updates."
        draft = NotificationDraft(role=Role.ADMIN, title=what[:120], message=message[:2_000], level=level)
        await self._notifications.send(SYSTEM, draft)


async def _pin(session: AsyncSession, plugin_id: str) -> PluginPin:
    pin = await session.scalar(select(PluginPin).where(PluginPin.plugin_id == plugin_id))
    if pin is None:
        raise NotFromMarketplace(
            f"{plugin_id} was not installed from the marketplace.",
            place=plugin_id,
            next_step="Update it with a bundle: `rising-bsm update FILE`.",
        )
    return pin
