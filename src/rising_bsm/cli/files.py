"""Bundles on disk: read with a sentence when they cannot be, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from rising_bsm.errors import NotFound, TooLarge

LARGEST = 64_000_000


def read_bundle_file(path: Path) -> bytes:
    """The bytes of the file; raises `NotFound`, or `TooLarge` before reading what no bundle can be."""
    if not path.is_file():
        raise NotFound(
            "There is no such file.",
            code="cli.no_such_bundle",
            place=str(path),
            next_step="Make a bundle with `rising-bsm build`, or correct the path.",
        )
    if path.stat().st_size > LARGEST:
        raise TooLarge(
            f"The file is larger than {LARGEST:,} bytes; no bundle is.",
            place=str(path),
            next_step="Name a file that `rising-bsm build` made.",
        )
    return path.read_bytes()


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write the file so that whoever looks sees the old one or the new one; an OSError names `path`."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
