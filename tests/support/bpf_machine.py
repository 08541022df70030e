"""Runs a seccomp filter as the kernel would, on a call that is described instead of made."""

import struct
from collections.abc import Sequence


def run_filter(program: bytes, architecture: int, number: int, arguments: Sequence[int]) -> int:
    """The action that the filter gives for the call."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, value = steps[at]
        at += 1
        match operation:
            case 0x06:
                return int(value)
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x54:
                accumulator &= value
            case _:
                raise ValueError(f"operation {operation:#x}")
