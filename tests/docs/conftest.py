import sys
from pathlib import Path

import pytest

from support.docs import ROOT
from support.program import Program

sys.path.insert(0, str(ROOT))  # the pages are written by tools/docs, which is no part of what is installed


@pytest.fixture
def program(tmp_path: Path) -> Program:
    work = tmp_path / "work"
    work.mkdir()
    return Program(work, tmp_path / "config")
