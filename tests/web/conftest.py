from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rising_bsm.sandbox import Pool
from support.web import Instance, running


@pytest.fixture
async def instance(tmp_path: Path, pool: Pool) -> AsyncIterator[Instance]:
    async with running(tmp_path / "data", pool=pool) as found:
        yield found
