"""Who may decide about what."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor, User
from rising_bsm.accounts.permissions import Role as Job
from rising_bsm.marketplace.submissions.errors import OwnSubmission
from rising_bsm.marketplace.submissions.queries import ShelfQueries
from rising_bsm.marketplace.submissions.tables import Submission

PUBLISH, MANAGE = "marketplace.publish", "marketplace.manage"
OPERATORS = [job for job in Job if MANAGE in job.permissions]


async def check_not_own(session: AsyncSession, actor: Actor, submission: Submission) -> bool:
    """Whether the submission is the actor's own, which is let pass where nobody else could decide.

    Raises OwnSubmission where somebody else could.
    """
    owner = await ShelfQueries(session).owner_of(submission.publisher)
    if actor.user_id is None or actor.user_id not in (submission.submitted_by, owner):
        return False
    others = select(func.count()).where(User.role.in_(OPERATORS), User.active, User.id != actor.user_id)
    if await session.scalar(others):
        raise OwnSubmission(
            "Nobody decides about a submission of their own.",
            place=submission.publisher,
            next_step="Ask another operator of this marketplace.",
        )
    return True
