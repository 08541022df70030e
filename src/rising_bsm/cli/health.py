"""What `rising-bsm doctor` looks at, one function each."""

import asyncio
import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from sqlalchemy import text

from rising_bsm import __version__
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.sandbox.cache import default_directory, guest_bytes, is_filled
from rising_bsm.sandbox.jail import Strength
from rising_bsm.sandbox.jail import check as try_jail
from rising_bsm.web.settings import Settings

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: fine, weaker than it could be, or missing though needed."""

    name: str
    state: Literal["ok", "weak", "missing"]
    detail: str
    next_step: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """The check as JSON."""
        return asdict(self)


def examine() -> list[Check]:
    """Everything, in the order in which it is needed."""
    return [*_program(), *_guest(), *_jail(), *_database()]


def _program() -> Iterator[Check]:
    yield Check("rising-bsm", "ok", __version__)
    old = sys.version_info < OLDEST_PYTHON
    yield Check("python", "missing" if old else "ok", platform.python_version())
    yield Check("platform", "ok", platform.platform())
    yield Check("wasmtime", "ok", version("wasmtime"))


def _guest() -> Iterator[Check]:
    try:
        digest = hashlib.sha256(guest_bytes()).hexdigest()
    except Error as error:
        yield Check("guest", "missing", error.message, error.next_step)
        return
    yield Check("guest", "ok", f"sha256 {digest}")
    folder = default_directory()
    if is_filled(folder):
        yield Check("cache", "ok", f"compiled for this machine in {folder}")
    else:
        yield Check("cache", "weak", f"not in {folder}; the first start fills it, which takes about 10 s")


def _jail() -> Iterator[Check]:
    for report in try_jail():
        needed = report.layer in Strength.STRONG.layers
        state: Literal["ok", "weak", "missing"] = "ok" if report.on else "missing" if needed else "weak"
        yield Check(f"jail: {report.layer.value}", state, report.detail if report.on else f"off: {report.detail}")


def _database() -> Iterator[Check]:
    try:
        settings = Settings.from_environment(os.environ)
        yield _reached(settings)
    except Error as error:
        yield Check("database", "missing", error.message, error.next_step)


def _reached(settings: Settings) -> Check:
    file = Path(settings.database.removeprefix("sqlite:///"))
    if settings.database.startswith("sqlite:///") and not file.exists():
        return _can_be_made(file)
    return asyncio.run(_answers(settings))


def _can_be_made(file: Path) -> Check:
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if os.access(folder, os.W_OK):
        return Check("database", "ok", f"{file} is made at the first start")
    return Check("database", "missing", f"{folder} cannot be written to", "Choose another folder with RISING_BSM_DATA.")


async def _answers(settings: Settings) -> Check:
    database = Database(settings.database)
    try:
        async with database.reading() as session:
            await session.execute(text("SELECT 1"))
    finally:
        await database.close()
    return Check("database", "ok", f"{database.url.get_backend_name()} answers")
