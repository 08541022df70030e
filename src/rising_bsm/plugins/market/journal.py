"""The journal of acquisitions: each step is in the database before the next one is begun."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from rising_bsm.accounts.activity import record
from rising_bsm.accounts.actor import Actor
from rising_bsm.db import Database, iso, now, uuid7
from rising_bsm.errors import Conflict, Error, NotFound
from rising_bsm.plugins.market.steps import STEPS, Step
from rising_bsm.plugins.market.tables import Acquisition, PluginPin, Progress

LEASE_SECONDS = 20.0
KEPT, KEPT_DAYS = 100, 90
_ENDED = (Progress.DONE, Progress.FAILED)


class AlreadyAcquiring(Conflict):
    """The plugin is on its way already."""

    code = "market.already_acquiring"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"{plugin_id} is being installed or updated from the marketplace already.",
            place=plugin_id,
            next_step="See GET /api/market/installs for how far it is.",
        )


class NoAcquisition(NotFound):
    """Nothing was ever acquired under this id."""

    code = "market.no_acquisition"


class LostHold(Conflict):
    """This process stood still for so long that another one has gone on."""

    code = "market.lost_hold"


class Journal:
    """The rows of acquisitions; `me` names this process among those that work on the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._me = uuid7()

    async def begin(self, row: Acquisition) -> None:
        """The acquisition is under way, in this process. Raises AlreadyAcquiring."""
        row.busy_by, row.busy_until = self._me, now() + timedelta(seconds=LEASE_SECONDS)
        try:
            async with self._database.transaction() as session:
                session.add(row)
        except IntegrityError:
            raise AlreadyAcquiring(row.plugin_id) from None

    async def get(self, row_id: UUID) -> Acquisition:
        """The acquisition. Raises NoAcquisition."""
        async with self._database.reading() as session:
            row = await session.get(Acquisition, row_id)
        if row is None:
            raise NoAcquisition("There is no installation with this id.", place=str(row_id))
        return row

    async def newest(self, limit: int = 50) -> Sequence[Acquisition]:
        """The newest ones, the newest first."""
        async with self._database.reading() as session:
            return (await session.scalars(select(Acquisition).order_by(Acquisition.id.desc()).limit(limit))).all()

    async def in_state(self, state: Progress, plugin_id: str | None = None) -> Sequence[Acquisition]:
        """Those that stand so, of this plugin if one is named, the oldest first."""
        chosen = select(Acquisition).where(Acquisition.state == state)
        if plugin_id is not None:
            chosen = chosen.where(Acquisition.plugin_id == plugin_id)
        async with self._database.reading() as session:
            return (await session.scalars(chosen.order_by(Acquisition.id))).all()

    async def took(self, row: Acquisition, name: str, **changes: Any) -> Step:
        """The step was taken; what is known because of it is kept with it. Raises LostHold."""
        step = Step(len(row.steps) + 1, name, STEPS[name])
        await self._write(row, step, changes)
        return step

    async def end(self, row: Acquisition, state: Progress, error: Error | None = None) -> Step:
        """It is over, or what it reserved must still be given back. Raises LostHold."""
        sentence = error.message if error else f"{row.plugin_id} {row.version} is installed."
        step = Step(len(row.steps) + 1, "done" if error is None else "failed", sentence, state)
        changes: dict[str, Any] = {"state": state, "running_for": None}
        # What must still be given back may have to be asked for with the key.
        changes |= {"sealed_key": None} if state != Progress.UNDOING else {}
        problem = error.as_dict() if error else None
        await self._write(row, step, changes | {"problem": problem, "busy_by": None, "busy_until": None})
        return step

    async def note(self, row: Acquisition, **changes: Any) -> None:
        """This is different now. Raises LostHold."""
        await self._write(row, None, changes)

    async def log(self, row: Acquisition, actor: Actor, state: str) -> None:
        """The deed is in the activity log, and which channel of the marketplace the plugin follows is known."""
        async with self._database.transaction() as session:
            pin = await session.scalar(select(PluginPin).where(PluginPin.plugin_id == row.plugin_id))
            if pin is None:
                session.add(PluginPin(plugin_id=row.plugin_id, channel=row.channel, version=None))
            else:
                pin.channel = row.channel
            detail = {"version": row.version, "licence": row.licence}
            record(session, actor, f"market.{state}", "plugin", row.plugin_id, detail)

    async def released(self, row: Acquisition) -> None:
        """What it had reserved was given back after all was done."""
        given_back = update(Acquisition).where(Acquisition.id == row.id).values(reserved=False)
        async with self._database.transaction() as session:
            await session.execute(given_back, execution_options={"synchronize_session": False})

    async def prune(self, moment: datetime | None = None) -> None:
        """Forgets what has ended, except the last KEPT, what is younger than KEPT_DAYS, and what has taken a seat."""
        ended = Acquisition.state.in_(_ENDED), Acquisition.reserved.is_(False)
        last = select(Acquisition.id).where(Acquisition.state.in_(_ENDED)).order_by(Acquisition.id.desc()).limit(KEPT)
        before = (moment or now()) - timedelta(days=KEPT_DAYS)
        async with self._database.transaction() as session:
            kept = (await session.scalars(last)).all()
            old = delete(Acquisition).where(*ended, Acquisition.updated_at < before, Acquisition.id.not_in(kept))
            await session.execute(old, execution_options={"synchronize_session": False})

    async def take(self, row: Acquisition, *, whoever_has_it: bool) -> bool:
        """This process goes on with it; not if another one is at it, unless there can be none."""
        free = or_(Acquisition.busy_until.is_(None), Acquisition.busy_until <= now(), Acquisition.busy_by == self._me)
        conditions: list[ColumnElement[bool]] = [] if whoever_has_it else [free]
        until = now() + timedelta(seconds=LEASE_SECONDS)
        return await self._update(row, *conditions, busy_by=self._me, busy_until=until)

    async def renew(self, row: Acquisition) -> None:
        """This process is still at it. Raises LostHold."""
        await self.note(row)

    async def let_go(self, row: Acquisition) -> None:
        """This process ends, and does not go on with it; the next one may at once."""
        await self._update(row, Acquisition.busy_by == self._me, busy_until=None)

    async def _write(self, row: Acquisition, step: Step | None, changes: dict[str, Any]) -> None:
        taken = [*row.steps, step.as_dict() | {"at": iso(now())}] if step else row.steps
        values = {"steps": taken, "busy_until": now() + timedelta(seconds=LEASE_SECONDS)} | changes
        if not await self._update(row, Acquisition.busy_by == self._me, **values):
            raise LostHold("Another process has gone on with this installation.", place=str(row.id))
        for name, value in values.items():
            setattr(row, name, value)

    async def _update(self, row: Acquisition, *conditions: ColumnElement[bool], **values: Any) -> bool:
        going_on = Acquisition.id == row.id, Acquisition.state.not_in(_ENDED)
        changed = update(Acquisition).where(*going_on, *conditions).values(**values).returning(Acquisition.id)
        async with self._database.transaction() as session:
            done = await session.scalar(changed, execution_options={"synchronize_session": False})
        return done is not None
