"""What is done with people: letting them in, telling who acts, managing users and tokens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from rising_bsm.accounts.activity import record
from rising_bsm.accounts.actor import SYSTEM, Actor
from rising_bsm.accounts.passwords import Passwords, new_password
from rising_bsm.accounts.permissions import Role
from rising_bsm.accounts.recognition import Recognition
from rising_bsm.accounts.schema import NewPassword, OwnChanges, PasswordChange, TokenDraft, UserChanges, UserDraft
from rising_bsm.accounts.tokens import IssuedToken, Token, Tokens, digest_of, issue
from rising_bsm.accounts.users import User, Users
from rising_bsm.accounts.validation import canonical_email, wrong_field
from rising_bsm.db import Database, now, uuid7
from rising_bsm.errors import Conflict, NotFound, NotSignedIn

FIRST_ADMIN_EMAIL = "admin@rising-bsm.example"
LAST_USE_PRECISION = timedelta(minutes=1)
"""How often at most the last use of a token is written down."""


@dataclass(frozen=True)
class FirstAdmin:
    """The administrator that a new instance begins with; `generated` says whether we made up the password."""

    email: str
    password: str
    generated: bool


class Accounts:
    """The people in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._passwords = Passwords()
        self._recognition = Recognition()
        self._last_uses: dict[UUID, datetime] = {}

    async def ensure_first_admin(self, email: str | None = None, password: str | None = None) -> FirstAdmin | None:
        """Adds an administrator if there is nobody at all; None if there is. Without a password, makes one up.

        Raises InvalidInput for an e-mail address or password that cannot be accepted.
        """
        async with self._database.reading() as session:
            if await Users(session).are_there_any():
                return None
        chosen = password or new_password()
        draft = {"email": email or FIRST_ADMIN_EMAIL, "name": "Administrator", "role": Role.ADMIN, "password": chosen}
        user = await self.create_user(SYSTEM, draft)
        return FirstAdmin(user.email, chosen, generated=not password)

    async def create_user(self, actor: Actor, draft: dict[str, Any]) -> User:
        """Adds a user from email, name, role and password. Needs `users.manage`.

        Raises InvalidInput with every wrong field, Conflict (`accounts.email_taken`).
        """
        actor.require("users.manage")
        accepted = UserDraft.of(draft)
        password_hash = await self._passwords.hash(accepted.password)
        user = User(id=uuid7(), password_hash=password_hash, **accepted.model_dump(exclude={"password"}))
        with _email_taken(accepted.email):
            async with self._database.transaction() as session:
                session.add(user)
                record(session, actor, "users.create", "user", user.id, {"role": accepted.role})
        return user

    async def list_users(self, actor: Actor) -> Sequence[User]:
        """Everybody by name. Needs `users.manage`."""
        actor.require("users.manage")
        async with self._database.reading() as session:
            return await Users(session).everybody()

    async def get_user(self, actor: Actor, user_id: UUID) -> User:
        """The user with this id. Needs `users.manage`. Raises NotFound."""
        actor.require("users.manage")
        return await self._user(user_id)

    async def change_user(self, actor: Actor, user_id: UUID, changes: dict[str, Any]) -> User:
        """Changes somebody's name, role or whether they are active; it holds from their next request on.

        Needs `users.manage`. Raises NotFound, InvalidInput, Conflict: `accounts.last_admin`, or `accounts.oneself` for
        those who would lock themselves out.
        """
        actor.require("users.manage")
        accepted = UserChanges.of(changes).model_dump(exclude_unset=True)
        async with self._database.transaction() as session:
            users = Users(session)
            admins = await users.active_admins()
            user = await users.by_id(user_id)
            if user is None:
                raise _unknown(user_id)
            for name, value in accepted.items():
                setattr(user, name, value)
            if set(admins) == {user.id} and not user.is_active_admin:
                raise _last_admin(user)
            if user.id == actor.user_id and not user.is_active_admin:
                raise _oneself()
            record(session, actor, "users.update", "user", user.id, {"fields": sorted(accepted)})
        self._recognition.forget()
        return user

    async def change_own(self, actor: Actor, changes: dict[str, Any]) -> User:
        """Changes the actor's own name. Raises InvalidInput."""
        accepted = OwnChanges.of(changes)
        user = await self._user(actor.user_id)
        async with self._database.transaction() as session:
            session.add(user)
            user.name = accepted.name
            record(session, actor, "users.update", "user", user.id, {"fields": ["name"]})
        self._recognition.forget()
        return user

    async def change_password(self, actor: Actor, change: dict[str, Any]) -> None:
        """Changes the actor's own password, from `old_password` to `password`. Whoever is signed in stays so.

        Raises InvalidInput (`accounts.invalid_password`, `accounts.wrong_password`).
        """
        accepted = PasswordChange.of(change)
        user = await self._user(actor.user_id)
        if not await self._passwords.match(accepted.old_password, user.password_hash):
            raise wrong_field("old_password", "This is not your password.", code="accounts.wrong_password")
        await self._write_password(actor, user.id, accepted.password)

    async def reset_password(self, actor: Actor, user_id: UUID, change: dict[str, Any]) -> None:
        """Gives somebody another `password`. Needs `users.manage`.

        Raises NotFound, InvalidInput (`accounts.invalid_password`).
        """
        actor.require("users.manage")
        accepted = NewPassword.of(change)
        await self._write_password(actor, (await self._user(user_id)).id, accepted.password)

    async def sign_in(self, email: str, password: str) -> Actor:
        """Who this is. Raises NotSignedIn, after the same time and in the same words whichever of the two is wrong."""
        async with self._database.reading() as session:
            user = await Users(session).by_email(canonical_email(email))
        if not await self._passwords.match(password, user.password_hash if user else None) or user is None:
            raise NotSignedIn(
                "The e-mail address or the password is wrong.",
                code="auth.wrong_credentials",
                next_step="Correct it and try again.",
            )
        return _active(user).actor

    async def actor_of_user(self, user_id: UUID) -> Actor:
        """The user as they may act now. Raises NotSignedIn if they are gone or not active."""
        async with self._database.reading() as session:
            user = await Users(session).by_id(user_id)
        return _active(user).actor

    async def issue_token(self, actor: Actor, draft: dict[str, Any]) -> IssuedToken:
        """A new token of the actor's own from name, scopes and expires_at. Needs `tokens.manage`.

        Raises InvalidInput, also for scopes that the actor does not have.
        """
        actor.require("tokens.manage")
        issued = issue(actor, TokenDraft.of(draft))
        token = issued.token
        async with self._database.transaction() as session:
            session.add(token)
            record(session, actor, "tokens.create", "token", token.id, {"scopes": token.scopes})
        return issued

    async def list_tokens(self, actor: Actor) -> Sequence[Token]:
        """The actor's own tokens, the newest first. Needs `tokens.manage`."""
        actor.require("tokens.manage")
        async with self._database.reading() as session:
            return await Tokens(session).of_user(actor.user_id)

    async def revoke_token(self, actor: Actor, token_id: UUID) -> None:
        """Ends one of the actor's own tokens at once. Needs `tokens.manage`. Raises NotFound."""
        actor.require("tokens.manage")
        async with self._database.transaction() as session:
            token = await Tokens(session).by_id(token_id)
            if token is None or token.user_id != actor.user_id:
                raise NotFound("You have no token with this id.", code="accounts.token_not_found", place=str(token_id))
            await session.delete(token)
            record(session, actor, "tokens.revoke", "token", token_id, {})
        self._recognition.forget()

    async def actor_of_token(self, secret: str) -> Actor:
        """The user this token acts for, as far as it goes. Raises NotSignedIn if it is unknown, over or revoked."""
        found = await self._recognition.holder(digest_of(secret), self._holder)
        if found is None:
            raise NotSignedIn(
                "This access token is unknown or was revoked.", code="auth.unknown_token", next_step="Make a new one."
            )
        token, user = found
        if token.has_expired(now()):
            raise NotSignedIn("This access token has expired.", code="auth.expired_token", next_step="Make a new one.")
        actor = token.actor_for(_active(user))
        await self._note_use(token)
        return actor

    async def _holder(self, digest: bytes) -> tuple[Token, User] | None:
        async with self._database.reading() as session:
            return await Tokens(session).with_user(digest)

    async def _user(self, user_id: UUID | None) -> User:
        async with self._database.reading() as session:
            user = await Users(session).by_id(user_id) if user_id else None
        if user is None:
            raise _unknown(user_id)
        return user

    async def _write_password(self, actor: Actor, user_id: UUID, password: str) -> None:
        password_hash = await self._passwords.hash(password)
        async with self._database.transaction() as session:
            changed = update(User).where(User.id == user_id).values(password_hash=password_hash, updated_at=now())
            await session.execute(changed)
            record(session, actor, "users.password", "user", user_id, {})

    async def _note_use(self, token: Token) -> None:
        moment = now()
        last = max(filter(None, (token.last_used_at, self._last_uses.get(token.id))), default=None)
        if last is not None and moment - last < LAST_USE_PRECISION:
            return
        # Remembered before it is written, so that of many requests at once only one writes.
        self._last_uses[token.id] = moment
        async with self._database.transaction() as session:
            await session.execute(update(Token).where(Token.id == token.id).values(last_used_at=moment))


def _active(user: User | None) -> User:
    if user is None or not user.active:
        raise NotSignedIn(
            "This account is not active.", code="auth.not_active", next_step="Ask an administrator to activate it."
        )
    return user


@contextmanager
def _email_taken(email: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "email" not in str(error.orig):
            raise
        raise Conflict(
            f"There is a user with the e-mail address {email} already.",
            code="accounts.email_taken",
            place="email",
            next_step="Use another address.",
        ) from None


def _unknown(user_id: UUID | None) -> NotFound:
    return NotFound("There is no user with this id.", code="accounts.user_not_found", place=str(user_id))


def _oneself() -> Conflict:
    return Conflict(
        "You cannot take the administration from yourself, nor lock yourself out.",
        code="accounts.oneself",
        place="active",
        next_step="Ask another administrator to do it.",
    )


def _last_admin(user: User) -> Conflict:
    return Conflict(
        f"{user.name} is the last active administrator.",
        code="accounts.last_admin",
        place=str(user.id),
        next_step="Make somebody else an administrator first.",
    )
