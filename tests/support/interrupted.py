"""Databases and stores that fail at a chosen step, once or, as after a crash, from then on."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database
from rising_bsm.errors import Failed
from rising_bsm.plugins.store import FileStore


class Interrupted(Failed):
    """The step did not happen."""

    code = "test.interrupted"


@dataclass
class Fate:
    """Lets step number `at` fail, counted from 1, and with `for_good` all after it; 0 lets everything pass."""

    at: int = 0
    for_good: bool = False
    count: int = 0

    def step(self) -> None:
        self.count += 1
        if self.at and (self.count == self.at or (self.for_good and self.count > self.at)):
            raise Interrupted(f"Interrupted at step {self.count}.")

    @property
    def has_struck(self) -> bool:
        return bool(self.at) and self.count >= self.at


class FatefulDatabase(Database):
    """A database whose transactions are steps: one that fails is rolled back."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self._fate = fate

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with super().transaction() as session:
            yield session
            await session.flush()
            self._fate.step()


def fateful_store(fate: Fate) -> Callable[[Path], FileStore]:
    """Makes stores of which every change is a step."""

    class FatefulStore(FileStore):
        def put(self, name: str, data: bytes) -> str:
            fate.step()
            return super().put(name, data)

        def delete(self, name: str) -> None:
            fate.step()
            super().delete(name)

    return FatefulStore
