import asyncio
import time
from statistics import median

import pytest

from rising_bsm.accounts.passwords import LONGEST, Passwords, new_password
from rising_bsm.errors import InvalidInput

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"


async def test_only_the_password_itself_matches_its_hash() -> None:
    passwords = Passwords()
    kept = await passwords.hash(PASSWORD)

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.match(PASSWORD, kept)
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper()):
        assert not await passwords.match(wrong, kept)


async def test_two_hashes_of_one_password_differ() -> None:
    passwords = Passwords()

    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


async def test_an_umlaut_is_an_umlaut_however_it_was_typed() -> None:
    passwords = Passwords()

    assert await passwords.match("gr\u00fcne Wiesen", await passwords.hash("gru\u0308ne Wiesen"))


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * (LONGEST + 1)])
async def test_passwords_that_are_too_short_or_too_long_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await Passwords().hash(password)

    assert (refusal.value.code, list(refusal.value.fields)) == ("accounts.invalid_password", ["password"])


async def test_a_password_that_only_begins_right_does_not_match_however_long_it_is() -> None:
    passwords = Passwords()
    longest = "ü" * LONGEST

    assert await passwords.match(longest, await passwords.hash(longest))
    assert not await passwords.match(longest + "ü", await passwords.hash(longest))


@pytest.mark.alone
async def test_nothing_matches_when_there_is_nobody_and_it_takes_as_long() -> None:
    passwords = Passwords()
    kept = await passwords.hash(PASSWORD)
    await passwords.match(PASSWORD, None)

    async def seconds(hash_: str | None) -> float:
        start = time.perf_counter()
        assert not await passwords.match("wrong password", hash_)
        return time.perf_counter() - start

    nobody, somebody = [await seconds(None) for _ in range(5)], [await seconds(kept) for _ in range(5)]
    assert median(nobody) > median(somebody) / 4


async def test_the_event_loop_is_free_while_a_password_is_hashed() -> None:
    passwords = Passwords()
    task = asyncio.create_task(passwords.hash(PASSWORD))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1

    # Were it hashed in the loop, there would be a handful.
    assert turns > 100


def test_a_made_up_password_is_long_and_new_every_time() -> None:
    made = {new_password() for _ in range(100)}

    assert len(made) == 100
    assert all(len(password) == 24 for password in made)
