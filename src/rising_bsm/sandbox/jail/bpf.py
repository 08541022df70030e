"""A small assembler for the classic BPF programs that seccomp runs on every system call.

An instruction is (operation, jump if true, jump if false, value); jumps count the instructions to leave out.
Source: Documentation/userspace-api/seccomp_filter.rst, linux/filter.h.
"""

import struct
from collections.abc import Iterable

Instruction = tuple[int, int, int, int]
Program = list[Instruction]

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000

_LOAD_WORD = 0x20
_IF_EQUAL = 0x15
_IF_AT_LEAST = 0x35
_IF_ANY_BIT = 0x45
_KEEP_BITS = 0x54
_RETURN = 0x06

# Offsets in struct seccomp_data. An argument is 64 bits wide, little end first: this is its lower half, and
# every argument looked at here is one of which the kernel looks at no more.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32_NUMBERS = 0x40000000


def give(action: int) -> Program:
    """End with `action`."""
    return [(_RETURN, 0, 0, action)]


def for_architecture(architecture: int, body: Program) -> Program:
    """`body` for calls of `architecture`; any other, and any number of the x32 interface, kills."""
    return [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        *give(KILL_PROCESS),
        (_LOAD_WORD, 0, 0, _NUMBER),
        (_IF_AT_LEAST, 0, 1, _X32_NUMBERS),
        *give(KILL_PROCESS),
        *body,
    ]


def on_call(number: int, checks: Iterable[Program] = ()) -> Program:
    """When the call is `number`: go through `checks`, then allow; otherwise go on behind."""
    body = [instruction for check in checks for instruction in check] + give(ALLOW)
    return [(_IF_EQUAL, 0, len(body), number), *body]


def argument_lacks(index: int, bits: int) -> Program:
    """Kill when argument `index` has any of `bits`."""
    return [(_LOAD_WORD, 0, 0, _ARGUMENTS + 8 * index), (_IF_ANY_BIT, 0, 1, bits), *give(KILL_PROCESS)]


def argument_is(index: int, *values: int, ignoring: int = 0) -> Program:
    """Kill unless argument `index`, without the bits of `ignoring`, is one of `values`."""
    tests = [(_IF_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    mask = ~ignoring & 0xFFFFFFFF
    return [(_LOAD_WORD, 0, 0, _ARGUMENTS + 8 * index), (_KEEP_BITS, 0, 0, mask), *tests, *give(KILL_PROCESS)]


def assemble(program: Program) -> bytes:
    """The program as the kernel reads it: eight bytes each, `struct sock_filter`."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
