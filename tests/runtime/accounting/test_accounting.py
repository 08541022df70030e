"""Quotas, breakers and records together, without a sandbox: what becomes of calls is up to the test."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rising_bsm.business.notifications import Notification, Notifications
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.runtime import RuntimeLimits
from rising_bsm.runtime.accounting import Accounting, ExecutionQuery, Executions
from rising_bsm.runtime.accounting.breaker import PAUSES_SECONDS
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.sandbox import DeadlineExceeded, PluginRaised, PluginRefused, PoolBusy
from support.accounting import PLUGIN, Clock, attempt, make_active

pytestmark = pytest.mark.anyio

BROKEN = PluginRaised("The plugin raised ValueError.", place="main.py:3")


class GivenUp:
    """Takes down which plugins are given up, and why."""

    def __init__(self) -> None:
        self.reasons: dict[str, Error] = {}

    async def __call__(self, plugin_id: str, error: Error) -> None:
        self.reasons[plugin_id] = error


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make_accounting(database: Database, clock: Clock, **limits: int) -> Accounting:
    """The accounts of a process on this database."""
    made = RuntimeLimits(**limits)  # type: ignore[arg-type]
    return Accounting(database, Notifications(database), made, clock)


@pytest.fixture
async def accounting(database: Database, clock: Clock) -> Accounting:
    return make_accounting(database, clock)


def fail(accounting: Accounting, times: int = 5, *, breaker: str = "enforce") -> list[str]:
    plugin = make_active(breaker=breaker)
    return [attempt(accounting, plugin, fails=BROKEN) for _ in range(times)]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "ok"),
        (PluginRefused("No."), "refused"),
        (BROKEN, "failed"),
        (DeadlineExceeded("The plugin took longer than 1 s."), "timeout"),
        (PoolBusy("All sandbox workers are taken."), "busy"),
    ],
)
async def test_a_status_says_how_a_call_ended(accounting: Accounting, error: Exception | None, status: str) -> None:
    assert attempt(accounting, make_active(), fails=error) == status


async def test_only_what_fails_counts_as_failure(accounting: Accounting) -> None:
    for error in (PluginRefused("No."), PoolBusy("All sandbox workers are taken.")):
        assert {attempt(accounting, make_active(), fails=error) for _ in range(30)} <= {"refused", "busy"}
    assert fail(accounting, 6) == ["failed"] * 5 + ["paused"]


async def test_after_a_pause_one_call_is_tried(accounting: Accounting, clock: Clock) -> None:
    fail(accounting)
    clock.forward(PAUSES_SECONDS[0] - 1)
    assert fail(accounting, 1) == ["paused"]
    clock.forward(1)
    assert attempt(accounting, make_active()) == "ok"
    assert attempt(accounting, make_active()) == "ok"


async def test_what_fails_after_every_pause_is_given_up(
    accounting: Accounting, clock: Clock, database: Database
) -> None:
    accounting.give_up = given_up = GivenUp()
    fail(accounting)
    for pause in PAUSES_SECONDS:
        await accounting.tick()
        assert not given_up.reasons
        clock.forward(pause)
        assert fail(accounting, 2) == ["failed", "paused"]

    await accounting.tick()

    assert given_up.reasons[PLUGIN].code == "plugin.given_up"
    messages = [told.message for told in await notifications(database)]
    assert len(messages) == len(PAUSES_SECONDS) + 1
    assert messages[-1].startswith("It kept failing on GET /, also after every pause, and was deactivated.")
    # Who activates it again begins anew.
    assert fail(accounting, 1) == ["failed"]


async def test_a_breaker_that_only_watches_tells_and_gives_nothing_up(
    accounting: Accounting, clock: Clock, database: Database
) -> None:
    accounting.give_up = given_up = GivenUp()
    for pause in (*PAUSES_SECONDS, *PAUSES_SECONDS):
        assert set(fail(accounting, 6, breaker="monitor")) == {"failed"}
        await accounting.tick()
        clock.forward(pause)

    assert given_up.reasons == {}
    messages = {told.message.partition(".")[0] for told in await notifications(database)}
    assert messages == {"It keeps failing on GET /, and is asked nevertheless: its breaker only watches"}


async def test_a_pause_outlives_the_program(accounting: Accounting, clock: Clock, database: Database) -> None:
    fail(accounting)
    await accounting.tick()

    async with make_accounting(database, clock) as again:
        assert fail(again, 1) == ["paused"]
        (entry,) = again.breakers.of(PLUGIN)
        assert entry == {"entry": "on GET /", "openings": 1, "paused_until": "2030-01-01T12:00:30.000000Z"}


async def test_processes_tell_each_other_of_pauses_and_resets(
    accounting: Accounting, clock: Clock, database: Database
) -> None:
    other = make_accounting(database, clock)
    fail(accounting)
    await accounting.tick()
    await other.breakers.load()
    assert fail(other, 1) == ["paused"]

    clock.forward(1)
    ended = other.breakers.reset(PLUGIN)
    assert ended == [clock.moment - timedelta(seconds=1) + timedelta(seconds=PAUSES_SECONDS[0])]
    await other.breakers.save()
    assert fail(accounting, 1) == ["paused"]
    await accounting.breakers.load()
    assert fail(accounting, 1) == ["failed"]


async def test_one_entry_that_fails_leaves_the_others_alone(accounting: Accounting) -> None:
    assert fail(accounting, 6)[-1] == "paused"
    assert attempt(accounting, make_active(), entry="on GET /other") == "ok"
    assert attempt(accounting, make_active(id="acme.other")) == "ok"


async def test_what_administrators_do_with_a_plugin_is_never_in_its_own_way(database: Database, clock: Clock) -> None:
    accounting = make_accounting(database, clock, calls_per_minute=1)
    plugin, moment = make_active(), {"kind": "lifecycle", "entry": "in on_deactivate"}
    assert {attempt(accounting, plugin, fails=BROKEN, **moment) for _ in range(30)} == {"failed"}


async def test_calls_that_were_not_begun_are_told_of_and_leave_no_record(database: Database, clock: Clock) -> None:
    accounting, told = make_accounting(database, clock, calls_per_minute=7), list[Execution]()
    accounting.watchers.append(told.append)
    fail(accounting, 6)
    assert [attempt(accounting, make_active(), entry="on GET /other") for _ in range(3)] == ["ok", "quota", "quota"]
    await accounting.tick()

    assert [execution.status for execution in told] == ["failed"] * 5 + ["paused", "ok", "quota", "quota"]
    kept = (await Executions(database).list(PLUGIN, ExecutionQuery())).items
    assert [record.status for record in kept] == ["ok", *["failed"] * 5]


async def test_what_is_left_is_written_at_the_end(database: Database, clock: Clock) -> None:
    async with make_accounting(database, clock) as accounting:
        fail(accounting, 3)

    assert len((await Executions(database).list(PLUGIN, ExecutionQuery())).items) == 3


async def notifications(database: Database) -> list[Notification]:
    async with database.reading() as session:
        return list((await session.scalars(select(Notification).order_by(Notification.id))).all())
