from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.web import Instance, running


@pytest.fixture
async def instance(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Instance]:
    async with running(tmp_path / "data") as found:
        yield found
