"""The tables of instances and their installs, by the questions that are asked of them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion
from rising_bsm.marketplace.instances.tables import KnownInstance, LiveInstall
from rising_bsm.marketplace.licences.tables import Activation
from rising_bsm.marketplace.reviews.tables import Review

SILENCE = timedelta(hours=72)
"""An instance that has said nothing for so long is not counted any more."""

MOST_CALLS = 1000
"""What one install weighs at most in the rate of crashes, so that none can outvote all others."""


class InstanceQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def advance(self, key: str, seq: int, moment: datetime) -> UUID | None:
        """The id of the instance, whose latest request this is now; None unless it is known, and `seq` higher."""
        newer = (KnownInstance.key == key, KnownInstance.last_seq < seq)
        values = {"last_seq": seq, "last_seen": moment}
        return await self._session.scalar(
            update(KnownInstance).where(*newer).values(values).returning(KnownInstance.id)
        )

    async def by_key(self, key: str) -> KnownInstance | None:
        """The instance with this public key."""
        return await self._session.scalar(select(KnownInstance).where(KnownInstance.key == key))

    async def lock(self, instance_id: UUID) -> None:
        """What is done for one instance is done one after the other, from here to the end of the transaction."""
        locked = select(KnownInstance.id).where(KnownInstance.id == instance_id)
        await self._session.execute(locked.with_for_update(key_share=True))

    async def reached_at(self, instance_id: UUID, url: str) -> None:
        """The instance says that this is its address now, or says nothing of it."""
        if not url:
            return
        await self._session.execute(update(KnownInstance).where(KnownInstance.id == instance_id).values(url=url))

    async def forget(self, unseen_since: datetime, limit: int) -> int:
        """Removes instances of which nothing else is kept, and says how many."""
        needed = [exists().where(table.instance_id == KnownInstance.id) for table in (Activation, Review)]
        idle = select(KnownInstance.id).where(KnownInstance.last_seen < unseen_since, *(~one for one in needed))
        found = (await self._session.scalars(idle.limit(limit))).all()
        # Once more, as one of them may have come back since.
        old = (KnownInstance.id.in_(found), KnownInstance.last_seen < unseen_since)
        await self._session.execute(delete(KnownInstance).where(*old))
        return len(found)


class InstallQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_instance(self, instance_id: UUID) -> Sequence[LiveInstall]:
        """What the instance had when it last said so."""
        return (await self._session.scalars(select(LiveInstall).where(LiveInstall.instance_id == instance_id))).all()

    async def alive(self, instance_id: UUID, plugin_id: str, moment: datetime) -> LiveInstall | None:
        """The install of the plugin there, if it is alive."""
        there = (LiveInstall.instance_id == instance_id, LiveInstall.plugin_id == plugin_id)
        return await self._session.scalar(select(LiveInstall).where(*there, _alive(moment)))

    async def known_versions(self, plugin_ids: Collection[str]) -> set[tuple[str, str]]:
        """The versions of these plugins that the catalogue has."""
        query = select(MarketVersion.plugin_id, MarketVersion.version).where(MarketVersion.plugin_id.in_(plugin_ids))
        return {(plugin_id, version) for plugin_id, version in (await self._session.execute(query)).all()}

    async def recount(self, plugin_ids: Collection[str], moment: datetime) -> None:
        """Brings the number of live installs of these plugins up to date."""
        # Locked first, and counted by a statement of its own: that one sees what others had counted until then.
        chosen = select(MarketPlugin.plugin_id).where(MarketPlugin.plugin_id.in_(plugin_ids))
        await self._session.execute(chosen.order_by(MarketPlugin.plugin_id).with_for_update(key_share=True))
        alive = select(func.count()).where(LiveInstall.plugin_id == MarketPlugin.plugin_id, _alive(moment))
        # A count is no change of the plugin.
        values = {"installs": alive.scalar_subquery(), "updated_at": MarketPlugin.updated_at}
        statement = update(MarketPlugin).where(MarketPlugin.plugin_id.in_(plugin_ids)).values(values)
        await self._session.execute(statement.execution_options(synchronize_session=False))

    async def counted(self) -> Sequence[str]:
        """The plugins whose number of installs is, or should be, more than none."""
        reported = select(LiveInstall.plugin_id).distinct()
        query = select(MarketPlugin.plugin_id).where(
            or_(MarketPlugin.installs > 0, MarketPlugin.plugin_id.in_(reported))
        )
        return (await self._session.scalars(query.order_by(MarketPlugin.plugin_id))).all()

    async def versions(self, plugin_id: str, moment: datetime) -> dict[str, int]:
        """How many live installs there are of each version."""
        query = select(LiveInstall.version, func.count()).where(LiveInstall.plugin_id == plugin_id, _alive(moment))
        rows = (await self._session.execute(query.group_by(LiveInstall.version))).all()
        return {version: count for version, count in rows}  # noqa: C416 - rows are no pairs to the type checker

    async def calls_and_crashes(self, plugin_id: str, moment: datetime) -> tuple[float, float]:
        """Both over the live installs, of which each weighs `MOST_CALLS` at most."""
        row = (await self._session.execute(_weighed(plugin_id, moment))).one()
        return float(row[0] or 0), float(row[1] or 0)


def _alive(moment: datetime) -> ColumnElement[bool]:
    return LiveInstall.seen_at > moment - SILENCE


def _weighed(plugin_id: str, moment: datetime) -> Select[float, float]:
    many = LiveInstall.calls > MOST_CALLS
    calls = case((many, float(MOST_CALLS)), else_=LiveInstall.calls * 1.0)
    crashes = case((many, LiveInstall.crashes * float(MOST_CALLS) / LiveInstall.calls), else_=LiveInstall.crashes * 1.0)
    return select(func.sum(calls), func.sum(crashes)).where(LiveInstall.plugin_id == plugin_id, _alive(moment))
