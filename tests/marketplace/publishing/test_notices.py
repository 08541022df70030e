"""What operators are told unasked: what waits for them, and what is over soon."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from rising_bsm.accounts import Role
from rising_bsm.analysis.everything import Surroundings
from rising_bsm.analysis.finding import Finding
from rising_bsm.business.notifications.model import Notification
from rising_bsm.db import now
from rising_bsm.marketplace.index.root import RootKeys
from rising_bsm.marketplace.index.tables import IndexFile
from rising_bsm.marketplace.submissions.scanner import Scanner
from support.database import open_database
from support.office import Desk, open_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def indexed() -> AsyncIterator[Desk]:
    """An office with a real index, that nobody has used yet."""
    async with open_database() as database, open_desk(database, real_index=True) as desk:
        yield desk


async def told(desk: Desk) -> list[tuple[str | None, str, str]]:
    async with desk.database.reading() as session:
        found = (await session.scalars(select(Notification).order_by(Notification.id))).all()
    return [(one.role, one.level, f"{one.title}: {one.message}") for one in found]


async def test_operators_are_told_of_what_waits_for_its_review(desk: Desk) -> None:
    await desk.submit("1.0.0", draft=True)
    submission = await desk.submit("1.1.0")
    assert await told(desk) == [], "the program looks at it first"
    await desk.scanner.scan_next()

    [(role, level, text)] = await told(desk)

    assert (role, level) == (Role.ADMIN, "info")
    assert "acme.hello 1.1.0 waits for its review" in text
    assert str(submission.id) in text
    assert await desk.scanner.scan_next() is None
    assert len(await told(desk)) == 1


async def test_what_was_withdrawn_meanwhile_waits_for_nobody(desk: Desk) -> None:
    submission = await desk.submit()

    async def meanwhile(_data: bytes, _surroundings: Surroundings) -> list[Finding]:
        await desk.submissions.withdraw(desk.owner, submission.id)
        return []

    known = (desk.database, lambda: desk.blobs, meanwhile, desk.notices.to_review, desk.shelving.finish_all)
    assert await Scanner(*known).scan_next() == submission.id
    assert (await desk.state(submission), await told(desk)) == ("withdrawn", [])


async def test_a_root_that_nobody_can_renew_is_spoken_of_two_weeks_before(
    indexed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await indexed.index.start()
    root = RootKeys(indexed.database, indexed.cipher)
    await root.forget(await root.here())
    made = now()
    for days, texts in ((300, 0), (350, 0), (352, 1), (353, 2)):
        moment = made + timedelta(days=days)
        monkeypatch.setattr("rising_bsm.marketplace.index.service.now", lambda moment=moment: moment)
        await indexed.notices.expiring()
        assert len(await told(indexed)) == texts, days
    [*_, (role, level, text)] = await told(indexed)
    assert (role, level) == (Role.ADMIN, "warning")
    assert "`root` signs is over" in text
    assert "import-root" in text
    assert "`targets`" not in text, "what can be renewed is renewed"


async def test_who_has_no_index_is_told_nothing_and_gets_none(indexed: Desk) -> None:
    await indexed.notices.expiring()
    assert await told(indexed) == []
    async with indexed.database.reading() as session:
        assert (await session.scalars(select(IndexFile))).all() == []
