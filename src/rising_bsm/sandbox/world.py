"""What a running call sees of time, chance and output.

All of it follows from the call's clock and seed, so a run can be repeated to the byte.
"""

import hashlib
import time
from collections.abc import Callable
from typing import NoReturn

from wasmtime import WasmtimeError

from .door import BytesImport
from .errors import DeadlineExceeded, LogLimitExceeded, SandboxError
from .limits import LOG_LINE_BYTES

TICK_NANOSECONDS = 1_000
MAX_POLLABLES = 64
MAX_ENTROPY_BYTES = 64 * 1024


class World:
    """What the running call sees of time, chance and output. One call runs at a time, so one world serves a worker.

    A trap carries no exception of ours through the engine; `failure` remembers why the call was stopped.
    """

    def __init__(self, write_log: Callable[[str, str], None]) -> None:
        self._write_log = write_log
        self.random_bytes = BytesImport(self.entropy)
        self.begin(seed=b"", clock_ns=0, wall_seconds=0, log_bytes=0)

    def begin(self, *, seed: bytes, clock_ns: int, wall_seconds: float, log_bytes: int) -> None:
        """Start a call: `seed` and `clock_ns` (Unix time) fix what it sees, the others limit it."""
        self._start_ns = self._now_ns = clock_ns
        self._deadline = time.monotonic() + wall_seconds
        self._log_left = log_bytes
        self._pollables: dict[int, int] = {}
        self._entropy = _entropy(seed)
        self.failure: SandboxError | None = None

    def stop(self, failure: SandboxError) -> NoReturn:
        """End the call with a trap and remember why."""
        self.failure = failure
        raise WasmtimeError(failure.message)

    @property
    def seconds_left(self) -> float:
        """Wall time that is left for this call."""
        return self._deadline - time.monotonic()

    def read_clock(self) -> int:
        """The call's time in Unix nanoseconds. It moves a step at each reading, and by what was slept."""
        self._now_ns += TICK_NANOSECONDS
        return self._now_ns

    def log(self, stream: str, text: str) -> None:
        """Pass on a piece of the plugin's output; the call ends when it has written too much."""
        size = LOG_LINE_BYTES + len(text.encode(errors="replace"))
        if size > self._log_left:
            self.stop(LogLimitExceeded("the plugin wrote more to its log than one call may"))
        self._log_left -= size
        self._write_log(stream, text)

    def entropy(self, size: int) -> bytes:
        """The next `size` bytes of the call's entropy."""
        if size > MAX_ENTROPY_BYTES:
            raise WasmtimeError("too much entropy at once")
        return self._entropy(size)

    def new_pollable(self, due_ns: int) -> int:
        """Remember something to wait for."""
        if len(self._pollables) >= MAX_POLLABLES:
            raise WasmtimeError("too many timers")
        handle = max(self._pollables, default=0) + 1
        self._pollables[handle] = due_ns
        return handle

    def is_due(self, handle: int) -> bool:
        """Whether waiting for it would return at once."""
        return self._pollables.get(handle, 0) <= self._now_ns

    def wait(self, handles: list[int]) -> None:
        """Sleep until the first of `handles` is due, or end the call if that is beyond its deadline."""
        due = min((self._pollables.get(handle, 0) for handle in handles), default=0)
        seconds = (due - self._now_ns) / 1e9
        if seconds <= 0:
            return
        if seconds > self.seconds_left:
            self.stop(DeadlineExceeded(f"the plugin went to sleep for {seconds:.0f} s, longer than it may take"))
        time.sleep(seconds)
        self._now_ns = due

    def drop_pollable(self, handle: int) -> None:
        """Forget a pollable."""
        self._pollables.pop(handle, None)


def _entropy(seed: bytes) -> Callable[[int], bytes]:
    """A stream of bytes from a seed: SHAKE-256 in counter mode, a fresh block for each reading."""
    counter = 0

    def read(size: int) -> bytes:
        nonlocal counter
        counter += 1
        return hashlib.shake_256(seed + counter.to_bytes(8, "big")).digest(size)

    return read
