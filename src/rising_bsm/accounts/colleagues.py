"""Who works here, for those who work with them: names, roles and e-mail addresses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.permissions import Role
from rising_bsm.accounts.users import User
from rising_bsm.accounts.validation import Input
from rising_bsm.db import Database
from rising_bsm.errors import NotFound


class ColleagueQuery(Input):
    """Which users, by name. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "accounts.invalid_query"

    role: Role | None = None
    active: bool | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


@dataclass(frozen=True)
class Colleague:
    """What colleagues know of each other."""

    user: User

    def as_dict(self) -> dict[str, Any]:
        """The colleague as JSON."""
        user = self.user
        return {"id": str(user.id), "name": user.name, "role": user.role, "email": user.email, "active": user.active}


@dataclass(frozen=True)
class ColleaguePage:
    """Some of those who were asked for; `total` is how many there are of them in all."""

    items: Sequence[Colleague]
    total: int
    limit: int
    offset: int

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        items = [colleague.as_dict() for colleague in self.items]
        return {"items": items, "total": self.total, "limit": self.limit, "offset": self.offset}


class Colleagues:
    """The users in `database`. Every method raises PermissionDenied unless the actor has `users.read`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, actor: Actor, user_id: UUID) -> Colleague:
        """The user with this id, active or not; raises NotFound (`accounts.user_not_found`)."""
        actor.require("users.read")
        async with self._database.reading() as session:
            user = await session.get(User, user_id)
        if user is None:
            raise NotFound("There is no user with this id.", code="accounts.user_not_found", place=str(user_id))
        return Colleague(user)

    async def names(self, actor: Actor, user_ids: Collection[UUID]) -> dict[UUID, str]:
        """What those of them are called that are there, active or not, by id."""
        actor.require("users.read")
        async with self._database.reading() as session:
            rows = await session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
        return {row[0]: row[1] for row in rows}

    async def list(self, actor: Actor, query: ColleagueQuery) -> ColleaguePage:
        """One page of them, by name."""
        actor.require("users.read")
        wanted = {User.role: query.role, User.active: query.active}
        conditions = [column == value for column, value in wanted.items() if value is not None]
        found = select(User).where(*conditions).order_by(User.name, User.id).limit(query.limit).offset(query.offset)
        async with self._database.reading() as session:
            users = (await session.scalars(found)).all()
            total = await session.scalar(select(func.count(User.id)).where(*conditions)) or 0
        return ColleaguePage([Colleague(user) for user in users], total, query.limit, query.offset)
