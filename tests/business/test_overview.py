"""The business at a glance: right numbers, nothing that somebody may not see, and few statements."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, update

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.customers import Customer
from rising_bsm.business.overview import FEW, Overviews
from rising_bsm.db import Database, iso, now
from support.business import make_appointment, make_request
from support.people import make_actor, make_customer

pytestmark = pytest.mark.anyio

BORDERS = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=number) for number in range(5)]


async def test_everything_is_counted_once(database: Database) -> None:
    ada = await make_customer(database, name="Ada", status="lead")
    await make_customer(database)
    soon, past = now() + timedelta(hours=1), now() - timedelta(hours=1)
    await make_appointment(database, starts_at=iso(soon), customer_id=str(ada.id), title="Next")
    await make_appointment(database, starts_at=iso(soon), status="cancelled")
    await make_appointment(database, starts_at=iso(past))
    for status in ("new", "in_progress", "completed", "cancelled"):
        await make_request(database, status=status, service=status)
    seen = await Overviews(database).of(SYSTEM, BORDERS)
    assert seen.counts == {"customers": 2, "leads": 1, "appointments": 1, "requests": 2, "new_requests": 1}
    assert [(one.appointment.title, one.customer) for one in seen.coming or ()] == [("Next", "Ada")]
    assert [one.service for one in seen.requests or ()] == ["new"]


async def test_weeks_end_where_the_next_begin(database: Database) -> None:
    moments = [BORDERS[0] - timedelta(microseconds=1), BORDERS[0], BORDERS[1], BORDERS[2] - timedelta(microseconds=1)]
    for moment in [*moments, BORDERS[4]]:
        customer = await make_customer(database)
        async with database.transaction() as session:
            await session.execute(update(Customer).where(Customer.id == customer.id).values(created_at=moment))
    weeks = (await Overviews(database).of(SYSTEM, BORDERS)).weeks
    assert weeks == {"customers": [1, 2, 0, 0], "appointments": [0] * 4, "requests": [0] * 4}


async def test_an_empty_business_is_no_error(database: Database) -> None:
    seen = await Overviews(database).of(SYSTEM, BORDERS)
    assert set(seen.counts.values()) == {0}
    assert (seen.coming, seen.requests) == ([], [])


@pytest.mark.parametrize("noun", ["customers", "appointments", "requests"])
async def test_what_one_may_not_see_is_not_there(database: Database, noun: str) -> None:
    ada = await make_customer(database, name="Ada")
    await make_appointment(database, starts_at=iso(now() + timedelta(hours=1)), customer_id=str(ada.id))
    await make_request(database)
    seen = await Overviews(database).of(make_actor(permissions=[f"{noun}.read"]), BORDERS)
    own = {
        "customers": {"customers", "leads"},
        "appointments": {"appointments"},
        "requests": {"requests", "new_requests"},
    }
    assert set(seen.counts) == own[noun]
    assert set(seen.weeks) == {noun}
    assert (seen.coming is not None) == (noun == "appointments")
    assert (seen.requests is not None) == (noun == "requests")
    assert [one.customer for one in seen.coming or ()] == ([None] if noun == "appointments" else [])


async def test_who_may_see_nothing_asks_nothing(database: Database) -> None:
    seen = await Overviews(database).of(make_actor(permissions=[]), BORDERS)
    assert (seen.counts, seen.weeks, seen.coming, seen.requests) == ({}, {}, None, None)


async def test_it_takes_four_statements_and_few_rows(database: Database) -> None:
    for number in range(FEW + 2):
        await make_appointment(database, starts_at=iso(now() + timedelta(hours=number + 1)))
    asked: list[str] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    seen = await Overviews(database).of(SYSTEM, BORDERS)
    assert len(asked) == 4
    assert len(seen.coming or ()) == FEW
