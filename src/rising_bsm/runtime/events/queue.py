"""The deliveries in the database: who takes one has it alone for a while, in whatever process."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from rising_bsm.db import Database, now
from rising_bsm.errors import Error
from rising_bsm.runtime.events.backoff import pause_seconds
from rising_bsm.runtime.events.tables import DEAD, WAITING, Delivery

LEASE_SECONDS = 60.0
"""How long a delivery that was taken is left alone: longer than a call may wait and run."""


class Queue:
    """What waits to be delivered. `clock` tells the time."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def waiting(self) -> dict[str, datetime]:
        """The plugins that something waits for, and when the first of it is due."""
        soonest = select(Delivery.plugin_id, func.min(Delivery.due_at)).where(Delivery.status == WAITING)
        async with self._database.reading() as session:
            rows = (await session.execute(soonest.group_by(Delivery.plugin_id))).all()
        return {row[0]: row[1] for row in rows}

    async def take(self, plugin_id: str) -> Delivery | None:
        """The plugin's delivery that has been due for longest, for `LEASE_SECONDS`; None if none is due."""
        moment = self._clock()
        due = (Delivery.status == WAITING, Delivery.plugin_id == plugin_id, Delivery.due_at <= moment)
        first = select(Delivery.id).where(*due).order_by(Delivery.due_at, Delivery.id).limit(1)
        taken = (
            update(Delivery)
            .where(Delivery.id == first.with_for_update(skip_locked=True).scalar_subquery(), *due)
            .values(due_at=moment + timedelta(seconds=LEASE_SECONDS), attempts=Delivery.attempts + 1)
            .returning(Delivery)
        )
        async with self._database.transaction() as session:
            return await session.scalar(taken)

    async def done(self, delivery: Delivery) -> None:
        """It was delivered, whoever has it by now."""
        async with self._database.transaction() as session:
            await session.execute(delete(Delivery).where(Delivery.id == delivery.id))

    async def failed(self, delivery: Delivery, error: Error, *, for_good: bool = False) -> None:
        """It is tried again after a pause, or dead after the last attempt, or at once when it failed `for_good`."""
        pause = None if for_good else pause_seconds(delivery.attempts)
        due_at = self._clock() + timedelta(seconds=pause or 0)
        values = {"due_at": due_at, "status": WAITING if pause else DEAD, "last_error": error.as_dict()}
        await self._change(delivery, values)

    async def give_back(self, delivery: Delivery) -> None:
        """It was not tried after all: it is due again, and this was no attempt."""
        await self._change(delivery, {"due_at": delivery.created_at, "attempts": delivery.attempts - 1})

    async def hold(self, delivery: Delivery, until: datetime) -> None:
        """It was not tried, and neither is what is due now for the same handler, before `until`."""
        same = (Delivery.plugin_id == delivery.plugin_id, Delivery.handler == delivery.handler)
        due = (Delivery.status == WAITING, Delivery.id != delivery.id, Delivery.due_at <= self._clock())
        async with self._database.transaction() as session:
            await session.execute(update(Delivery).where(*same, *due).values(due_at=until))
        await self._change(delivery, {"due_at": until, "attempts": delivery.attempts - 1})

    async def release(self, plugin_id: str, held_until: Collection[datetime]) -> None:
        """What was held until one of these moments is due now."""
        held = (Delivery.plugin_id == plugin_id, Delivery.status == WAITING, Delivery.due_at.in_(held_until))
        async with self._database.transaction() as session:
            await session.execute(update(Delivery).where(*held).values(due_at=self._clock()))

    async def _change(self, delivery: Delivery, values: dict[str, object]) -> None:
        # Unless the time was over and somebody else has it: then it is theirs to say.
        mine = (Delivery.id == delivery.id, Delivery.attempts == delivery.attempts)
        async with self._database.transaction() as session:
            await session.execute(update(Delivery).where(*mine).values(values))
