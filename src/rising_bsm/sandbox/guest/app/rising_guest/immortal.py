"""Which objects of the snapshot live for ever, so that counting references to them need not write to their pages.

A fresh instance copies every page that it writes to, and most writes only count a reference up and down again. CPython
leaves the count of an immortal object alone (PEP 683); the build makes immortal what is found here, by writing into the
snapshot what `_Py_SetImmortal` would. Only what certainly outlives the snapshot is taken: what modules, types and
functions are made of.
"""

import gc
import sys
import types
from collections.abc import Iterator
from typing import Any

MARK = b"objects that live for ever:"
ALIGNMENT = 4
HEAP_BYTES = 64 * 1024 * 1024

KEPT = (
    *(type, str, int, float, complex, bytes, tuple, frozenset, property, classmethod, staticmethod),
    *(types.ModuleType, types.FunctionType, types.CodeType, types.BuiltinFunctionType, types.MethodDescriptorType),
    *(types.WrapperDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType),
    *(types.ClassMethodDescriptorType, types.MappingProxyType, types.CellType),
)
_CODE_PARTS = ("co_consts", "co_names", "co_varnames", "co_cellvars", "co_freevars")


def table() -> bytes:
    """`MARK` and a bit for each `ALIGNMENT` bytes of memory, set where such an object begins."""
    bits = bytearray(HEAP_BYTES // ALIGNMENT // 8)
    waiting: list[Any] = [vars(module) for module in list(sys.modules.values()) if module is not None]
    while waiting:
        thing = waiting.pop()
        place = id(thing) // ALIGNMENT
        if bits[place // 8] >> place % 8 & 1:
            continue
        bits[place // 8] |= 1 << place % 8
        waiting.extend(_parts(thing))
    return MARK + bytes(bits).rstrip(b"\0")


def _parts(thing: Any) -> Iterator[Any]:
    if isinstance(thing, types.CodeType):
        yield from (thing.co_name, thing.co_qualname, thing.co_filename)
        for part in _CODE_PARTS:
            yield from (one for one in getattr(thing, part) if type(one) in KEPT)
        return
    for one in gc.get_referents(thing):
        if type(one) in KEPT or isinstance(one, type) or (type(one) is dict and _is_namespace(thing)):
            yield one


def _is_namespace(owner: Any) -> bool:
    return isinstance(owner, (type, types.ModuleType, types.FunctionType))
