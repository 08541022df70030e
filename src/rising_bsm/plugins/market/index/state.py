"""What a client of the index remembers: a folder of files for the user of this process alone.

Several processes may share it. A file is replaced whole, under a lock, and only if it is still the one that was read:
who was slower begins anew, so that nobody puts back what somebody else has seen to be over.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rising_bsm.plugins.market.index.errors import StateUnusable
from rising_bsm.plugins.market.index.layout import REVIEWED
from rising_bsm.plugins.store import write_whole

_NAMES = re.compile(rf"(first-root|root|timestamp|snapshot|targets|floors|time|{REVIEWED}-[0-9a-f]{{1,8}})\.json")
_LOCK = "lock"


class Changed(Exception):
    """Somebody else has replaced the file meanwhile."""


class State:
    """The folder; it is made when something is first kept. Every method visits the disk and raises StateUnusable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        """The file, None if there is none."""
        with _disk(self._folder), suppress(FileNotFoundError):
            return self._path(name).read_bytes()
        return None

    def put(self, name: str, data: bytes, *, seen: bytes | None) -> None:
        """Replaces the file, which was `seen` so; raises Changed if it is another now."""
        with self._locked():
            if self.get(name) != seen:
                raise Changed
            self._write(name, data)

    def replace(self, name: str, data: bytes) -> None:
        """Replaces the file, whatever it is."""
        with self._locked():
            self._write(name, data)

    def change(self, name: str, change: Callable[[bytes | None], bytes | None]) -> None:
        """Replaces the file by what `change` makes of it, None to leave it; raises what that raises."""
        if (before := self.get(name)) is not None and change(before) is None:
            return
        with self._locked():
            data = change(self.get(name))
            if data is not None:
                self._write(name, data)

    def _path(self, name: str) -> Path:
        if not _NAMES.fullmatch(name):
            raise ValueError(f"no file of the index is named {name!r}")
        return self._folder / name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _disk(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, name: str, data: bytes) -> None:
        path = self._path(name)
        with _disk(self._folder):
            write_whole(path, data)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StateUnusable(
            f"What was seen of the marketplace's index cannot be kept: {error.strerror}.",
            place=str(folder),
            next_step="See that the disk is not full, and that the user who runs this instance owns the folder.",
        ) from error
