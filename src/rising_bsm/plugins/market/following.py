"""Following acquisitions: those of this process at once, those of others within half a second."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from uuid import UUID

from rising_bsm.plugins.market.journal import Journal
from rising_bsm.plugins.market.steps import Step
from rising_bsm.plugins.market.tables import Acquisition, Progress

LOOK_SECONDS = 0.5


class Followed:
    """Whom to wake when there is news of an acquisition."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._news: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)
        self._bytes: dict[UUID, tuple[int, int]] = {}

    def news(self, row_id: UUID) -> None:
        """Something has happened."""
        if event := self._news.pop(row_id, None):
            event.set()

    def bytes_of(self, row_id: UUID) -> Callable[[int, int], None]:
        """To be told of bytes that have arrived."""

        def arrived(done: int, total: int) -> None:
            self._bytes[row_id] = (done, total)
            self.news(row_id)

        return arrived

    def arrived(self, row_id: UUID) -> tuple[int, int] | None:
        """How many bytes of how many have arrived, as far as this process knows."""
        return self._bytes.get(row_id)

    def ended(self, row_id: UUID) -> None:
        """There will be no news."""
        self._bytes.pop(row_id, None)
        self.news(row_id)

    async def follow(self, row_id: UUID, after: int) -> AsyncIterator[Step]:
        """The steps after the first so many, to the last one, and in between the bytes that have arrived."""
        known: tuple[int, int] | None = None
        while True:
            event = self._news[row_id]
            row = await self._journal.get(row_id)
            for number in range(after, len(row.steps)):
                yield _step(row, number)
            after = max(after, len(row.steps))
            if row.state != Progress.RUNNING:
                self._news.pop(row_id, None)
                return
            if (arrived := self._bytes.get(row_id)) not in (None, known):
                known = arrived
                yield _downloading(after, known)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await event.wait()


def _step(row: Acquisition, number: int) -> Step:
    said = row.steps[number]
    return Step(number + 1, said["name"], said["sentence"], Progress(said["state"]))


def _downloading(number: int, arrived: tuple[int, int] | None) -> Step:
    done, total = arrived or (0, 0)
    return Step(number, "downloading", f"{done:,} of {total:,} bytes have arrived.", done=done, total=total)
