"""Bundles of submissions that came to nothing go after a while; what was decided stays."""

from datetime import timedelta

import pytest

from rising_bsm.db import now
from rising_bsm.errors import Error
from rising_bsm.marketplace.submissions.tables import Submission
from support.office import YES, Desk

pytestmark = pytest.mark.anyio

NO = {"decision": "reject", "reason": "It copies another."}
LATER = now() + timedelta(days=31)


async def rejected(desk: Desk, version: str = "1.0.0") -> Submission:
    submission = await desk.in_review(version)
    await desk.submissions.decide(desk.boss, submission.id, NO)
    return submission


async def has(desk: Desk, submission: Submission) -> bool:
    return await desk.blobs.size(submission.bundle_sha256) is not None


async def test_a_rejected_bundle_goes_after_a_month(on_each_database: Desk) -> None:
    desk = on_each_database
    submission = await rejected(desk)
    await desk.pruning.prune(now() + timedelta(days=29))
    assert await has(desk, submission)

    await desk.pruning.prune(LATER)

    assert not await has(desk, submission)
    found = await desk.submissions.get(desk.owner, submission.id)
    assert [one["reason"] for one in found["decisions"]] == [NO["reason"]]
    for asked in (desk.submissions.bundle, desk.submissions.diff):
        with pytest.raises(Error) as refusal:
            await asked(desk.boss, submission.id)
        assert refusal.value.code == "submissions.bundle_gone"
    await desk.pruning.prune(LATER)


async def test_what_somebody_still_needs_stays(desk: Desk) -> None:
    needed = [await desk.released("1.0.0"), await desk.in_review("1.1.0"), await desk.submit("1.2.0", draft=True)]
    await desk.pruning.prune(LATER)
    assert [await has(desk, one) for one in needed] == [True] * 3


async def test_the_same_bytes_submitted_again_stay(desk: Desk) -> None:
    first = await rejected(desk)
    again = await desk.in_review("1.0.0")
    assert first.bundle_sha256 == again.bundle_sha256
    await desk.pruning.prune(LATER)
    assert await has(desk, again)
    await desk.submissions.decide(desk.boss, again.id, YES)
    await desk.pruning.prune(LATER)
    assert await has(desk, again), "it is a version now"


async def test_and_again_after_they_are_gone(desk: Desk) -> None:
    await rejected(desk)
    await desk.pruning.prune(LATER)
    again = await desk.in_review("1.0.0")
    assert await desk.submissions.bundle(desk.boss, again.id)
    await desk.submissions.withdraw(desk.owner, again.id)
    await desk.pruning.prune(LATER)
    assert not await has(desk, again)
