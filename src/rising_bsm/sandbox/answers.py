"""What a guest answers, checked, and its errors as ours."""

from typing import Any

import msgspec

from .errors import BY_CODE, BadResult, OutOfMemory, PluginRaised, PluginRefused, RecursionTooDeep, SandboxError
from .frames import Done

FRAMES_SHOWN = 20


class _Frame(msgspec.Struct):
    file: str
    line: int | None
    function: str


class _GuestError(msgspec.Struct):
    kind: str
    message: str
    type: str = ""
    field: str | None = None
    frames: list[_Frame] = []


class _Answer(msgspec.Struct):
    ok: Any = None
    error: _GuestError | None = None


_decoder = msgspec.json.Decoder(_Answer)


def value_of(done: Done) -> Any:
    """The value a call came to; raises the `SandboxError` or `PluginRefused` it came to instead."""
    if done.code:
        raise BY_CODE.get(done.code, SandboxError)(_sentence(done.message))
    try:
        answer = _decoder.decode(done.payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadResult(f"The plugin returned what is not JSON: {error}.") from error
    if answer.error is not None:
        raise _as_ours(answer.error)
    return answer.ok


def _as_ours(error: _GuestError) -> Exception:
    if error.kind == "refused":
        return PluginRefused(
            error.message, place=error.field, fields={error.field: error.message} if error.field else None
        )
    place = f"{error.frames[-1].file}:{error.frames[-1].line}" if error.frames else None
    if error.kind == "bad_result":
        return BadResult(_sentence(error.message), place=place)
    kind = {"out_of_memory": OutOfMemory, "recursion": RecursionTooDeep}.get(error.kind, PluginRaised)
    return kind(_raised(error), place=place, next_step="Its author finds the cause at the place named.")


def _raised(error: _GuestError) -> str:
    if error.kind == "out_of_memory":
        return "The plugin needs more memory than it has."
    if error.kind == "recursion":
        return "The plugin called itself too deeply."
    return f"The plugin raised {error.type}: {error.message}" if error.message else f"The plugin raised {error.type}."


def _sentence(text: str) -> str:
    text = text.rstrip(".") + "."
    return text[0].upper() + text[1:]
