"""How the marketplace is doing."""

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.db import Database, now
from rising_bsm.errors import NotFound
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, Publisher
from rising_bsm.marketplace.instances.queries import SILENCE
from rising_bsm.marketplace.instances.tables import KnownInstance
from rising_bsm.marketplace.licences.tables import SoldLicence, Status
from rising_bsm.marketplace.operating.directory import Directory
from rising_bsm.marketplace.operating.queue import Queue
from rising_bsm.marketplace.submissions.rights import MANAGE

_MOST = 10


class Operation:
    """What its operator looks at: what waits (`queue`), who publishes (`directory`), and numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.queue = Queue(database)
        self.directory = Directory(database)

    async def numbers(self, actor: Actor) -> dict[str, Any]:
        """How many plugins, installs, downloads, instances, publishers and licences there are, as JSON."""
        actor.require(MANAGE)
        async with self._database.reading() as session:
            return {
                **await _of_plugins(session),
                "instances": await _count(session, KnownInstance, KnownInstance.last_seen > now() - SILENCE),
                "publishers": await _count(session, Publisher),
                "unverified": await _count(session, Publisher, Publisher.verified.is_(False)),
                "licences": await _count(session, SoldLicence, SoldLicence.status == Status.ACTIVE),
            }

    async def most_used(self, actor: Actor) -> list[dict[str, Any]]:
        """The plugins with the most installs alive, as JSON."""
        actor.require(MANAGE)
        used = select(MarketPlugin).where(MarketPlugin.installs > 0)
        query = used.order_by(MarketPlugin.installs.desc(), MarketPlugin.number).limit(_MOST)
        async with self._database.reading() as session:
            return [plugin_facts(one) for one in await session.scalars(query)]

    async def plugin(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """A plugin, listed or not, as JSON. Raises NotFound (`catalogue.no_plugin`)."""
        actor.require(MANAGE)
        async with self._database.reading() as session:
            found = await session.scalar(select(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id))
        if found is None:
            raise NotFound("There is no such plugin.", code="catalogue.no_plugin", place=plugin_id[:81])
        return plugin_facts(found)


def plugin_facts(plugin: MarketPlugin) -> dict[str, Any]:
    """What is known of a plugin as a whole, as JSON."""
    names = ("plugin_id", "display_name", "description", "publisher", "latest_version", "listed", "installs")
    more = ("downloads", "rating", "rating_count", "pricing", "category", "license")
    return {name: getattr(plugin, name) for name in (*names, *more)}


async def _of_plugins(session: AsyncSession) -> dict[str, int]:
    listed = func.sum(case((MarketPlugin.listed, 1), else_=0))
    query = select(listed, func.sum(MarketPlugin.installs), func.sum(MarketPlugin.downloads))
    row = (await session.execute(query)).one()
    return {name: int(value or 0) for name, value in zip(("plugins", "installs", "downloads"), row, strict=True)}


async def _count(session: AsyncSession, table: Any, *which: Any) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(*which)) or 0
