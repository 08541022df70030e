"""Memory with native code in it that could still be written. Linux only.

libffi, under ctypes, puts the entry points of callbacks into pages that are writable and executable at once, or into
pages mapped twice. They are made read-only: callbacks that exist go on working, none can be made or freed any more.
"""

import ctypes
import gc
from _ctypes import CFuncPtr
from dataclasses import dataclass
from pathlib import Path

from rising_bsm.sandbox.jail.layers import Unavailable
from rising_bsm.sandbox.jail.libc import call

_PROT_READ, _PROT_WRITE, _PROT_EXEC = 1, 2, 4
_MAP_PRIVATE, _MAP_FIXED, _MAP_ANONYMOUS = 0x02, 0x10, 0x20
_NO_FILE = ("00:00", "0")


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of /proc/self/maps, see proc(5); `file` is device and inode."""

    start: int
    end: int
    permissions: str
    file: tuple[str, str]

    @property
    def is_code(self) -> bool:
        """Whether it can be executed."""
        return "x" in self.permissions

    @property
    def is_writable(self) -> bool:
        """Whether it can be written."""
        return "w" in self.permissions

    @property
    def is_shared(self) -> bool:
        """Whether others see what is written to it."""
        return "s" in self.permissions


def mappings() -> list[Mapping]:
    """What this process has mapped."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, permissions, _offset, device, inode = line.split(maxsplit=5)[:5]
        start, end = span.split("-")
        found.append(Mapping(int(start, 16), int(end, 16), permissions, (device, inode)))
    return found


def seal_writable_code() -> int:
    """Make all code of this process read-only and its own, and answer how many mappings were not so.

    Code in shared memory is replaced by a private copy, since whoever maps it a second time could write it there.
    Raises `OSError`, and `Unavailable` when a file that is mapped as code is also mapped for writing.
    """
    found = [mapping for mapping in mappings() if mapping.is_code and (mapping.is_writable or mapping.is_shared)]
    for mapping in found:
        if mapping.is_shared:
            _replace_by_copy(mapping)
        call("mprotect", mapping.start, mapping.end - mapping.start, _PROT_READ | _PROT_EXEC)
    left = mappings()
    code = {mapping.file for mapping in left if mapping.is_code and mapping.file != _NO_FILE}
    if any(mapping.is_shared and mapping.is_writable and mapping.file in code for mapping in left):
        raise Unavailable("a file with code in it is mapped for writing")
    return len(found)


def _replace_by_copy(mapping: Mapping) -> None:
    length = mapping.end - mapping.start
    content = ctypes.string_at(mapping.start, length)
    call("mmap", mapping.start, length, _PROT_READ | _PROT_WRITE, _MAP_PRIVATE | _MAP_FIXED | _MAP_ANONYMOUS, -1, 0)
    ctypes.memmove(mapping.start, content, length)


def keep_callbacks() -> None:
    """Let no callback be freed any more, not even when the interpreter ends: freeing one writes to its page."""
    for thing in gc.get_objects():
        if issubclass(type(thing), CFuncPtr):  # isinstance would ask the object, and a proxy may have lost its own
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
