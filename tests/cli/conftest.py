from pathlib import Path

import pytest

from support.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    work = tmp_path / "work"
    work.mkdir()
    return Program(work, tmp_path / "config")
