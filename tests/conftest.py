import gc
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from rising_bsm.sandbox import Pool, PoolSettings, cache


def pytest_collection_finish() -> None:
    """What was imported stays: to look through it again and again took two fifths of making an application."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One event loop for the session, so that a sandbox pool can be shared."""
    return "asyncio"


@pytest.fixture(scope="session")
def compiled_guest() -> Iterator[int]:
    """A descriptor of the guest, compiled ahead of time as `make setup` leaves it."""
    descriptor = cache.open_compiled(cache.default_directory())
    yield descriptor
    os.close(descriptor)


@pytest.fixture(scope="session")
async def pool(compiled_guest: int, anyio_backend: str) -> AsyncIterator[Pool]:
    """Two jailed workers."""
    async with Pool(compiled_guest, PoolSettings(workers=2)) as running:
        yield running
