"""Publishers that the operator has suspended: nothing of theirs is taken or released until that is lifted."""

from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.validation import SEVERAL_LINES, Input
from rising_bsm.db import Database
from rising_bsm.errors import Conflict
from rising_bsm.marketplace.catalogue.tables import Publisher
from rising_bsm.marketplace.publishing.errors import NoPublisher
from rising_bsm.marketplace.publishing.publishers import owned_or_operated
from rising_bsm.marketplace.publishing.tables import PublisherSuspension
from rising_bsm.marketplace.submissions.rights import MANAGE


class PublisherSuspended(Conflict):
    """The operator has suspended the publisher; `place` is its name."""

    code = "publishers.suspended"


class SuspensionDraft(Input):
    """Why; the publisher reads it."""

    refusal: ClassVar[str] = "publishers.invalid"

    reason: Annotated[str, Field(min_length=1, max_length=2_000), SEVERAL_LINES]


class Suspensions:
    """Suspends publishers. What of theirs can be had stays as it is: versions are suspended one by one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def suspend(self, actor: Actor, name: str, draft: object) -> None:
        """Nothing of the publisher is taken or released from now on.

        Raises InvalidInput, NoPublisher, PublisherSuspended for one that is suspended already.
        """
        actor.require(MANAGE)
        said = SuspensionDraft.of(draft)
        try:
            async with self._database.transaction() as session:
                if await session.scalar(select(Publisher.id).where(Publisher.name == name)) is None:
                    raise NoPublisher(name)
                session.add(PublisherSuspension(publisher=name, reason=said.reason, by=actor.name))
                await session.flush()
                record(session, actor, "publishers.suspend", "publisher", name, {"reason": said.reason})
        except IntegrityError:
            raise PublisherSuspended("The publisher is suspended already.", place=name) from None

    async def lift(self, actor: Actor, name: str) -> None:
        """The publisher goes on, if it was suspended."""
        actor.require(MANAGE)
        async with self._database.transaction() as session:
            await session.execute(delete(PublisherSuspension).where(PublisherSuspension.publisher == name))
            record(session, actor, "publishers.lift_suspension", "publisher", name, {})

    async def of(self, actor: Actor, name: str) -> dict[str, Any] | None:
        """The publisher's suspension as JSON, None without, for its owner and the operator.

        Raises NoPublisher, NotTheOwner.
        """
        async with self._database.reading() as session:
            await owned_or_operated(session, actor, name)
            found = await _find(session, name)
        return found.as_dict() if found else None


async def check_goes_on(session: AsyncSession, publisher: str) -> None:
    """Raises PublisherSuspended while the publisher is."""
    if suspension := await _find(session, publisher):
        raise PublisherSuspended(
            f"{publisher} is suspended: {suspension.reason}",
            place=publisher,
            next_step="Talk to the operator of this marketplace, who can lift it.",
        )


async def _find(session: AsyncSession, publisher: str) -> PublisherSuspension | None:
    query = select(PublisherSuspension).where(PublisherSuspension.publisher == publisher)
    return await session.scalar(query)
