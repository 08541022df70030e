"""Waiting for a worker: as many calls at once as there are workers, the others in the order of asking."""

import asyncio
from types import TracebackType

from .errors import PoolBusy


class Lane:
    """The calls of one depth. `async with lane:` is one call's turn.

    At most `queue` calls wait, each at most `queue_seconds`; the others get `PoolBusy`.
    """

    def __init__(self, width: int, queue: int, queue_seconds: float) -> None:
        self._free = asyncio.Semaphore(width)
        self.waiting = 0
        self._queue, self._queue_seconds = queue, queue_seconds

    async def __aenter__(self) -> None:
        if not self._free.locked():  # nearly always, and a timer is a tenth of a call
            await self._free.acquire()
            return
        if self.waiting >= self._queue:
            raise _busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._queue_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self.waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free.release()


def _busy() -> PoolBusy:
    return PoolBusy("All sandbox workers are taken.", next_step="Try again in a moment.")
