"""Signing in: checked, slowed down for those who guess, and noted in the activity log."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.service import Accounts
from rising_bsm.accounts.validation import Input
from rising_bsm.db import Database
from rising_bsm.errors import NotSignedIn
from rising_bsm.hooks import Event, HookPoints
from rising_bsm.web.limits import RateLimit
from rising_bsm.web.sessions import Sessions

PER_PERSON, PER_CLIENT = 5, 30


class Credentials(Input):
    """What somebody signs in with."""

    refusal: ClassVar[str] = "auth.invalid_credentials"

    email: Annotated[str, Field(min_length=1, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=200, repr=False), StringConstraints(strip_whitespace=False)]


class SignIn:
    """Signing in to `accounts`, at most 5 failures a minute per e-mail address and client, and 30 per client.

    `hooks` are told of it as `user.logged_in`.
    """

    def __init__(self, accounts: Accounts, sessions: Sessions, database: Database, hooks: HookPoints) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._database = database
        self._hooks = hooks
        self.per_person = RateLimit(PER_PERSON, "Too many attempts to sign in with this e-mail address.")
        self.per_client = RateLimit(PER_CLIENT, "Too many attempts to sign in.")

    async def __call__(self, given: Credentials, client: str, old_session: str | None) -> tuple[Actor, str]:
        """Who it is, and the id of their new session; what was open in this browser is closed.

        Raises RateLimited, NotSignedIn (in the same words whatever is wrong), SessionNotKept.
        """
        person = (client, given.email.strip().casefold())
        # Counted before the password is looked at, so that many attempts at once count as many.
        self.per_client.count(client)
        self.per_person.count(person)
        actor = await self._accounts.sign_in(given.email, given.password)
        self.per_client.forgive(client)
        self.per_person.forgive(person)
        return actor, await self._opened(actor, old_session)

    async def _opened(self, actor: Actor, old_session: str | None) -> str:
        if actor.user_id is None:
            raise NotSignedIn("Only people can sign in.")
        if old_session:
            await self._sessions.close(old_session)
        session = await self._sessions.open(actor.user_id)
        async with self._database.transaction() as transaction:
            record(transaction, actor, "session.open", "user", actor.user_id, {})
            user = {"id": str(actor.user_id), "name": actor.name}
            await self._hooks.run_after(transaction, Event("user.logged_in", user["id"], None, user, actor))
        return session
