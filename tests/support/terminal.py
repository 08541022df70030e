"""The program as somebody sees it who sits at a terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from support.program import START, Program, clean_environment

SECONDS = 60
# Whoever started the tests may have had them ignore interrupts, and that is handed down.
HEED_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "


class Terminal:
    """A terminal with the program on it; `shown` is what has appeared."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self.shown = ""
        self._screen = screen

    def read_until(self, text: str) -> None:
        """Wait until `text` has appeared."""
        while text not in self.shown:
            part = self._read()
            assert part, f"it ended and showed {self.shown!r}"

    def write(self, text: str) -> None:
        """Type something."""
        os.write(self._screen, text.encode())

    def interrupt(self) -> int:
        """Press Ctrl-C, and again if nothing comes of it; the status the program ends with.

        Python misses one that comes between a question and waiting for the answer.
        """
        while self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(SECONDS / 6)
        return self.end()

    def end(self) -> int:
        """Wait for the end; the status."""
        while self._read():
            pass
        return self.process.wait(SECONDS)

    def _read(self) -> str:
        assert select.select([self._screen], [], [], SECONDS)[0], f"it hangs and showed {self.shown!r}"
        try:
            part = os.read(self._screen, 65_536).decode("utf-8", "replace")
        except OSError:  # what a terminal says when nobody writes to it any more
            part = ""
        self.shown += part
        return part


@contextmanager
def on_terminal(program: Program, *arguments: str) -> Iterator[Terminal]:
    """The program on a terminal of its own; it is ended when the block is left."""
    screen, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", HEED_INTERRUPTS + START, *arguments],
        cwd=program.cwd,
        env=clean_environment() | {"RISING_BSM_CONFIG": str(program.config), "TERM": "xterm", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait(SECONDS)
        os.close(screen)
