"""The tables of licences, by the questions that are asked of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion, Publisher
from rising_bsm.marketplace.instances.queries import SILENCE
from rising_bsm.marketplace.instances.tables import KnownInstance
from rising_bsm.marketplace.licences.schema import LicenceQuery
from rising_bsm.marketplace.licences.tables import Activation, DownloadToken, SoldLicence


class LicenceQueries:
    """Named queries over one session. What is `locked` stays as it is for others until the transaction ends."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, licence_id: UUID) -> SoldLicence | None:
        """The licence with this id."""
        return await self._session.get(SoldLicence, licence_id)

    async def locked(self, *conditions: ColumnElement[bool]) -> Sequence[SoldLicence]:
        """The licences that meet all conditions, locked in the order of their ids, which is the same for everybody."""
        # Nothing refers to what changes in them, so what refers to them need not wait.
        query = select(SoldLicence).where(*conditions).order_by(SoldLicence.id).with_for_update(key_share=True)
        return (await self._session.scalars(query.execution_options(populate_existing=True))).all()

    async def locked_by_key(self, plugin_id: str, digest: str) -> SoldLicence | None:
        """The licence for this plugin whose key has this SHA-256, locked."""
        found = await self.locked(SoldLicence.key_digest == digest, SoldLicence.plugin_id == plugin_id)
        return found[0] if found else None

    async def locked_trial(self, plugin_id: str, key: str) -> SoldLicence | None:
        """The trial of this plugin that the instance with this key has or had, locked."""
        found = await self.locked(SoldLicence.trial_of == key, SoldLicence.plugin_id == plugin_id)
        return found[0] if found else None

    async def locked_on(self, instance_id: UUID, plugin_id: str) -> Sequence[SoldLicence]:
        """The licences for this plugin that are active on the instance, locked."""
        there = select(Activation.licence_id).where(
            Activation.instance_id == instance_id, Activation.released_at.is_(None)
        )
        return await self.locked(SoldLicence.plugin_id == plugin_id, SoldLicence.id.in_(there))

    async def page(self, query: LicenceQuery, owner_id: UUID | None) -> Sequence[SoldLicence]:
        """The licences that the query describes and one more, the newest first; of one publisher's plugins alone if it
        is about what the person `owner_id` sells."""
        conditions = _described(query)
        if owner_id is not None:
            owned = select(MarketPlugin.plugin_id).join(Publisher, Publisher.name == MarketPlugin.publisher)
            conditions.append(SoldLicence.plugin_id.in_(owned.where(Publisher.owner_id == owner_id)))
        page = select(SoldLicence).where(*conditions).order_by(SoldLicence.id.desc()).limit(query.limit + 1)
        return (await self._session.scalars(page)).all()

    async def seats(self, licence_ids: Collection[UUID], moment: datetime) -> dict[UUID, int]:
        """How many seats of these licences are taken by instances that are alive; licences without any are left out."""
        taken = (Activation.released_at.is_(None), Activation.seated, Activation.seen_at > moment - SILENCE)
        query = select(Activation.licence_id, func.count()).where(Activation.licence_id.in_(licence_ids), *taken)
        rows = (await self._session.execute(query.group_by(Activation.licence_id))).all()
        return {licence_id: count for licence_id, count in rows}  # noqa: C416 - rows are no pairs to the type checker

    async def stays(self, licence_id: UUID, limit: int) -> Sequence[tuple[Activation, KnownInstance]]:
        """Where the licence is and was active, the newest first."""
        query = select(Activation, KnownInstance).join(KnownInstance, KnownInstance.id == Activation.instance_id)
        newest = query.where(Activation.licence_id == licence_id).order_by(Activation.id.desc()).limit(limit)
        return [(row[0], row[1]) for row in (await self._session.execute(newest)).all()]

    async def of_instance(self, instance_id: UUID, licence_ids: Collection[UUID]) -> set[UUID]:
        """Which of these licences are or were active on the instance."""
        query = select(Activation.licence_id).where(
            Activation.instance_id == instance_id, Activation.licence_id.in_(licence_ids)
        )
        return set((await self._session.scalars(query)).all())


class ShopQueries:
    """What the licences are for: named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def plugin(self, plugin_id: str) -> MarketPlugin | None:
        """The plugin of the catalogue."""
        return await self._session.scalar(select(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id))

    async def owner_of(self, plugin_id: str) -> UUID | None:
        """Whoever acts for the publisher of the plugin."""
        query = select(Publisher.owner_id).join(MarketPlugin, MarketPlugin.publisher == Publisher.name)
        return await self._session.scalar(query.where(MarketPlugin.plugin_id == plugin_id))

    async def paid(self, owner_id: UUID | None) -> Sequence[str]:
        """The plugins that are paid for; of one publisher alone if it is about what the person `owner_id` sells."""
        query = select(MarketPlugin.plugin_id).where(MarketPlugin.pricing == "paid").order_by(MarketPlugin.plugin_id)
        if owner_id is not None:
            query = query.join(Publisher, Publisher.name == MarketPlugin.publisher)
            query = query.where(Publisher.owner_id == owner_id)
        return (await self._session.scalars(query)).all()

    async def version(self, plugin_id: str, version: str) -> MarketVersion | None:
        """One version of the plugin."""
        this = (MarketVersion.plugin_id == plugin_id, MarketVersion.version == version)
        return await self._session.scalar(select(MarketVersion).where(*this))


class TokenQueries:
    """The tokens' table, by the questions that are asked of it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def redeem(self, digest: str, instance_id: UUID, moment: datetime) -> DownloadToken | None:
        """The token, which nobody can redeem from now on; None if that is so already, or it is not this instance's."""
        fits = (DownloadToken.digest == digest, DownloadToken.instance_id == instance_id)
        fresh = (DownloadToken.redeemed_at.is_(None), DownloadToken.expires_at > moment)
        # One statement: of any number that are sent at once, the database lets one find the row.
        statement = update(DownloadToken).where(*fits, *fresh).values(redeemed_at=moment).returning(DownloadToken)
        return await self._session.scalar(statement)

    async def forget(self, expired_before: datetime) -> None:
        """Removes tokens that nobody can use."""
        await self._session.execute(delete(DownloadToken).where(DownloadToken.expires_at < expired_before))


def _described(query: LicenceQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, value in (("plugin_id", query.plugin), ("status", query.status)):
        if value is not None:
            conditions.append(getattr(SoldLicence, name) == value)
    if query.holder:
        text = query.holder
        conditions.append(or_(SoldLicence.holder == text, SoldLicence.holder.icontains(text, autoescape=True)))
    if query.cursor is not None:
        conditions.append(SoldLicence.id < query.cursor)
    return conditions
