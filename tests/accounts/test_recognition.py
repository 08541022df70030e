"""Whose a token is, remembered for a moment and never past a change."""

from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM, Role
from rising_bsm.accounts.recognition import MOST, SECONDS, Recognition
from rising_bsm.accounts.service import Accounts
from rising_bsm.db import Database
from rising_bsm.errors import NotSignedIn
from support.people import make_user

pytestmark = pytest.mark.anyio


class Table:
    """Holders by digest, and how often they were asked for."""

    def __init__(self) -> None:
        self.holders: dict[bytes, Any] = {b"a": ("token", "ada")}
        self.asked = 0

    async def read(self, digest: bytes) -> Any:
        self.asked += 1
        return self.holders.get(digest)


async def test_it_is_asked_once_in_a_moment() -> None:
    table, time = Table(), [0.0]
    known = Recognition(lambda: time[0])
    assert [await known.holder(b"a", table.read) for _ in range(3)] == [("token", "ada")] * 3
    assert table.asked == 1

    time[0] = SECONDS
    await known.holder(b"a", table.read)
    assert table.asked == 2


async def test_what_is_unknown_is_asked_each_time() -> None:
    table, known = Table(), Recognition()
    assert [await known.holder(b"b", table.read) for _ in range(2)] == [None, None]
    assert table.asked == 2


async def test_what_was_read_before_a_change_is_not_remembered() -> None:
    table, known = Table(), Recognition()

    async def overtaken(digest: bytes) -> Any:
        holder = await table.read(digest)
        table.holders.clear()
        known.forget()
        return holder

    assert await known.holder(b"a", overtaken) == ("token", "ada")
    assert await known.holder(b"a", table.read) is None


async def test_it_does_not_grow_for_ever() -> None:
    known = Recognition()

    async def anybody(digest: bytes) -> Any:
        return ("token", digest)

    for number in range(MOST + 5):
        await known.holder(str(number).encode(), anybody)
    assert len(known._known) == 5


async def test_a_change_holds_from_the_next_request_on(database: Database) -> None:
    accounts = Accounts(database)
    user = await make_user(database, role=Role.MANAGER)
    issued = await accounts.issue_token(user.actor, {"name": "program"})
    assert (await accounts.actor_of_token(issued.secret)).may("customers.delete")

    await accounts.change_user(SYSTEM, user.id, {"role": "employee"})
    assert not (await accounts.actor_of_token(issued.secret)).may("customers.delete")

    await accounts.change_user(SYSTEM, user.id, {"active": False})
    with pytest.raises(NotSignedIn):
        await accounts.actor_of_token(issued.secret)

    await accounts.change_user(SYSTEM, user.id, {"active": True})
    await accounts.actor_of_token(issued.secret)
    await accounts.revoke_token(user.actor, issued.token.id)
    with pytest.raises(NotSignedIn):
        await accounts.actor_of_token(issued.secret)
