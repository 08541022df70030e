import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from rising_bsm.business.customers import Customer, Customers
from rising_bsm.db import Database, DatabaseUnavailable, sqlite
from rising_bsm.errors import InvalidInput
from rising_bsm.hooks import HookPoints
from support.database import open_database
from support.people import make_actor, make_customer

pytestmark = pytest.mark.anyio
WRITERS = 16


@pytest.fixture
async def file(anyio_backend: str) -> AsyncIterator[Database]:
    async with open_database("sqlite") as database:
        yield database


async def test_what_is_written_together_is_kept_together(database: Database) -> None:
    async with database.transaction() as session:
        session.add(_customer("a@b.example"))
        session.add(_customer("c@d.example"))

    assert await _count(database) == 2


async def test_nothing_is_kept_when_something_goes_wrong(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as session:
            session.add(_customer("a@b.example"))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()

    assert await _count(database) == 0


async def test_what_is_done_while_reading_is_not_kept(database: Database) -> None:
    async with database.reading() as session:
        session.add(_customer("a@b.example"))

    assert await _count(database) == 0


async def test_sixteen_writers_at_once_all_succeed(database: Database) -> None:
    customers, actor = Customers(database, HookPoints()), make_actor()
    shared = await make_customer(database)

    async def write(number: int) -> None:
        for step in range(3):
            mine = await customers.create(actor, {"name": "W", "email": f"w{number}.{step}@x.example"})
            await customers.update(actor, mine.id, {"phone": "1"})
            await customers.get(actor, shared.id)
            await customers.list(actor)

    await asyncio.gather(*map(write, range(WRITERS)))

    assert await _count(database) == WRITERS * 3 + 1


async def test_reading_before_writing_in_one_transaction_is_no_reason_to_fail(database: Database) -> None:
    customer = await make_customer(database, notes="0")

    async def increment() -> None:
        async with database.transaction() as session:
            stored = await session.get_one(Customer, customer.id, with_for_update=True)
            stored.notes = str(int(stored.notes) + 1)

    await asyncio.gather(*(increment() for _ in range(WRITERS)))

    async with database.reading() as session:
        assert (await session.get_one(Customer, customer.id)).notes == str(WRITERS)


async def test_two_processes_on_one_file_wait_for_each_other(file: Database) -> None:
    # Two of them know nothing of each other, as two processes would.
    other = Database(f"sqlite:///{file.url.database}")

    async def write(database: Database, number: int) -> None:
        async with database.transaction() as session:
            await session.scalar(select(func.count(Customer.id)))
            session.add(_customer(f"w{number}@x.example"))

    await asyncio.gather(*(write((file, other)[number % 2], number) for number in range(WRITERS)))

    assert await _count(other) == WRITERS
    await other.close()


async def test_a_transaction_inside_another_is_a_mistake_and_no_deadlock(file: Database) -> None:
    async with file.transaction():
        with pytest.raises(RuntimeError, match="open in this task"):
            async with file.transaction():
                raise AssertionError("must not be reached")

    await make_customer(file)


async def test_the_database_works_on_whenever_a_task_is_cancelled(database: Database) -> None:
    customers, actor = Customers(database, HookPoints()), make_actor()
    customer = await make_customer(database)
    for turns in range(40):
        task = asyncio.create_task(customers.update(actor, customer.id, {"phone": str(turns)}))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        async with asyncio.timeout(10):
            assert (await customers.update(actor, customer.id, {"city": f"c{turns}"})).city == f"c{turns}"
            assert (await customers.get(actor, customer.id)).city == f"c{turns}"


async def test_sqlite_is_set_up_for_many_readers_and_one_writer(file: Database) -> None:
    async def pragmas() -> list[object]:
        async with file.reading() as session:
            names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            return [await session.scalar(text(f"PRAGMA {name}")) for name in names]

    # At once, so that it is seen on every connection of the pool.
    answers = await asyncio.gather(*(pragmas() for _ in range(4)))

    assert answers == [["wal", 1, 1, 0]] * 4


LONG = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :last) SELECT count(*) FROM n")


async def test_a_long_query_keeps_nobody_waiting(file: Database) -> None:
    async def count() -> int | None:
        async with file.reading() as session:
            return await session.scalar(LONG, {"last": 300_000})

    counting, turns = asyncio.ensure_future(count()), 0
    while not counting.done():
        await asyncio.sleep(0)
        turns += 1

    assert await counting == 300_000
    assert turns > 10


async def test_a_long_query_that_nobody_waits_for_ends_at_once(file: Database) -> None:
    async def count_for_ever() -> None:
        async with file.reading() as session:
            await session.scalar(LONG, {"last": 10**12})

    for _ in range(8):  # more than there are connections
        counting = asyncio.ensure_future(count_for_ever())
        await asyncio.sleep(0.01)
        counting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await counting

    assert await _count(file) == 0


async def test_transactions_and_queries_work_with_a_budget_that_nothing_keeps_to(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "STEPS", 5)

    for number in range(20):
        async with file.transaction() as session:
            session.add(_customer(f"{number}@b.example"))

    assert await _count(file) == 20


async def test_waiting_for_another_process_that_writes_keeps_nobody_waiting(file: Database) -> None:
    other, turns = Database(f"sqlite:///{file.url.database}"), 0

    async def write() -> None:
        async with other.transaction() as session:
            session.add(_customer("a@b.example"))

    async with file.transaction() as holding:
        await holding.execute(text("SELECT 1"))
        writing = asyncio.ensure_future(write())
        for _ in range(20):
            await asyncio.sleep(0.001)
            turns += 1
        assert not writing.done()
    await writing

    assert await _count(file) == 1
    await other.close()


async def test_what_holds_the_file_for_too_long_is_reported_as_busy(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE_MS", 1)
    impatient = Database(f"sqlite:///{file.url.database}")

    async def write() -> None:
        async with impatient.transaction() as session:
            session.add(_customer("a@b.example"))

    async with file.transaction() as holding:
        await holding.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailable, match="locked") as refusal:
            await write()

    assert refusal.value.code == "db.unavailable"
    await impatient.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://root@127.0.0.1:1/test",
        "postgresql://root@localhost:1/test",
        "sqlite:////there/is/no/such/folder/x.db",
    ],
)
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailable) as refusal:
        async with database.transaction():
            raise AssertionError("must not be reached")

    assert refusal.value.next_step
    await database.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is not a database, but a text that is long enough to be taken for one" * 9)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        await database.migrate()
    await database.close()


async def test_a_wrong_statement_is_a_mistake_of_ours_and_not_called_unavailable(database: Database) -> None:
    with pytest.raises(SQLAlchemyError, match="no_such_table"):
        async with database.reading() as session:
            await session.execute(text("SELECT * FROM no_such_table"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///file::memory:?cache=shared&uri=true",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Database(url)

    assert refusal.value.code == "db.unsupported_url"


def _customer(email: str) -> Customer:
    customer = Customer()
    customer.change({"name": "Somebody", "email": email})
    return customer


async def _count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count(Customer.id))) or 0


async def test_an_error_of_the_database_does_not_repeat_what_was_stored(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(SQLAlchemyError) as caught:
            await session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "a customer's secret"})
    assert "a customer's secret" not in str(caught.value)


async def test_a_connection_that_is_in_use_is_closed_with_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    used, closed = asyncio.Event(), asyncio.Event()

    async def use() -> object:
        async with database.reading() as session:
            connection = (await (await session.connection()).get_raw_connection()).driver_connection
            used.set()
            await closed.wait()
        return connection

    using = asyncio.create_task(use())
    await used.wait()
    await database.close()
    closed.set()
    connection = await using

    with pytest.raises(ValueError, match="no active connection"):
        connection.in_transaction  # type: ignore[attr-defined]  # noqa: B018
