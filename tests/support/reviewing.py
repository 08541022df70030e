"""An instance whose marketplace has submissions in review without a scan: the test says what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from rising_bsm.accounts import Actor, Role
from rising_bsm.db import now
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.submissions.states import State
from rising_bsm.marketplace.submissions.tables import Submission
from support.office import YES, bundle, key_draft, publisher_draft
from support.web import Instance

WARNING = {
    "severity": "warning",
    "code": "size",
    "message": "It is large.",
    "place": "code/a.py:3",
    "remedy": "Cut it.",
}
BAIT = {"severity": "ok", "code": "bait", "message": "3 calls on bait customers: nothing of them came out."}


@dataclass
class Reviewing:
    """The marketplace of an instance, with acme of `author`, whose key is that of the tests; `boss` operates it."""

    instance: Instance
    author: Actor
    boss: Actor
    authors: httpx.AsyncClient
    bosses: httpx.AsyncClient

    @property
    def market(self) -> Market:
        return self.instance.services.market

    async def in_review(
        self, version: str = "1.0.0", *, found: Sequence[dict[str, str]] = (WARNING, BAIT), **options: Any
    ) -> UUID:
        """A submission of acme.hello, as if a scan had found this."""
        data = bundle(version, **options)
        submission = await self.market.office.submissions.submit(self.author, data, draft=True)
        values = {"state": State.IN_REVIEW, "submitted_at": now(), "scanned_at": now(), "findings": list(found)}
        async with self.market.database.transaction() as session:
            await session.execute(update(Submission).where(Submission.id == submission.id).values(**values))
        return submission.id

    async def released(self, version: str = "1.0.0", **options: Any) -> UUID:
        """As `in_review`, approved and to be had."""
        submission = await self.in_review(version, **options)
        done = await self.market.office.submissions.decide(self.boss, submission, YES)
        await self.market.office.versions.change(self.author, done.plugin_id, version, "release", None)
        return submission


async def reviewing(instance: Instance) -> Reviewing:
    """The marketplace of the instance with its people."""
    people = [await instance.add_user(role) for role in (Role.PUBLISHER, Role.ADMIN)]
    author, boss = (Actor(one.id, one.name, one.role.permissions) for one in people)
    publishers = instance.services.market.office.publishers
    await publishers.create(author, publisher_draft())
    await publishers.add_key(author, "acme", key_draft())
    return Reviewing(instance, author, boss, *[await instance.browser(user=one) for one in people])
