import asyncio

import pytest
from sqlalchemy import func, select, text

from rising_bsm.db import Database
from rising_bsm.licensing import check_wrap_key
from rising_bsm.plugins.identity import Identity, IdentityUnreadable, InstanceIdentity
from rising_bsm.runtime import Cipher
from support.licences import SECRET

pytestmark = pytest.mark.anyio


def make_identity(database: Database, *, secret: bytes = SECRET, seconds: float = 1_000.0) -> Identity:
    return Identity(database, Cipher(secret), lambda: seconds)


async def test_all_processes_of_a_deployment_are_one_instance(database: Database) -> None:
    processes = [make_identity(database) for _ in range(8)]

    found = await asyncio.gather(*(one.get() for one in processes))

    assert len({str(keys.public) for keys in found}) == 1
    assert len({keys.wrap_public for keys in found}) == 1
    assert check_wrap_key(found[0].wrap_public)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(InstanceIdentity)) == 1


async def test_numbers_grow_over_all_processes_although_the_clock_stands_still(database: Database) -> None:
    processes = [make_identity(database) for _ in range(4)]

    numbers = await asyncio.gather(*(one.next_seq() for one in processes for _ in range(5)))

    assert sorted(numbers) == list(range(1_000_000, 1_000_020))


async def test_numbers_grow_although_the_clock_is_set_back(database: Database) -> None:
    first = await make_identity(database, seconds=5_000).next_seq()
    second = await make_identity(database, seconds=1).next_seq()
    third = await make_identity(database, seconds=9_000).next_seq()

    assert (first, second, third) == (5_000_000, 5_000_001, 9_000_000)


async def test_the_private_keys_cannot_be_read_out_of_the_database(database: Database) -> None:
    keys = await make_identity(database).get()

    async with database.reading() as session:
        stored = str((await session.execute(text("SELECT * FROM instance_identity"))).all())
    assert str(keys.public) in stored
    assert keys.signing.to_raw().hex() not in stored
    with pytest.raises(IdentityUnreadable) as caught:
        await make_identity(database, secret=b"another secret of an instance").get()
    assert caught.value.code == "instance.identity_unreadable"


async def test_the_halves_of_the_identity_are_not_exchanged(database: Database) -> None:
    await make_identity(database).get()
    async with database.transaction() as session:
        await session.execute(text("UPDATE instance_identity SET signing = wrapping"))

    with pytest.raises(IdentityUnreadable):
        await make_identity(database).get()
