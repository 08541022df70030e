"""Access tokens: how programs act for a user, with the user's rights or fewer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.schema import TokenDraft
from rising_bsm.accounts.users import User
from rising_bsm.accounts.validation import wrong_field
from rising_bsm.db import Base, Json, iso, uuid7
from rising_bsm.errors import PermissionDenied

PREFIX = "rbsm_"
NOT_BY_TOKEN = frozenset({"tokens.manage"})
"""What no token carries: one that leaked must not be able to make another."""


class Token(Base):
    """An access token of a user; the token itself is shown once and only its SHA-256 is kept.

    `scopes` are the permission codes it is limited to; None means all that its user has.
    """

    __tablename__ = "tokens"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str] | None] = mapped_column(Json)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    def has_expired(self, moment: datetime) -> bool:
        """Whether its time is over at this moment."""
        return self.expires_at is not None and self.expires_at <= moment

    def actor_for(self, user: User) -> Actor:
        """The user as far as this token goes."""
        everything = user.actor
        allowed = everything.permissions - NOT_BY_TOKEN
        scopes = allowed if self.scopes is None else allowed & frozenset(self.scopes)
        return Actor(user_id=user.id, name=user.name, permissions=scopes)

    def as_dict(self) -> dict[str, Any]:
        """The token as JSON, without anything that it could be used by."""
        times = {"expires_at": self.expires_at, "last_used_at": self.last_used_at}
        return {
            "id": str(self.id),
            "name": self.name,
            "scopes": self.scopes,
            "created_at": iso(self.created_at),
        } | {name: moment and iso(moment) for name, moment in times.items()}


@dataclass(frozen=True)
class IssuedToken:
    """A new token and its `secret` (`rbsm_` and 43 URL-safe characters), which nobody can be shown again."""

    token: Token
    secret: str

    def as_dict(self) -> dict[str, Any]:
        """The token as JSON, its secret as `token`."""
        return self.token.as_dict() | {"token": self.secret}


def issue(actor: Actor, draft: TokenDraft) -> IssuedToken:
    """A token that acts for the actor; raises InvalidInput for scopes that the actor does not have."""
    if excess := sorted(set(draft.scopes or ()) - (actor.permissions - NOT_BY_TOKEN)):
        sentence = f"You cannot let a token do this: {', '.join(excess)}."
        raise wrong_field("scopes", sentence, code=TokenDraft.refusal)
    if actor.user_id is None:
        raise PermissionDenied("A token belongs to a user, and nobody is signed in.", place="tokens.manage")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(id=uuid7(), user_id=actor.user_id, digest=digest_of(secret), **draft.model_dump())
    return IssuedToken(token, secret)


def digest_of(secret: str) -> bytes:
    """What is kept of a token. Its 256 random bits need neither salt nor slowness."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


# Written once: it is asked at every request of a program, and writing it takes longer than its answer.
_WITH_USER = select(Token, User).join(User, User.id == Token.user_id).where(Token.digest == bindparam("digest"))


class Tokens:
    """The tokens' table, by the questions that are asked of it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def with_user(self, digest: bytes) -> tuple[Token, User] | None:
        """The token of this digest and whose it is."""
        row = (await self._session.execute(_WITH_USER, {"digest": digest})).one_or_none()
        return None if row is None else (row[0], row[1])

    async def by_id(self, token_id: UUID) -> Token | None:
        """The token with this id."""
        return await self._session.get(Token, token_id)

    async def of_user(self, user_id: UUID | None) -> Sequence[Token]:
        """All tokens of a user, the newest first."""
        query = select(Token).where(Token.user_id == user_id).order_by(Token.id.desc())
        return (await self._session.scalars(query)).all()
