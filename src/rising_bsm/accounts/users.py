"""Users: the people who work here."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.permissions import Role
from rising_bsm.db import Base, iso


class User(Base):
    """Somebody who can sign in; `email` is kept in lower case and is unique."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(String(255))

    @property
    def actor(self) -> Actor:
        """The user, with all the rights of their role."""
        return Actor(user_id=self.id, name=self.name, permissions=Role(self.role).permissions)

    def as_dict(self) -> dict[str, Any]:
        """The user as JSON, without the password's hash."""
        known = {"id": str(self.id), "email": self.email, "name": self.name, "role": self.role, "active": self.active}
        return known | {"created_at": iso(self.created_at), "updated_at": iso(self.updated_at)}


class Users:
    """The users' table, by the questions that are asked of it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, user_id: UUID) -> User | None:
        """The user with this id."""
        return await self._session.get(User, user_id)

    async def by_email(self, email: str) -> User | None:
        """The user with this e-mail address, in whatever case it is written."""
        return await self._session.scalar(select(User).where(User.email == email.strip().lower()))

    async def everybody(self) -> Sequence[User]:
        """All users by name."""
        return (await self._session.scalars(select(User).order_by(User.name, User.id))).all()

    async def are_there_any(self) -> bool:
        """Whether anybody was ever added."""
        return await self._session.scalar(select(User.id).limit(1)) is not None

    async def active_admins(self) -> int:
        """How many people can still manage everything."""
        query = select(func.count()).where(User.role == Role.ADMIN, User.active)
        return await self._session.scalar(query) or 0
