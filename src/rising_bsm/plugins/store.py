"""Files of plugins: bundles, and the code that was compiled from them; both named by the digest of the bundle."""

import hashlib
import os
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rising_bsm.errors import Failed


class FileLost(Failed):
    """A file of a plugin is not on disk any more."""

    code = "plugins.file_lost"


class FileChanged(Failed):
    """A file of a plugin is not what it was when it was stored."""

    code = "plugins.file_changed"


class StoreUnusable(Failed):
    """The folder cannot be read or written."""

    code = "plugins.store_unusable"


_NEW = ".new-"
_HALF_WRITTEN_SECONDS = 3_600
_INSTALL_AGAIN = "Uninstall the plugin and install it again from its bundle."


class FileStore:
    """A folder of files for the user of this process alone; a file is known by the SHA-256 it must have, in hex.

    Every method visits the disk; call them beside the event loop. All raise StoreUnusable when the disk fails.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> str:
        """Keeps the bytes under this name, whole or not at all, and gives their SHA-256."""
        with _disk(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._folder / name, data)
        return sha256(data)

    def get(self, name: str, digest: str) -> bytes:
        """The bytes under this name. Raises FileLost, and FileChanged when they have another digest."""
        path = self._folder / name
        try:
            with _disk(path):
                data = path.read_bytes()
        except FileNotFoundError:
            raise FileLost("A file of the plugin is gone.", place=str(path), next_step=_INSTALL_AGAIN) from None
        if sha256(data) != digest:
            raise FileChanged(
                "A file of the plugin was changed on disk.",
                place=str(path),
                next_step=f"Find out who can write there. {_INSTALL_AGAIN}",
            )
        return data

    def delete(self, name: str) -> None:
        """Removes the file, if there is one."""
        with _disk(self._folder):
            (self._folder / name).unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """What there is in the folder, half-written files included."""
        with _disk(self._folder), suppress(FileNotFoundError):
            return [path for path in self._folder.iterdir() if not path.is_dir()]
        return []

    def keep_only(self, names: Collection[str], files: Collection[Path]) -> None:
        """Removes those of the files that have none of the names; a half-written one goes an hour later if it has."""
        with _disk(self._folder):
            for path in files:
                if _name_of(path) not in names or (path.name.startswith(_NEW) and _is_old(path)):
                    path.unlink(missing_ok=True)


def sha256(data: bytes) -> str:
    """The SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def _name_of(path: Path) -> str:
    """The name that the file has, or is to get when it is written."""
    return path.name.removeprefix(_NEW).partition("-")[0] if path.name.startswith(_NEW) else path.name


def _is_old(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > _HALF_WRITTEN_SECONDS
    return False


def write_whole(path: Path, data: bytes) -> None:
    """Replaces the file by one with this content, which is on disk then, or leaves it as it was. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{_NEW}{path.name}-")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreUnusable(
            f"The plugins' folder cannot be used: {error.strerror}.",
            place=str(place),
            next_step="See that the disk is not full, and that the user who runs this instance owns the folder.",
        ) from error
