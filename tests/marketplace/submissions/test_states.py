"""Every move of a submission and of a version, by everybody: those in the tables succeed, all others do not."""

from itertools import product

import pytest

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.marketplace.catalogue.statuses import NEXT, VersionStatus
from rising_bsm.marketplace.publishing.versions import VERBS
from rising_bsm.marketplace.submissions.queries import SubmissionQueries
from rising_bsm.marketplace.submissions.states import DECISIONS, MOVES, OPEN, VERSION_MOVES, Role, State
from rising_bsm.marketplace.submissions.tables import Submission
from support.office import Desk

pytestmark = pytest.mark.anyio

DEEDS = ("send", "withdraw", *DECISIONS)
ENDS = {"send": State.SUBMITTED, "withdraw": State.WITHDRAWN, **DECISIONS}
PEOPLE = ("owner", "boss", "stranger")
OF = {"owner": Role.OWNER, "boss": Role.OPERATOR}


async def put(database: Database, submission: Submission, state: State) -> None:
    async with database.transaction() as session:
        row = await SubmissionQueries(session).by_id(submission.id)
        assert row is not None
        row.state = state
        row.open_for = row.open_for if state in OPEN else None


async def do(desk: Desk, deed: str, who: Actor, submission: Submission) -> str | None:
    """The code it was refused with."""
    try:
        if deed in DECISIONS:
            await desk.submissions.decide(who, submission.id, {"decision": deed, "reason": "Because."})
        else:
            await getattr(desk.submissions, deed)(who, submission.id)
    except Error as error:
        return error.code
    return None


@pytest.mark.parametrize("who", PEOPLE)
async def test_every_move_of_a_submission(desk: Desk, who: str) -> None:
    for number, (state, deed) in enumerate(product(State, DEEDS)):
        submission = await desk.submit(f"1.0.{number}")
        await put(desk.database, submission, state)
        refused = await do(desk, deed, getattr(desk, who), submission)
        allowed = who in OF and MOVES.get((state, ENDS[deed])) == OF[who]
        assert (refused is None) == allowed, (state, deed, refused)
        assert await desk.state(submission) == (ENDS[deed] if allowed else state)
        if await desk.state(submission) in OPEN:
            await put(desk.database, submission, State.REJECTED)


async def put_version(desk: Desk, status: VersionStatus) -> None:
    from sqlalchemy import update

    from rising_bsm.marketplace.catalogue.tables import MarketVersion

    async with desk.database.transaction() as session:
        await session.execute(update(MarketVersion).values(status=status))


@pytest.mark.parametrize("who", PEOPLE)
async def test_every_move_of_a_version(desk: Desk, who: str) -> None:
    await desk.approved()
    for start, verb in product(VersionStatus, VERBS):
        await put_version(desk, start)
        try:
            await desk.versions.change(getattr(desk, who), "acme.hello", "1.0.0", verb, {"reason": "Because."})
            refused = None
        except Error as error:
            refused = error.code
        allowed = OF.get(who) in VERSION_MOVES.get((start, VERBS[verb]), frozenset())
        assert (refused is None) == allowed, (start, verb, refused)
        found = await desk.version()
        assert found is not None
        assert found.status == (VERBS[verb] if allowed else start)


def test_the_tables_agree_with_the_catalogue_and_leave_no_way_out_of_the_end() -> None:
    assert {(start, end) for start, ends in NEXT.items() for end in ends} == set(VERSION_MOVES)
    assert {start for start, _ in MOVES} == OPEN
    assert {end for _, end in MOVES} | {State.DRAFT} == set(State)
