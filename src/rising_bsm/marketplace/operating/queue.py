"""What was submitted, as whoever reviews it looks through it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_, select

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import ONE_LINE, Input
from rising_bsm.db import Database, iso, now
from rising_bsm.marketplace.submissions.rights import MANAGE
from rising_bsm.marketplace.submissions.states import OPEN, State
from rising_bsm.marketplace.submissions.tables import Decision, Submission

LATEST = 10


class QueueQuery(Input):
    """Which submissions: in which state (`open` for all that something still follows), submitted how many days ago."""

    refusal: ClassVar[str] = "submissions.invalid"

    state: State | Literal["open"] | None = None
    search: Annotated[str, Field(max_length=200), ONE_LINE] = ""
    days: Annotated[int, Field(ge=0, le=3650)] = 0
    sort: Literal["submitted_at", "-submitted_at"] = "submitted_at"
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 25

    def conditions(self, moment: datetime) -> list[ColumnElement[bool]]:
        """What those that are meant have in common."""
        found: list[ColumnElement[bool]] = []
        if self.state:
            found.append(Submission.state.in_(OPEN) if self.state == "open" else Submission.state == self.state)
        if self.days:
            found.append(Submission.submitted_at <= moment - timedelta(days=self.days))
        if self.search:
            parts = (Submission.plugin_id, Submission.submitted_by_name)
            found.append(or_(*(part.icontains(self.search, autoescape=True) for part in parts)))
        return found


class Queue:
    """The submissions of all publishers, for the operator alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, actor: Actor, query: QueueQuery) -> dict[str, Any]:
        """`items`, how many there are in all (`total`), and how many in each state (`states`), as JSON."""
        actor.require(MANAGE)
        which = query.conditions(now())
        order = [Submission.submitted_at.asc().nulls_last(), Submission.id]
        if query.sort.startswith("-"):
            order = [Submission.submitted_at.desc().nulls_first(), Submission.id.desc()]
        rows = select(Submission).where(*which).order_by(*order).limit(query.limit).offset(query.offset)
        async with self._database.reading() as session:
            total = await session.scalar(select(func.count()).select_from(Submission).where(*which)) or 0
            items = [row.as_dict() for row in await session.scalars(rows)]
            states = (await session.execute(_in_states())).all()
        return {"items": items, "total": total, "states": {str(state): count for state, count in states}}

    async def history(self, actor: Actor, publisher: str) -> dict[str, Any]:
        """What became of the publisher's submissions: how many in each state, the `latest`, and what was decided."""
        actor.require(MANAGE)
        mine = Submission.publisher == publisher
        newest = select(Submission).where(mine).order_by(Submission.id.desc()).limit(LATEST)
        async with self._database.reading() as session:
            states = (await session.execute(_in_states(mine))).all()
            latest = (await session.scalars(newest)).all()
            decided = select(Decision).where(Decision.submission_id.in_([one.id for one in latest]))
            decisions = (await session.scalars(decided.order_by(Decision.id))).all()
        said = [one.as_dict() | {"decisions": _about(one, decisions)} for one in latest]
        return {"states": {str(state): count for state, count in states}, "latest": said}

    async def waiting(self, actor: Actor) -> dict[str, Any]:
        """How many wait to be reviewed (`count`), and since when the first of them does."""
        actor.require(MANAGE)
        query = select(func.count(), func.min(Submission.submitted_at)).where(Submission.state == State.IN_REVIEW)
        async with self._database.reading() as session:
            count, since = (await session.execute(query)).one()
        return {"count": count, "since": since and iso(since)}


def _in_states(*which: ColumnElement[bool]) -> Any:
    return select(Submission.state, func.count()).where(*which).group_by(Submission.state)


def _about(submission: Submission, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    return [one.as_dict() for one in decisions if one.submission_id == submission.id]
