import os
from collections.abc import AsyncIterator, Iterator

import pytest

from rising_bsm.sandbox import Pool, PoolSettings, cache


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
