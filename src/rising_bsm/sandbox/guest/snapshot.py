"""The snapshot inside a built guest: its memory as the component carries it, and what the build changes in it.

Only what is needed of the formats: https://webassembly.github.io/spec/core/binary/modules.html and
https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator

MARK = b"objects that live for ever:"
"""What the table of such objects begins with (`rising_guest.immortal`)."""
ALIGNMENT = 4
LARGEST_COUNT = 1 << 24
IMMORTAL = 5 << 28
"""`_Py_IMMORTAL_INITIAL_REFCNT` of CPython 3.14 where pointers have 32 bits (Include/refcount.h)."""
ALREADY = 1 << 30

_PREAMBLE, _CORE_MODULE, _COMPONENT, _DATA = 8, 1, 4, 11
_I32_CONST, _END = 0x41, 0x0B


class SnapshotError(Exception):
    """The guest is not what this was written for."""


def immortalised(component: bytes) -> bytes:
    """The component with the reference counts of the objects in its table set to that of immortal ones.

    Raises SnapshotError when there is no table, or something in it is no object.
    """
    snapshot = Snapshot(component)
    for address in _addresses(snapshot.table()):
        count = snapshot.word(address)
        if count < ALREADY:
            if not 1 <= count < LARGEST_COUNT:
                raise SnapshotError(f"at {address:#x} is no object")
            snapshot.write_word(address, IMMORTAL)
    return bytes(snapshot.component)


class Snapshot:
    """The memory of a component, by address."""

    def __init__(self, component: bytes) -> None:
        self.component = bytearray(component)
        segments = sorted(_segments(self.component, _PREAMBLE, len(component)))
        self._places = [(address, start) for address, start, _ in segments]
        self._addresses = [address for address, _, _ in segments]
        self._memory = bytearray(max((address + size for address, _, size in segments), default=0))
        for address, start, size in segments:
            self._memory[address : address + size] = component[start : start + size]

    def table(self) -> bytes:
        """The bits of the table: one for each `ALIGNMENT` bytes of memory."""
        at = self._memory.find(MARK)
        while at >= 0:
            # The length of a `bytes` object stands before its hash and its content; the mark alone is a constant.
            size = self.word(at - 8)
            if size > len(MARK):
                return bytes(self._memory[at + len(MARK) : at + size])
            at = self._memory.find(MARK, at + 1)
        raise SnapshotError("the guest has no table of objects that live for ever")

    def word(self, address: int) -> int:
        """The 32 bits at an address."""
        return int(struct.unpack_from("<I", self._memory, address)[0])

    def write_word(self, address: int, value: int) -> None:
        """Writes 32 bits into the component; zeros between two segments cannot be written to."""
        segment, start = self._places[bisect_right(self._addresses, address) - 1]
        place = start + address - segment
        if self.component[place : place + 4] != self._memory[address : address + 4]:
            raise SnapshotError(f"{address:#x} is not within one segment")
        struct.pack_into("<I", self.component, place, value)


def _addresses(bits: bytes) -> Iterator[int]:
    for index, byte in enumerate(bits):
        for bit in range(8):
            if byte >> bit & 1:
                yield (index * 8 + bit) * ALIGNMENT


def _segments(data: bytearray, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Address, place in the file and size of each piece of memory, in whatever module of the component it is."""
    for kind, begin, stop in _sections(data, start, end):
        if kind == _COMPONENT:
            yield from _segments(data, begin + _PREAMBLE, stop)
        elif kind == _CORE_MODULE:
            for inner, first, _last in _sections(data, begin + _PREAMBLE, stop):
                if inner == _DATA:
                    yield from _active_segments(data, first)


def _sections(data: bytearray, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        size, begin = _number(data, at + 1)
        yield data[at], begin, begin + size
        at = begin + size


def _active_segments(data: bytearray, at: int) -> Iterator[tuple[int, int, int]]:
    count, at = _number(data, at)
    for _ in range(count):
        if data[at] != 0 or data[at + 1] != _I32_CONST:
            raise SnapshotError("a piece of memory without a fixed address")
        address, at = _number(data, at + 2)
        if data[at] != _END:
            raise SnapshotError("a piece of memory whose address is computed")
        size, at = _number(data, at + 1)
        yield address, at, size
        at += size


def _number(data: bytearray, at: int) -> tuple[int, int]:
    """A number in LEB128, and where it ends; addresses below 2 GiB are the same signed and unsigned."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
