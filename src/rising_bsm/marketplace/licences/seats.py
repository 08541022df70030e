"""The seats of one licence: taken by instances that are alive, counted each time, never added up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.instances.queries import SILENCE
from rising_bsm.marketplace.licences.errors import NoMachine, TooManyMachines, TooManyMoves
from rising_bsm.marketplace.licences.tables import Activation, SoldLicence

YEAR = timedelta(days=365)
MOVES_A_YEAR = 3
FOR_TRYING = 10
"""How many instances at once may try things out without a seat."""


class Seats:
    """The seats of a licence at one moment, in a transaction that has locked the licence's row.

    A *move* is a seat that goes to an instance although as many others as there are seats have had one within a year,
    unless that instance is the one that had the last. So reinstalling is none, and passing a seat around is one.
    """

    def __init__(self, session: AsyncSession, licence: SoldLicence, moment: datetime) -> None:
        self._session = session
        self._licence = licence
        self._moment = moment

    async def take(self, instance_id: UUID, *, seated: bool, move: bool = False) -> None:
        """The licence is active on the instance from now on, if it is not already.

        With `move` the seat that was silent longest is taken from another instance. Raises TooManyMachines,
        TooManyMoves.
        """
        stays = await self._open()
        mine = next((stay for stay in stays if stay.instance_id == instance_id), None)
        others = [stay for stay in stays if stay is not mine and stay.seated == seated]
        if mine is not None and mine.seated == seated:
            self._keep(mine, others)
            return
        if mine is not None:  # it was there for trying things out and is in earnest now, or the other way round
            await self._end(mine, "changed")
        await self._begin(instance_id, others, seated=seated, move=move)

    async def refresh(self, instance_id: UUID) -> None:
        """The instance is alive, and so is its seat. Raises NoMachine, TooManyMachines."""
        stays = await self._open()
        mine = next((stay for stay in stays if stay.instance_id == instance_id), None)
        if mine is None:
            raise NoMachine
        self._keep(mine, [stay for stay in stays if stay is not mine and stay.seated == mine.seated])

    async def release(self, instance_id: UUID) -> None:
        """The instance has no seat any more; nothing happens if it had none."""
        for stay in await self._open():
            if stay.instance_id == instance_id:
                await self._end(stay, "released")

    def _keep(self, mine: Activation, others: Sequence[Activation]) -> None:
        # Those who came later go first when there are fewer seats than before.
        rivals = [stay for stay in others if self._alive(stay)]
        if self._alive(mine):
            rivals = [stay for stay in rivals if (stay.activated_at, stay.id) < (mine.activated_at, mine.id)]
        if len(rivals) >= self._most(mine.seated):
            raise TooManyMachines(self._licence)
        mine.seen_at = self._moment

    async def _begin(self, instance_id: UUID, others: Sequence[Activation], *, seated: bool, move: bool) -> None:
        await self._make_room(others, seated=seated, move=move)
        moved = seated and await self._is_move(instance_id)
        if moved and await self._moves() >= MOVES_A_YEAR:
            raise TooManyMoves(MOVES_A_YEAR)
        times = {"activated_at": self._moment, "seen_at": self._moment}
        self._session.add(
            Activation(licence_id=self._licence.id, instance_id=instance_id, seated=seated, moved=moved, **times)
        )

    async def _make_room(self, others: Sequence[Activation], *, seated: bool, move: bool) -> None:
        """Ends stays that are silent, or with `move` one that is not, until there is a place."""
        too_many = len(others) - self._most(seated) + 1
        silent_first = sorted(others, key=lambda stay: (stay.seen_at, stay.id))
        for stay in silent_first[: max(0, too_many)]:
            if not self._alive(stay):
                await self._end(stay, "silent")
            elif move and too_many == 1:
                await self._end(stay, "moved")
            else:
                raise TooManyMachines(self._licence)

    async def _is_move(self, instance_id: UUID) -> bool:
        since = self._moment - YEAR
        recent = or_(Activation.released_at.is_(None), Activation.released_at > since)
        query = select(Activation).where(Activation.licence_id == self._licence.id, Activation.seated, recent)
        stays = (await self._session.scalars(query)).all()
        others = [stay for stay in stays if stay.instance_id != instance_id]
        left = max(
            (stay.released_at for stay in stays if stay.instance_id == instance_id and stay.released_at), default=None
        )
        if left is not None and all(stay.activated_at < left for stay in others):
            return False  # nobody has come since it left
        return len({stay.instance_id for stay in others}) >= self._licence.max_installs

    async def _moves(self) -> int:
        query = select(func.count()).where(Activation.licence_id == self._licence.id, Activation.moved)
        return await self._session.scalar(query.where(Activation.activated_at > self._moment - YEAR)) or 0

    async def _open(self) -> Sequence[Activation]:
        query = select(Activation).where(Activation.licence_id == self._licence.id, Activation.released_at.is_(None))
        return (await self._session.scalars(query.execution_options(populate_existing=True))).all()

    async def _end(self, stay: Activation, how: str) -> None:
        stay.released_at, stay.ended = self._moment, how
        await self._session.flush()

    def _alive(self, stay: Activation) -> bool:
        return stay.seen_at > self._moment - SILENCE

    def _most(self, seated: bool) -> int:
        return self._licence.max_installs if seated else FOR_TRYING
