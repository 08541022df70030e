"""The memory inside a built guest, and the objects in it that live for ever."""

import struct
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.sandbox import Pool
from rising_bsm.sandbox.guest.snapshot import ALIGNMENT, IMMORTAL, MARK, Snapshot, SnapshotError, immortalised
from support.sandbox import run

HEAP, TABLE = 1024, 4096


@pytest.mark.anyio
async def test_what_modules_are_made_of_is_immortal_in_a_running_guest(pool: Pool) -> None:
    asked = await run(
        pool,
        "import sys, json, decimal",
        "own = object()",
        "return [sys._is_immortal(thing) for thing in (json.dumps, vars(json), decimal.Decimal, Plugin, own)]",
    )
    assert asked == [True, True, True, True, False]


@given(counts=st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_only_the_counts_in_the_table_are_changed(counts: list[int]) -> None:
    before = make_component(counts, marked=range(0, len(counts), 2))
    after = Snapshot(immortalised(before))

    words = [after.word(HEAP + 16 * index) for index in range(len(counts))]
    assert words == [count if index % 2 else IMMORTAL for index, count in enumerate(counts)]
    assert len(after.component) == len(before)


def test_an_object_that_is_immortal_stays_as_it_is() -> None:
    static = 7 << 28
    assert Snapshot(immortalised(make_component([static], marked=[0]))).word(HEAP) == static


@pytest.mark.parametrize("count", [0, 1 << 24, (1 << 30) - 1])
def test_what_is_no_object_is_refused(count: int) -> None:
    with pytest.raises(SnapshotError, match="no object"):
        immortalised(make_component([count, 1], marked=[0]))


def test_a_guest_without_a_table_is_refused() -> None:
    with pytest.raises(SnapshotError, match="no table"):
        immortalised(make_component([1], marked=[0], mark=b"something else"))


def make_component(counts: list[int], *, marked: Iterable[int], mark: bytes = MARK) -> bytes:
    """A component with one module, whose memory has an object for each reference count, and the table of the marked."""
    heap = b"".join(struct.pack("<4I", count, 1, 1, 1) for count in counts)
    bits = bytearray((HEAP + len(heap)) // ALIGNMENT // 8 + 1)
    for index in marked:
        place = (HEAP + 16 * index) // ALIGNMENT
        bits[place // 8] |= 1 << place % 8
    # A `bytes` object: reference count, type, length, hash, content.
    table = struct.pack("<4I", 1, 1, len(mark) + len(bits), 0) + mark + bytes(bits)
    segments = _segment(HEAP, heap) + _segment(TABLE, table)
    module = b"\0asm\1\0\0\0" + _section(11, _number(2) + segments)
    return b"\0asm\x0d\0\1\0" + _section(0, b"\4name") + _section(4, b"\0asm\x0d\0\1\0" + _section(1, module))


def _segment(address: int, data: bytes) -> bytes:
    return b"\0\x41" + _signed(address) + b"\x0b" + _number(len(data)) + data


def _section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + _number(len(content)) + content


def _number(value: int) -> bytes:
    out = b""
    while value >= 128:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _signed(value: int) -> bytes:
    """As `_number`, with a byte more where the sign bit would be set."""
    out = _number(value)
    return out if out[-1] < 64 else out[:-1] + bytes([out[-1] | 128, 0])
