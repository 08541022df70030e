"""Users: the people who work here."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, select
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

    @property
    def is_active_admin(self) -> bool:
        """Whether this user can manage everything now."""
        return self.active and self.role == Role.ADMIN

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

    async def by_email(self, email: str | None) -> User | None:
        """The user with this e-mail address, given in its canonical form."""
        return await self._session.scalar(select(User).where(User.email == email))

    async def everybody(self) -> Sequence[User]:
        """All users by name."""
        return (await self._session.scalars(select(User).order_by(User.name, User.id))).all()

    async def are_there_any(self) -> bool:
        """Whether anybody was ever added."""
        return await self._session.scalar(select(User.id).limit(1)) is not None

    async def active_admins(self) -> Sequence[UUID]:
        """Who can still manage everything; locked until the transaction ends, so that nobody else locks them out."""
        query = select(User.id).where(User.role == Role.ADMIN, User.active).with_for_update()
        return (await self._session.scalars(query)).all()
