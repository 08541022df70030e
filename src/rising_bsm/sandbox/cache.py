"""The ahead-of-time cache: the guest compiled to machine code, once per wasmtime version, configuration and guest.

Loading a compiled guest means running what it holds, so an entry is used only from a folder of ours, mode 0700, if it
is whole, and if its name says that it was made from exactly this guest by exactly this engine.
"""

import hashlib
import json
import os
import platform
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path
from wasmtime.component import Component

from .engine import CONFIGURATION, make_engine
from .errors import GuestError

Report = Callable[[str], None]
ENTRIES_KEPT = 4


def default_directory() -> Path:
    """The folder of the cache in the user's cache directory."""
    return user_cache_path("rising-bsm")


def guest_bytes() -> bytes:
    """The guest as the package's build made it; raises `GuestError` if it is not there."""
    try:
        return files("rising_bsm.sandbox.guest").joinpath("guest.wasm").read_bytes()
    except FileNotFoundError:
        raise GuestError(
            "The sandbox guest is not part of this installation.",
            code="sandbox.guest_missing",
            place="rising_bsm/sandbox/guest/guest.wasm",
            next_step="Install the package again: its build makes the guest (`make setup`, or `pip install .`).",
        ) from None


def key_of(guest: bytes) -> str:
    """What an entry of the cache is valid for."""
    parts = [version("wasmtime"), platform.machine(), platform.system(), CONFIGURATION]
    described = json.dumps(parts, sort_keys=True).encode()
    return hashlib.sha256(hashlib.sha256(guest).digest() + described).hexdigest()[:32]


def open_compiled(directory: Path, report: Report = lambda _line: None, *, guest: bytes | None = None) -> int:
    """A descriptor of the compiled guest, open for reading; it is compiled first if there is no sound entry.

    `report` gets a line when that takes long; `guest` is another component than the package's own. The caller closes
    the descriptor. Raises `GuestError`.
    """
    guest = guest_bytes() if guest is None else guest
    _make_private(directory)
    entry = directory / f"guest-{key_of(guest)}.cwasm"
    descriptor = _open_sound(entry)
    if descriptor is None:
        report("Preparing the sandbox for this machine, about 10 s, only this once ...")
        _compile(guest, entry)
        descriptor = _open_sound(entry)
    if descriptor is None:
        raise GuestError("The compiled sandbox guest cannot be read back.", place=str(entry))
    return descriptor


def is_filled(directory: Path) -> bool:
    """Whether a sound entry is there for this installation."""
    descriptor = _open_sound(directory / f"guest-{key_of(guest_bytes())}.cwasm")
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


def _make_private(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = directory.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise GuestError(
            "The cache folder belongs to somebody else.",
            code="sandbox.cache_foreign",
            place=str(directory),
            next_step="Remove it, or set XDG_CACHE_HOME to a folder of your own.",
        )
    directory.chmod(0o700)


def _open_sound(entry: Path) -> int | None:
    """The entry, opened, if it is ours and its content has the digest that was noted when it was made."""
    try:
        descriptor = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    if _is_ours(descriptor) and _digest_of(descriptor) == _noted_digest(entry):
        return descriptor
    os.close(descriptor)
    return None


def _is_ours(descriptor: int) -> bool:
    state = os.fstat(descriptor)
    return stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o022


def _digest_of(descriptor: int) -> str:
    with open(os.dup(descriptor), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _noted_digest(entry: Path) -> str | None:
    try:
        return entry.with_suffix(".sha256").read_text()
    except (OSError, UnicodeDecodeError):
        return None


def _compile(guest: bytes, entry: Path) -> None:
    compiled = bytes(Component(make_engine(), guest).serialize())
    _write(entry, compiled)
    _write(entry.with_suffix(".sha256"), hashlib.sha256(compiled).hexdigest().encode())
    _forget_old(entry.parent)


def _forget_old(directory: Path) -> None:
    """Keep the newest entries: several installations of one user share the folder, and each has a guest of its own."""
    entries = sorted(directory.glob("guest-*.cwasm"), key=lambda entry: entry.lstat().st_mtime_ns, reverse=True)
    for old in entries[ENTRIES_KEPT:]:
        for path in (old, old.with_suffix(".sha256")):
            with suppress(OSError):
                path.unlink()


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, also when several processes do it at once."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


if __name__ == "__main__":
    os.close(open_compiled(default_directory(), print))
