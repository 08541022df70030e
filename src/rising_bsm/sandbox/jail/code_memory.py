"""Memory with native code in it that could still be written. Linux only.

libffi, under ctypes, puts the entry points of callbacks into pages that are writable and executable at once, or into
one page mapped twice. They are made read-only: callbacks that exist go on working, none can be made or freed any more.
"""

import ctypes
import gc
from _ctypes import CFuncPtr
from dataclasses import dataclass
from pathlib import Path

from rising_bsm.sandbox.jail.libc import call

_PROT_READ, _PROT_EXEC = 1, 4


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of /proc/self/maps, see proc(5); `file` is device and inode."""

    start: int
    end: int
    permissions: str
    file: tuple[str, str]


def mappings() -> list[Mapping]:
    """What this process has mapped."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, permissions, _offset, device, inode = line.split(maxsplit=5)[:5]
        start, end = span.split("-")
        found.append(Mapping(int(start, 16), int(end, 16), permissions, (device, inode)))
    return found


def writable_code(found: list[Mapping]) -> list[Mapping]:
    """Mappings by which code can be changed: executable themselves, or shared with a file that is mapped as code."""
    code = {mapping.file for mapping in found if "x" in mapping.permissions and mapping.file[1] != "0"}
    return [
        mapping
        for mapping in found
        if "w" in mapping.permissions
        and ("x" in mapping.permissions or ("s" in mapping.permissions and mapping.file in code))
    ]


def seal_writable_code() -> int:
    """Take the right to write from such mappings and answer how many there were; raises `OSError`."""
    found = writable_code(mappings())
    for mapping in found:
        executable = _PROT_EXEC if "x" in mapping.permissions else 0
        call("mprotect", mapping.start, mapping.end - mapping.start, _PROT_READ | executable)
    return len(found)


def keep_callbacks() -> None:
    """Let no callback be freed any more, not even when the interpreter ends: freeing one writes to its page."""
    for thing in gc.get_objects():
        if isinstance(thing, CFuncPtr):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
