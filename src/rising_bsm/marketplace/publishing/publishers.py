"""Publishers: made by whoever will act for them, verified by the operator."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.analysis.names import RESERVED, distance, skeleton
from rising_bsm.bundle import PublicKey
from rising_bsm.db import Database
from rising_bsm.marketplace.catalogue.tables import MarketKey, Publisher
from rising_bsm.marketplace.publishing.errors import KeyTaken, NameTaken, NoPublisher, NotTheOwner
from rising_bsm.marketplace.publishing.proof import check_proof
from rising_bsm.marketplace.publishing.schema import KeyDraft, PublisherDraft
from rising_bsm.marketplace.submissions.rights import MANAGE, PUBLISH


class Publishers:
    """The publishers of this marketplace and their keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, actor: Actor, draft: object) -> Publisher:
        """A new publisher, which the actor owns. Raises InvalidInput, NameTaken."""
        actor.require(PUBLISH)
        accepted = PublisherDraft.of(draft)
        publisher = Publisher(**accepted.model_dump(), owner_id=actor.user_id, verified=False)
        try:
            async with self._database.transaction() as session:
                await _check_name(session, accepted.name)
                session.add(publisher)
                await session.flush()
                record(session, actor, "publishers.create", "publisher", publisher.name, {})
        except IntegrityError:
            raise _taken(accepted.name) from None
        return publisher

    async def mine(self, actor: Actor) -> list[dict[str, Any]]:
        """The publishers that the actor owns, with their keys, as JSON."""
        actor.require(PUBLISH)
        async with self._database.reading() as session:
            query = select(Publisher).where(Publisher.owner_id == actor.user_id).order_by(Publisher.name)
            owned = (await session.scalars(query)).all() if actor.user_id else []
            return [await _with_keys(session, publisher) for publisher in owned]

    async def add_key(self, actor: Actor, name: str, draft: object) -> MarketKey:
        """From now on the key may sign the publisher's bundles.

        Raises NoPublisher, NotTheOwner, InvalidInput, InvalidKey, NoProof, KeyTaken.
        """
        actor.require(PUBLISH)
        accepted = KeyDraft.of(draft)
        public_key = PublicKey.parse(accepted.public_key)
        check_proof(name, public_key, accepted.proof)
        key = MarketKey(publisher=name, key_id=public_key.key_id, public_key=str(public_key), added_by=actor.user_id)
        try:
            async with self._database.transaction() as session:
                await owned(session, actor, name)
                session.add(key)
                await session.flush()
                record(session, actor, "publishers.add_key", "publisher", name, {"key_id": key.key_id})
        except IntegrityError:
            raise KeyTaken(
                "This key is registered already; a key is good for one publisher, once and for all.",
                place=key.key_id,
                next_step="Make another with `rising-bsm keys generate`.",
            ) from None
        return key

    async def keys(self, actor: Actor, name: str) -> list[dict[str, Any]]:
        """Every key that ever was the publisher's, the oldest first, as JSON. Raises NoPublisher, NotTheOwner."""
        async with self._database.reading() as session:
            await owned_or_operated(session, actor, name)
            return await _keys(session, name)

    async def verify(self, actor: Actor, name: str, *, verified: bool = True) -> Publisher:
        """The operator knows who this is, or does not any more. Raises NoPublisher."""
        actor.require(MANAGE)
        async with self._database.transaction() as session:
            publisher = await _find(session, name)
            publisher.verified = verified
            record(session, actor, "publishers.verify", "publisher", name, {"verified": verified})
        return publisher


async def owned(session: AsyncSession, actor: Actor, name: str) -> Publisher:
    """The publisher, if the actor owns it. Raises NoPublisher, NotTheOwner."""
    publisher = await _find(session, name)
    if actor.user_id is None or publisher.owner_id != actor.user_id:
        raise NotTheOwner("Only who owns the publisher may do this.", place=name, next_step="Ask its owner.")
    return publisher


async def owned_or_operated(session: AsyncSession, actor: Actor, name: str) -> UUID | None:
    """The publisher's owner, if that or the operator is who asks. Raises NoPublisher, NotTheOwner."""
    if actor.may(MANAGE):
        return (await _find(session, name)).owner_id
    actor.require(PUBLISH)
    return (await owned(session, actor, name)).owner_id


async def _find(session: AsyncSession, name: str) -> Publisher:
    publisher: Publisher | None = await session.scalar(select(Publisher).where(Publisher.name == name))
    if publisher is None:
        raise NoPublisher(name)
    return publisher


async def _check_name(session: AsyncSession, name: str) -> None:
    mine = skeleton(name)
    taken = [*(await session.scalars(select(Publisher.name))).all(), *RESERVED]
    allowed = 0 if len(name) < 6 else 1
    close = [other for other in taken if distance(mine, skeleton(other), allowed) <= allowed]
    if close:
        raise _taken(min(close))


def _taken(other: str) -> NameTaken:
    return NameTaken(
        f"The name can be taken for {other!r}, which somebody has or nobody may have.",
        place=other,
        next_step="Choose another name.",
    )


async def _with_keys(session: AsyncSession, publisher: Publisher) -> dict[str, Any]:
    return publisher.as_dict() | {"email": publisher.email, "keys": await _keys(session, publisher.name)}


async def _keys(session: AsyncSession, name: str) -> list[dict[str, Any]]:
    query = select(MarketKey).where(MarketKey.publisher == name).order_by(MarketKey.id)
    return [key.as_dict() for key in (await session.scalars(query)).all()]
