"""Deciding: by the operator, with a reason, not about one's own, and written down."""

import pytest
from sqlalchemy import select

from rising_bsm.accounts import Actor, Role
from rising_bsm.accounts.activity import Activity
from rising_bsm.errors import Error
from support.office import YES, Desk, key_draft, person, publisher_draft

pytestmark = pytest.mark.anyio


async def code_of(desk: Desk, who: Actor, submission_id: object, draft: object = YES) -> str | None:
    try:
        await desk.submissions.decide(who, submission_id, draft)  # type: ignore[arg-type] # an id
    except Error as error:
        return error.code
    return None


async def own_submission(desk: Desk) -> object:
    """One that the operator has brought as the publisher globex."""
    await desk.publishers.create(desk.boss, publisher_draft("globex"))
    await desk.publishers.add_key(desk.boss, "globex", key_draft("globex", OWN))
    submission = await desk.in_review(actor=desk.boss, key=OWN, publisher="globex")
    return submission.id


from support.bundles import make_key  # noqa: E402 - after what it is for

OWN = make_key(9)


@pytest.mark.parametrize(
    "draft",
    [
        None,
        [],
        {},
        {"decision": "approve"},
        {"decision": "approve", "reason": ""},
        {"decision": "approve", "reason": "   "},
        {"decision": "publish", "reason": "x"},
        {"decision": "approve", "reason": "x\x1b[2J"},
        {"decision": "approve", "reason": "x" * 2_001},
        {"decision": "approve", "reason": "x", "own": True},
    ],
)
async def test_a_decision_is_one_of_three_with_a_reason(desk: Desk, draft: object) -> None:
    submission = await desk.in_review()
    assert await code_of(desk, desk.boss, submission.id, draft) == "submissions.invalid"
    assert await desk.state(submission) == "in_review"


async def test_only_the_operator_decides(desk: Desk) -> None:
    submission = await desk.in_review()
    assert await code_of(desk, desk.owner, submission.id) == "permission.denied"
    assert await desk.state(submission) == "in_review"


async def test_nobody_decides_about_their_own_while_there_is_somebody_else(desk: Desk) -> None:
    await person(desk.database, Role.ADMIN)
    submission_id = await own_submission(desk)
    assert await code_of(desk, desk.boss, submission_id) == "submissions.own"


async def test_the_only_operator_does_and_it_is_written_down(desk: Desk) -> None:
    submission_id = await own_submission(desk)
    assert await code_of(desk, desk.boss, submission_id) is None
    said = await desk.submissions.get(desk.boss, submission_id)  # type: ignore[arg-type] # an id
    assert [(one["decision"], one["own"]) for one in said["decisions"]] == [("approve", True)]


async def test_who_has_brought_it_for_another_owner_is_not_free_of_it(desk: Desk) -> None:
    other = await person(desk.database, Role.ADMIN)
    submission_id = await own_submission(desk)
    assert await code_of(desk, other, submission_id) is None


@pytest.mark.parametrize("decision", ["approve", "request_changes", "reject"])
async def test_the_publisher_reads_what_was_decided_and_so_does_the_log(desk: Desk, decision: str) -> None:
    submission = await desk.in_review()
    await desk.submissions.decide(desk.boss, submission.id, {"decision": decision, "reason": "See line 3."})
    told = (await desk.submissions.get(desk.owner, submission.id))["decisions"]
    assert [(one["decision"], one["reason"], one["by"]) for one in told] == [(decision, "See line 3.", "Test Person")]
    async with desk.database.reading() as session:
        actions = select(Activity).where(Activity.entity == "submission", Activity.entity_id == str(submission.id))
        entries = (await session.scalars(actions.order_by(Activity.id))).all()
    assert [entry.action for entry in entries] == ["submissions.create", f"submissions.{decision}"]
    assert entries[-1].detail["reason"] == "See line 3."
