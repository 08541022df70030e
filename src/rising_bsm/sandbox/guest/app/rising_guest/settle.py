"""Make the snapshot cheap to start from.

A fresh instance shares the snapshot's pages with all others until it writes to them, and each first write costs a page
fault. Left alone, the allocator hands out the gaps that start-up left all over the heap, one page each: loading a
small plugin then touches 800 pages. So the gaps are filled here, once, from the largest to the smallest, and the new
objects of an instance stand side by side behind everything else.
"""

import gc
import sys

from . import immortal

EMPTY = sys.getsizeof(b"")
SIZES = [*(2**power for power in range(16, 9, -1)), *range(1016, EMPTY, -8)]

_ballast: list[bytes] = []
_immortal: list[bytes] = []


def settle() -> None:
    """Collect, fill the gaps of the heap, and keep the collector away from all that is here."""
    gc.collect()
    _immortal.append(immortal.table())
    end = 0
    for size in SIZES:
        end = _fill(size, end)
    gc.freeze()


def _fill(size: int, end: int) -> int:
    """Allocate until an object comes from the end of the heap and no longer from a gap in it."""
    while True:
        _ballast.append(bytes(size - EMPTY))
        address = id(_ballast[-1])
        if address > end:
            return address
