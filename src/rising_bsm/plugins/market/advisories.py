"""What the marketplace says against versions that run here, and what becomes of that."""

from collections.abc import Sequence

import structlog
from sqlalchemy import select

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.permissions import Role
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.db import Database, now
from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.licences.heartbeat import Advisory
from rising_bsm.plugins.market.condemned import SENTENCES, Condemned
from rising_bsm.plugins.market.index import IndexClient
from rising_bsm.plugins.market.reporting import from_marketplace
from rising_bsm.plugins.market.tables import PluginAdvisory
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.service import Plugins

_log = structlog.get_logger("rising_bsm.market")


class NoAdvisory(NotFound):
    """The marketplace says nothing against the version that is installed."""

    code = "market.no_advisory"


class Advisories:
    """Acts on what the marketplace says: a version that it has taken back is switched off, and people are told."""

    def __init__(self, database: Database, plugins: Plugins, index: IndexClient, notifications: Notifications) -> None:
        self._database = database
        self._plugins = plugins
        self._index = index
        self._notifications = notifications

    async def list(self, actor: Actor) -> Sequence[PluginAdvisory]:
        """All that is known, by plugin."""
        actor.require("plugins.manage")
        async with self._database.reading() as session:
            return (await session.scalars(select(PluginAdvisory).order_by(PluginAdvisory.plugin_id))).all()

    async def override(self, actor: Actor, plugin_id: str) -> PluginAdvisory:
        """The installed version may be switched on nevertheless. Raises NotFound."""
        plugin = await self._plugins.get(actor, plugin_id)
        async with self._database.transaction() as session:
            mine = PluginAdvisory.plugin_id == plugin_id, PluginAdvisory.version == plugin.version
            advisory = await session.scalar(select(PluginAdvisory).where(*mine))
            if advisory is None:
                raise NoAdvisory(f"There is nothing against {plugin_id} {plugin.version}.", place=plugin_id)
            advisory.overridden_by, advisory.overridden_at = actor.user_id, now()
            record(session, actor, "market.override", "plugin", plugin_id, {"version": plugin.version})
        return advisory

    async def look(self) -> None:
        """Acts on what the signed index says of the versions that are here. Raises what the index raises."""
        found, fine = list[Advisory](), list[tuple[str, str]]()
        for plugin in await from_marketplace(self._database):
            plugin_id, version = str(plugin.plugin_id), str(plugin.version)
            listed = await self._index.find(plugin_id, version)
            if listed is not None and listed.status == "published":
                fine.append((plugin_id, version))
            elif listed is not None and listed.status != "approved":
                found.append(Advisory(plugin=plugin_id, version=version, kind=listed.status, reason=listed.reason))
            await self._look_at_kept(plugin_id)
        await self._lift(fine)
        await self.act(found)

    async def _look_at_kept(self, plugin_id: str) -> None:
        """Versions that a rollback would bring back do not come back when they were taken back meanwhile."""
        for kept in await self._plugins.versions(SYSTEM, plugin_id):
            listed = await self._index.find(plugin_id, kept.version)
            if listed is not None and listed.status in SENTENCES:
                said = {"kind": listed.status, "reason": listed.reason}
                await self._note(Advisory.model_validate({"plugin": plugin_id, "version": kept.version, **said}))

    async def act(self, advisories: Sequence[Advisory]) -> None:
        """Notes each that is about a version that is installed here, and acts on it."""
        for advisory in advisories:
            try:
                await self._act(advisory)
            except Error as error:  # the next heartbeat says it again
                _log.error("advisory not acted on", plugin=advisory.plugin, error=error.as_dict())

    async def _act(self, advisory: Advisory) -> None:
        async with self._database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(advisory.plugin)
        if plugin is None or plugin.version != advisory.version:
            return
        new, overridden = await self._note(advisory)
        off = False
        if advisory.kind in SENTENCES and not overridden:
            because = Condemned(advisory.plugin, advisory.version, advisory.kind, advisory.reason or "")
            known = {"version": advisory.version, "action": "market.condemn"}
            off = await self._plugins.give_up(advisory.plugin, because, **known)
        if new or off:
            await self._notifications.send(SYSTEM, _notification(advisory, off=off))

    async def _note(self, advisory: Advisory) -> tuple[bool, bool]:
        """Whether it was not known, and whether somebody has overridden it."""
        async with self._database.transaction() as session:
            mine = PluginAdvisory.plugin_id == advisory.plugin, PluginAdvisory.version == advisory.version
            known = await session.scalar(select(PluginAdvisory).where(*mine))
            said = {"kind": advisory.kind, "reason": advisory.reason or ""}
            if known is None:
                session.add(PluginAdvisory(plugin_id=advisory.plugin, version=advisory.version, **said))
                return True, False
            new = known.kind != advisory.kind
            if new:
                known.overridden_at = known.overridden_by = None
            known.kind, known.reason = said["kind"], said["reason"]
            return new, known.overridden_at is not None

    async def _lift(self, fine: Sequence[tuple[str, str]]) -> None:
        for plugin_id, version in fine:
            async with self._database.transaction() as session:
                mine = PluginAdvisory.plugin_id == plugin_id, PluginAdvisory.version == version
                known = await session.scalar(select(PluginAdvisory).where(*mine))
                if known is not None:
                    await session.delete(known)
                    record(session, SYSTEM, "market.lift", "plugin", plugin_id, {"version": version})


def _notification(advisory: Advisory, *, off: bool) -> NotificationDraft:
    is_now = SENTENCES.get(advisory.kind, "is not recommended any more by its marketplace")
    done = "It was switched off here. " if off else ""
    return NotificationDraft(
        role=Role.ADMIN,
        title=f"{advisory.plugin} {advisory.version} is {advisory.kind}"[:120],
        message=f"{advisory.plugin} {advisory.version} {is_now}: {advisory.reason or 'no reason was given'}\n{done}"
        "Update or uninstall it.",
        level="error" if advisory.kind in SENTENCES else "warning",
    )
