"""An exception as the host is told of it: what kind, which sentence, and where in the author's own files."""

from typing import Any

MESSAGE_CHARACTERS = 2_000
FRAMES = 20
KINDS: dict[type[BaseException], str] = {MemoryError: "out_of_memory", RecursionError: "recursion"}
NOT_THE_AUTHORS = ("<", "/", "rising_guest", "rising_bsm_sdk")


class BadResult(Exception):
    """A handler returned what is not JSON."""


def describe(exception: BaseException) -> dict[str, Any]:
    """The `error` of an answer."""
    if isinstance(exception, BadResult):
        return {"kind": "bad_result", "message": str(exception)}
    return {
        "kind": KINDS.get(type(exception), "raised"),
        "type": type(exception).__name__,
        "message": _message_of(exception)[:MESSAGE_CHARACTERS],
        "frames": _frames_of(exception)[-FRAMES:],
    }


def _message_of(exception: BaseException) -> str:
    if isinstance(exception, SyntaxError):
        return str(exception.msg)
    try:
        return str(exception)
    except BaseException:
        return "(its message could not be read)"


def _frames_of(exception: BaseException) -> list[dict[str, Any]]:
    """Where it happened, innermost last."""
    if isinstance(exception, SyntaxError) and exception.filename:
        return [{"file": exception.filename, "line": exception.lineno, "function": "<module>"}]
    frames, step = [], exception.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if not code.co_filename.startswith(NOT_THE_AUTHORS):
            frames.append({"file": code.co_filename, "line": step.tb_lineno, "function": code.co_name})
        step = step.tb_next
    return frames
