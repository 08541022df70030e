from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from rising_bsm.db import Database, DatabaseUnavailable, now
from rising_bsm.runtime.accounting import ExecutionQuery, Executions, recorder
from rising_bsm.runtime.accounting.recorder import Recorder
from rising_bsm.runtime.accounting.tables import PluginExecution
from support.accounting import PLUGIN, make_execution

pytestmark = pytest.mark.anyio


async def test_records_are_written_together_and_found_again(database: Database) -> None:
    kept = Recorder(database)
    kept.add(make_execution(fuel=70_000, wall_seconds=0.0012345, host_seconds=0.0005, host_calls=2, bytes_in=10))
    kept.add(make_execution(status="failed", kind="before", entry="before customers.create"))
    assert await count(database) == 0

    await kept.flush()

    newest, oldest = (await Executions(database).list(PLUGIN, ExecutionQuery())).items
    assert (newest.status, newest.kind, newest.entry) == ("failed", "before", "before customers.create")
    assert oldest.as_dict() | {"id": "", "at": ""} == {
        **{"id": "", "at": "", "plugin_id": PLUGIN, "version": "1.0.0", "kind": "route", "entry": "on GET /"},
        **{"user_id": None, "user_name": "system", "status": "ok", "code": None, "place": None},
        **{"fuel": 70_000, "wall_ms": 1.234, "host_ms": 0.5, "host_calls": 2, "cost": 0},
        **{"bytes_in": 10, "bytes_out": 0, "cold": False},
    }


async def test_a_database_that_does_not_answer_loses_nothing_until_there_is_no_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "WAITING", 5)
    away = Recorder(Database("sqlite:////nowhere/at/all.db"))
    for fuel in range(8):
        away.add(make_execution(fuel=fuel))
    with pytest.raises(DatabaseUnavailable):
        await away.flush()

    assert (away.waiting, away.lost) == (5, 3)
    away._database = database
    await away.flush()
    kept = (await Executions(database).list(PLUGIN, ExecutionQuery())).items
    assert [item.fuel for item in kept] == [4, 3, 2, 1, 0]
    assert away.waiting == 0


async def test_the_newest_of_each_plugin_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "KEPT", 10)
    monkeypatch.setattr(recorder, "PRUNED_EACH", 5)
    kept = Recorder(database)
    kept.add(make_execution(plugin="acme.other"))
    for fuel in range(50):
        kept.add(make_execution(fuel=fuel))
        if fuel % 7 == 0:
            await kept.flush()
    await kept.flush()

    found = [item.fuel for item in (await Executions(database).list(PLUGIN, ExecutionQuery(limit=200))).items]
    assert found == list(range(49, 49 - len(found), -1))
    assert 10 <= len(found) < 22
    assert await count(database, "acme.other") == 1


async def test_what_is_older_than_a_week_goes(database: Database) -> None:
    kept = Recorder(database)
    for days in (8, 6):
        old = make_execution(fuel=days)
        milliseconds = int((now() - timedelta(days=days)).timestamp() * 1_000)
        old.id = UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62)
        kept.add(old)
    await kept.flush()

    await kept.prune()

    assert [item.fuel for item in (await Executions(database).list(PLUGIN, ExecutionQuery())).items] == [6]


async def test_of_a_plugin_that_is_forgotten_nothing_is_written(database: Database) -> None:
    kept = Recorder(database)
    kept.add(make_execution())
    kept.add(make_execution(plugin="acme.other"))

    await kept.forget(PLUGIN)
    await kept.flush()

    assert (await count(database), await count(database, "acme.other")) == (0, 1)


async def test_pages_and_filters(database: Database) -> None:
    kept, reading = Recorder(database), Executions(database)
    for number in range(5):
        kept.add(make_execution(fuel=number, status="failed" if number % 2 else "ok"))
    kept.add(make_execution(kind="after", entry="after customers.create", fuel=9))
    await kept.flush()

    first = await reading.list(PLUGIN, ExecutionQuery(limit=4))
    second = await reading.list(PLUGIN, ExecutionQuery(limit=4, before=first.next))
    assert [item.fuel for item in (*first.items, *second.items)] == [9, 4, 3, 2, 1, 0]
    assert second.next is None

    async def found(**query: object) -> list[int]:
        return [item.fuel for item in (await reading.list(PLUGIN, ExecutionQuery.of(query))).items]

    assert await found(status="failed") == [3, 1]
    assert await found(kind="after") == await found(entry="after customers.create") == [9]
    assert len(await found(since=(now() - timedelta(minutes=1)).isoformat())) == 6
    assert await found(since=(now() + timedelta(minutes=1)).isoformat()) == []


async def test_the_summary_says_what_a_plugin_takes(database: Database) -> None:
    kept, reading = Recorder(database), Executions(database)
    for number in range(100):
        status = "failed" if number < 10 else "refused" if number < 15 else "ok"
        kept.add(make_execution(status=status, fuel=1_000, wall_seconds=number / 1_000, host_calls=1))
    await kept.flush()

    usage = await reading.usage(PLUGIN)

    for period in ("hour", "day"):
        counted = {name: value for name, value in usage[period].items() if name != "since"}
        assert counted == {
            **{"calls": 100, "failures": 10, "fuel": 100_000, "host_calls": 100, "cost": 0},
            **{"p50_ms": 50.0, "p95_ms": 95.0},
        }
    assert (await reading.usage("acme.other"))["day"]["p50_ms"] is None


async def count(database: Database, plugin: str = PLUGIN) -> int:
    async with database.reading() as session:
        mine = select(func.count()).where(PluginExecution.plugin_id == plugin)
        return await session.scalar(mine) or 0
