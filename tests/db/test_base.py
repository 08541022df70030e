from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from rising_bsm.business.customers import Customer
from rising_bsm.db import Database, UtcDateTime, iso, now, stopped_clock, uuid7
from support.people import make_customer

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2900, 1, 1), timezones=st.timezones())


def test_ids_sort_in_the_order_they_were_made() -> None:
    ids = [uuid7() for _ in range(20_000)]

    assert ids == sorted(set(ids))


def test_an_id_is_a_uuid_of_version_7_that_knows_its_moment() -> None:
    before = now()
    made = uuid7()

    assert made.version == 7
    assert made.variant == RFC_4122
    moment = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    assert timedelta(milliseconds=-1) <= moment - before < timedelta(seconds=5)


def test_ids_cannot_be_guessed_from_each_other() -> None:
    tails = {uuid7().int & (2**62 - 1) for _ in range(1000)}

    assert len(tails) == 1000


@given(MOMENTS)
def test_iso_is_utc_and_loses_nothing(moment: datetime) -> None:
    text = iso(moment)

    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == moment.astimezone(UTC)


@pytest.mark.anyio
async def test_a_moment_comes_back_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    customer = await make_customer(database)
    async with database.transaction() as session:
        session.add(customer)
        customer.created_at = moment

    async with database.reading() as session:
        stored = await session.get_one(Customer, customer.id)
        assert stored.created_at == moment
        assert stored.created_at.utcoffset() == timedelta(0)


@pytest.mark.anyio
async def test_a_row_says_when_it_was_last_changed(database: Database) -> None:
    customer = await make_customer(database)
    first = customer.updated_at
    async with database.transaction() as session:
        session.add(customer)
        customer.phone = "1"

    assert customer.updated_at > first >= customer.created_at


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())


def test_a_stopped_clock_makes_equal_times_and_ids_until_it_goes_on() -> None:
    moment = datetime(2030, 1, 31, tzinfo=UTC)
    made = []
    for _ in range(2):
        with stopped_clock(moment):
            made.append([now(), uuid7(), uuid7()])
    assert made[0] == made[1]
    assert made[0][0] == moment
    assert made[0][1] < made[0][2]
    assert now() != moment
    assert uuid7() > made[0][2]
