from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.licensing import LicenceType
from rising_bsm.licensing.drill import Trouble, drill
from support.licences import START, make_licence

DAY = timedelta(days=1)


def told(trouble: Trouble, **licence: object) -> list[tuple[float, str]]:
    """The days after the beginning, each with the state from then on."""
    return [
        ((moment.at - START) / DAY, moment.standing.state.value) for moment in drill(make_licence(**licence), trouble)
    ]


def test_a_licence_without_end_and_trouble_stays_as_it_is() -> None:
    assert told(Trouble()) == [(0, "ok")]


def test_nine_days_without_a_network() -> None:
    assert told(Trouble(offline=9 * DAY)) == [
        (0, "ok"),
        (0, "ok"),
        (0.5, "renew_due"),
        (1, "grace"),
        (8, "restricted"),
        (9, "ok"),
    ]


def test_a_clock_in_another_year_stops_the_plugin_until_the_marketplace_is_reached() -> None:
    assert told(Trouble(offline=9 * DAY, clock=400 * DAY)) == [(0, "ok"), (0, "ok"), (0, "stopped"), (9, "ok")]


def test_a_clock_that_is_set_back_costs_the_grace() -> None:
    assert told(Trouble(offline=9 * DAY, clock=-3 * DAY)) == [(0, "ok"), (0, "ok"), (0, "restricted"), (9, "ok")]


def test_a_move_stops_nothing() -> None:
    moments = drill(make_licence(), Trouble(move_host=True))

    assert [moment.standing.state.value for moment in moments] == ["ok", "ok"]
    assert "warning" in moments[1].event


def test_a_trial_ends() -> None:
    trial = {"type": LicenceType.TRIAL, "expires_at": START + 14 * DAY}

    assert told(Trouble(), **trial) == [(0, "ok"), (14, "restricted"), (21, "stopped")]


def test_what_has_expired_meanwhile_is_not_renewed() -> None:
    assert told(Trouble(offline=60 * DAY), expires_at=START + 20 * DAY)[-3:] == [
        (8, "restricted"),
        (38, "stopped"),
        (60, "stopped"),
    ]


@pytest.mark.parametrize("start", [datetime(2028, 2, 28, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC)])
def test_dates_are_those_of_the_calendar(start: datetime) -> None:
    moments = drill(make_licence(issued_at=start, expires_at=start + 10 * DAY), Trouble())

    assert moments[1].at == start + 10 * DAY
    assert moments[1].as_dict()["at"] == f"{start + 10 * DAY:%Y-%m-%d}T00:00:00.000000Z"


spans = st.timedeltas(timedelta(0), 500 * DAY)


@given(spans, st.timedeltas(-500 * DAY, 500 * DAY), st.booleans(), st.none() | spans)
def test_every_drill_is_told_in_order(
    offline: timedelta, clock: timedelta, move: bool, expires: timedelta | None
) -> None:
    licence = make_licence(expires_at=None if expires is None else START + expires)

    moments = drill(licence, Trouble(offline, clock, move))

    assert all(one.at <= next.at for one, next in pairwise(moments))
    assert all(moment.as_dict()["sentence"] for moment in moments)
    assert expires is None or moments[-1].standing.state.value == "stopped"
