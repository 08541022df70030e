"""A publisher's key is revoked, for good: put away, or because somebody else may have it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.db import Database, now
from rising_bsm.marketplace.catalogue.releasing import set_status
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketKey, MarketVersion
from rising_bsm.marketplace.publishing.errors import NoKey
from rising_bsm.marketplace.publishing.publishers import owned_or_operated
from rising_bsm.marketplace.publishing.schema import KeyRevocation
from rising_bsm.marketplace.submissions.approval import Shelving
from rising_bsm.marketplace.submissions.queries import ShelfQueries, SubmissionQueries
from rising_bsm.marketplace.submissions.states import OPEN, State
from rising_bsm.marketplace.submissions.tables import Decision, Submission


@dataclass(frozen=True)
class Revocation:
    """What became of a key, of the versions that it has signed, and of submissions that nothing was decided about."""

    key: MarketKey
    versions: list[str]
    submissions: list[UUID]

    def as_dict(self) -> dict[str, Any]:
        """The key as JSON, with the versions that are revoked now and the submissions that are withdrawn."""
        withdrawn = [str(one) for one in self.submissions]
        return self.key.as_dict() | {"versions": self.versions, "submissions": withdrawn}


class KeyRevocations:
    """Revokes keys. `shelving` tells the index."""

    def __init__(self, database: Database, shelving: Shelving) -> None:
        self._database = database
        self._shelving = shelving

    async def revoke(self, actor: Actor, name: str, key_id: str, draft: object) -> Revocation:
        """Nothing more is taken that the key has signed; if it is compromised, its versions are revoked too.

        All in one transaction, and listed so. A key that was put away can be called compromised later; nothing is ever
        unsaid. Raises InvalidInput, NoPublisher, NotTheOwner, NoKey.
        """
        said = KeyRevocation.of(draft)
        async with self._database.transaction() as session:
            await owned_or_operated(session, actor, name)
            await ShelfQueries(session).lock(name)
            key = await _end(session, name, key_id, said)
            withdrawn = await _withdraw(session, actor, key)
            versions = await _take_back(session, key) if key.compromised_at else []
            about = said.model_dump() | {"key_id": key_id, "versions": versions}
            record(session, actor, "publishers.revoke_key", "publisher", name, about)
            await self._shelving.list_publisher(session, name)
        return Revocation(key, versions, withdrawn)


async def _end(session: AsyncSession, name: str, key_id: str, said: KeyRevocation) -> MarketKey:
    query = select(MarketKey).where(MarketKey.publisher == name, MarketKey.key_id == key_id)
    key = await session.scalar(query.with_for_update())
    if key is None:
        raise NoKey(
            "The publisher has no such key.",
            place=key_id[:64],
            next_step=f"See `rising-bsm publishers keys list {name[:40]}`.",
        )
    key.revoked_at = key.revoked_at or now()
    if said.compromised and key.compromised_at is None:
        key.compromised_at, key.revoked_because = now(), None
    key.revoked_because = key.revoked_because or said.reason
    await session.flush()
    return key


async def _withdraw(session: AsyncSession, actor: Actor, key: MarketKey) -> list[UUID]:
    """Who may revoke a key may also say that nothing follows from what it has signed."""
    waiting = Submission.publisher == key.publisher, Submission.key_id == key.key_id, Submission.state.in_(OPEN)
    withdrawn = []
    for row in (await session.scalars(select(Submission).where(*waiting).order_by(Submission.id))).all():
        if await SubmissionQueries(session).move(row.id, State(row.state), State.WITHDRAWN):
            who = {"user_id": actor.user_id, "user_name": actor.name}
            said = {"decision": "withdraw", "reason": key.because, "own": False}
            session.add(Decision(submission_id=row.id, **said, **who))
            withdrawn.append(row.id)
    return withdrawn


async def _take_back(session: AsyncSession, key: MarketKey) -> list[str]:
    signed = MarketVersion.key_id == key.key_id, MarketVersion.status != VersionStatus.REVOKED
    ordered = select(MarketVersion).where(*signed).order_by(MarketVersion.plugin_id, MarketVersion.id)
    rows = (await session.scalars(ordered)).all()
    for row in rows:
        await set_status(session, row.plugin_id, row.version, VersionStatus.REVOKED, key.because)
    return [f"{row.plugin_id} {row.version}" for row in rows]
