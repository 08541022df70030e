"""Root keys go out of the instance and come back; nothing is forgotten that was not written."""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.marketplace.index import Index
from rising_bsm.runtime import Cipher
from rising_bsm.web.secret import instance_secret
from rising_bsm.web.settings import Settings
from support.program import Program

ENV = {"RISING_BSM_PASSPHRASE": "a long passphrase"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    (tmp_path / "safe").mkdir()
    return tmp_path / "safe"


def ask(data: Path, question: Callable[[Index], Awaitable[Any]]) -> Any:
    async def asked() -> Any:
        database = Database(Settings(data_dir=data).database)
        try:
            return await question(Index(database, Cipher(instance_secret(data))))
        finally:
            await database.close()

    return asyncio.run(asked())


def rotated(data: Path, role: str) -> str:
    """The code of the refusal, if it is one."""
    try:
        ask(data, lambda index: index.rotate(role))
    except Error as error:
        return error.code
    return ""


def test_they_go_and_come_back(program: Program, data: Path, safe: Path) -> None:
    out = program("index", "export-root", str(safe), "--data", str(data), "--json", **ENV).json
    assert len(out["files"]) == 3
    assert rotated(data, "timestamp") == "index.root_away"
    assert rotated(data, "reviewed") == ""

    program("index", "import-root", out["files"][0], "--data", str(data), **ENV)
    assert rotated(data, "timestamp") == "index.root_away"
    run = program("index", "import-root", *out["files"][1:], "--data", str(data), **ENV)
    assert run.status == 0, run.err
    assert rotated(data, "timestamp") == ""


def test_they_are_for_their_owner_who_knows_the_passphrase(program: Program, data: Path, safe: Path) -> None:
    out = program("index", "export-root", str(safe), "--data", str(data), "--json", **ENV).json

    assert {stat.S_IMODE(path.stat().st_mode) for path in safe.iterdir()} == {0o600}
    assert all(b"ENCRYPTED" in path.read_bytes() for path in safe.iterdir())
    wrong = program("index", "import-root", *out["files"], "--data", str(data), RISING_BSM_PASSPHRASE="another")
    assert wrong.status == 1
    assert rotated(data, "root") == "index.root_away"


def test_a_backup_leaves_them_there(program: Program, data: Path, safe: Path) -> None:
    out = program("index", "export-root", str(safe), "--keep", "--data", str(data), "--json", **ENV).json

    assert (len(out["files"]), out["kept"]) == (3, True)
    assert rotated(data, "root") == ""
    late = program("index", "import-root", *out["files"], "--data", str(data), "--json", **ENV)
    assert late.json["error"]["code"] == "index.not_a_root_key"


def test_what_cannot_be_written_is_not_forgotten(program: Program, data: Path, safe: Path) -> None:
    run = program("index", "export-root", str(safe / "missing"), "--data", str(data), "--json", **ENV)

    assert run.json["error"]["code"] == "key.not_written"
    assert rotated(data, "root") == ""


def test_there_is_nothing_to_move_twice(program: Program, data: Path, safe: Path) -> None:
    program("index", "export-root", str(safe), "--data", str(data), **ENV)

    again = program("index", "export-root", str(safe), "--data", str(data), **ENV)
    assert again.status == 0
    assert "No root key is in this instance." in again.out + again.err


@pytest.mark.parametrize("name", ["nothing.pem", "."])
def test_what_is_no_key(program: Program, data: Path, safe: Path, name: str) -> None:
    run = program("index", "import-root", str(safe / name), "--data", str(data), "--json", **ENV)

    assert run.json["error"]["code"].startswith("key.")
