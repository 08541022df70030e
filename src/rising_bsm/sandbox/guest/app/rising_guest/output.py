"""`sys.stdout` and `sys.stderr`: each line crosses the one door as a text of its own."""

import sys
from collections.abc import Callable


class Output:
    """A text stream that ends in the plugin's log."""

    encoding, errors, closed = "utf-8", "replace", False

    def __init__(self, name: str, send: Callable[[str, str], object]) -> None:
        self.name, self._send, self._rest = name, send, ""

    def write(self, text: str) -> int:
        """Pass on the whole lines and keep the rest."""
        lines, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            self._send(self.name, _whole(lines))
        return len(text)

    def flush(self) -> None:
        """Pass on what is there."""
        rest, self._rest = self._rest, ""
        if rest:
            self._send(self.name, _whole(rest))

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def writable(self) -> bool:
        """Always."""
        return True


def _whole(text: str) -> str:
    """The text without half characters (lone surrogates), which cannot cross the door."""
    return text.encode("utf-8", "backslashreplace").decode()


def install(send: Callable[[str, str], object]) -> None:
    """Let `print` write to the log."""
    for name in ("stdout", "stderr"):
        stream = Output(name, send)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def flush() -> None:
    """Pass on what the call has printed; what the plugin put in place of the streams is not asked."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if isinstance(stream, Output):
            stream.flush()
