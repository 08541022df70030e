"""Calls to the C library that raise `OSError` like Python's own."""

import ctypes
import os
from functools import cache


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call the C function `name`, whole numbers as C `long`; raises `OSError` naming it when it answers -1."""
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result: int = getattr(_library(), name)(*passed)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0, third: object = 0) -> int:
    """Call `prctl` with its unused arguments zero, as several options insist on; raises `OSError`."""
    return call("prctl", option, value, third, 0, 0)
