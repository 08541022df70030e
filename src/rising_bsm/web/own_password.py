"""Changing one's own password: slowed down for those who guess the old one, and the end of all other sessions."""

from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.accounts.service import Accounts
from rising_bsm.errors import InvalidInput
from rising_bsm.web.limits import RateLimit
from rising_bsm.web.sessions import Sessions

PER_PERSON = 5


class OwnPassword:
    """Changing passwords in `accounts`, at most 5 failures a minute per person."""

    def __init__(self, accounts: Accounts, sessions: Sessions) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self.per_person = RateLimit(PER_PERSON, "Too many attempts to change the password.")

    async def __call__(self, actor: Actor, session: str | None, change: Any) -> None:
        """Changes it and ends all sessions but this one.

        Raises RateLimited, InvalidInput (`accounts.invalid_password`, `accounts.wrong_password`).
        """
        if actor.user_id is None:
            raise InvalidInput("Only people have a password.")
        # Counted before the old password is looked at, so that many attempts at once count as many.
        self.per_person.count(actor.user_id)
        await self._accounts.change_password(actor, change)
        self.per_person.forgive(actor.user_id)
        await self._sessions.close_all(actor.user_id, but=session)
