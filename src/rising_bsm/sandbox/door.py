"""Texts and bytes across the boundary. Sizes are looked at before anything is copied into Python or decoded.

wasmtime-py converts a string of any size (64 MiB became 490 MB), looks up a function's type on every call and converts
bytes one by one (4 ms of the 5 that loading a plugin took); these classes do none of that.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from wasmtime import Store, WasmtimeError
from wasmtime import _ffi as ffi
from wasmtime.component import Instance, LinkerInstance

Answer = Callable[[str, str], str]
NAME_BYTES = 100


class TooLong(Exception):
    """The guest handed over a text that is over the limit; `size` is in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class TextFunction:
    """An exported `func(payload: string) -> string`."""

    def __init__(self, store: Store, instance: Instance, name: str) -> None:
        function = instance.get_func(store, name)
        if function is None:
            raise WasmtimeError(f"the guest does not export {name}")
        self._raw = function._func

    def __call__(self, store: Store, payload: str, limit_bytes: int) -> str:
        """Call it; raises `TooLong` when the answer is over `limit_bytes`, `WasmtimeError` when it traps."""
        argument, result = ffi.wasmtime_component_val_t(), ffi.wasmtime_component_val_t()
        _write_text(argument, payload)
        try:
            error = ffi.wasmtime_component_func_call(
                ctypes.byref(self._raw), store._context(), ctypes.byref(argument), 1, ctypes.byref(result), 1
            )
        finally:
            ffi.wasmtime_component_val_delete(ctypes.byref(argument))
        if error:
            raise WasmtimeError._from_ptr(error)
        try:
            return _read_text(result, limit_bytes)
        finally:
            ffi.wasmtime_component_val_delete(ctypes.byref(result))


class _Import:
    """An import answered by `_write_answer`, which may raise: it becomes a trap.

    wasmtime-py keeps an exception that leaves a callback in a module global; none ever leaves this one.
    """

    def __init__(self) -> None:
        self._callback = ffi.wasmtime_component_func_callback_t(self._called)

    def define_in(self, instance: LinkerInstance, name: str) -> None:
        """Define it under `name`; keep this object for as long as the linker is used."""
        encoded = name.encode()
        error = ffi.wasmtime_component_linker_instance_add_func(
            instance.ptr(), encoded, len(encoded), self._callback, None, _NOTHING_TO_FREE
        )
        if error:
            raise WasmtimeError._from_ptr(error)

    def _called(
        self, _data: Any, _context: Any, _type: Any, arguments: Any, _count: Any, results: Any, _result_count: Any
    ) -> int | None:
        try:
            self._write_answer(arguments, results)
        except BaseException as error:
            trap = WasmtimeError(str(error) or type(error).__name__)
            return ctypes.cast(trap._consume(), ctypes.c_void_p).value
        return 0

    def _write_answer(self, arguments: Any, results: Any) -> None:
        raise AssertionError("every import answers")


class BytesImport(_Import):
    """An import `func(size: u64) -> list<u8>`."""

    def __init__(self, answer: Callable[[int], bytes]) -> None:
        super().__init__()
        self._answer = answer

    def _write_answer(self, arguments: Any, results: Any) -> None:
        content = self._answer(arguments[0].of.u64)
        results[0].kind = ffi.WASMTIME_COMPONENT_LIST
        elements = results[0].of.list
        ffi.wasmtime_component_vallist_new_uninit(ctypes.byref(elements), len(content))
        ctypes.memmove(elements.data, b"".join([_BYTE_VALUES[byte] for byte in content]), len(content) * _VALUE_BYTES)


class TextImport(_Import):
    """The one import, `call(name, payload) -> string`, answered by `self.answer`."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__()
        self.answer: Answer = lambda _name, _payload: ""
        self.too_long: Callable[[int], str] = lambda _size: ""
        self.limit_bytes = limit_bytes

    def _write_answer(self, arguments: Any, results: Any) -> None:
        _write_text(results[0], self._answer(arguments))

    def _answer(self, arguments: Any) -> str:
        try:
            name = _read_text(arguments[0], NAME_BYTES)
            payload = _read_text(arguments[1], self.limit_bytes)
        except TooLong as error:
            return self.too_long(error.size)
        return self.answer(name, payload)


_NOTHING_TO_FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _data: None)


def _byte_value(byte: int) -> bytes:
    value = ffi.wasmtime_component_val_t()
    value.kind = ffi.WASMTIME_COMPONENT_U8
    value.of.u8 = byte
    return bytes(value)


_BYTE_VALUES = [_byte_value(byte) for byte in range(256)]
_VALUE_BYTES = ctypes.sizeof(ffi.wasmtime_component_val_t)


def _write_text(value: Any, text: str) -> None:
    value.kind = ffi.WASMTIME_COMPONENT_STRING
    value.of.string = ffi.str_to_capi(text)


def _read_text(value: Any, limit_bytes: int) -> str:
    size = value.of.string.size
    if size > limit_bytes:
        raise TooLong(size)
    return ctypes.string_at(value.of.string.data, size).decode()
