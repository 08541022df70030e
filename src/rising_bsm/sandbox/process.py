"""One worker process as the web process sees it: a socket, a state, and no trust."""

import asyncio
import os
import signal
import socket
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from typing import cast

import msgspec

from . import frames
from .errors import DeadlineExceeded, WorkerLost
from .frames import HEADER, SLACK_BYTES, Call, Done, HostCall, Log, ProtocolError, Ready
from .jail import Layer, LayerReport
from .limits import LOG_LINE_BYTES

START_SECONDS = 30.0
GRACE_SECONDS = 0.2
"""A worker ends most calls itself; one that has not by then is killed."""

OnHostCall = Callable[[str, str], Awaitable[str]]
OnLog = Callable[[str, str], None]


class WorkerProcess(asyncio.Protocol):
    """A jailed worker. It is told what to run, and whatever it says is checked against what it may say now."""

    def __init__(self, background: bool = False) -> None:
        self.background = background
        self.loaded: OrderedDict[str, None] = OrderedDict()
        self.layers: list[LayerReport] = []
        self.alive = True
        self.on_lost: Callable[[WorkerProcess], None] = lambda _worker: None
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running: _Running | None = None

    @classmethod
    async def start(
        cls, guest: int, layers: Collection[Layer], program: Sequence[str], background: bool = False
    ) -> "WorkerProcess":
        """Start a worker on the compiled guest behind descriptor `guest` and wait until it is locked up.

        One for the `background` gets the processor when nobody else wants it.
        Raises `WorkerLost` if it does not get there.
        """
        worker = cls(background)
        ours, theirs = socket.socketpair()
        try:
            worker._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", *program),
                *(str(theirs.fileno()), str(guest), ",".join(layers), *(["background"] if background else [])),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env={},
                pass_fds=(theirs.fileno(), guest),
            )
        finally:
            theirs.close()
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=ours)
        try:
            await asyncio.wait_for(worker._ready, START_SECONDS)
        except BaseException as error:
            await worker.kill()
            if isinstance(error, TimeoutError):
                raise WorkerLost("A sandbox worker did not start in time.") from error
            raise
        return worker

    def load(self, digest: str, payload: str, memory_bytes: int, resident: bool) -> None:
        """Hand over a plugin's code, unless the worker has it."""
        if digest not in self.loaded:
            self._send(frames.Load(digest, payload, memory_bytes, resident))
        self.loaded[digest] = None
        self.loaded.move_to_end(digest)

    def drop(self, digest: str) -> None:
        """Let the worker forget a plugin."""
        if digest in self.loaded:
            del self.loaded[digest]
            self._send(frames.Drop(digest))

    async def run(self, call: Call, on_host_call: OnHostCall, on_log: OnLog) -> Done:
        """Run one call to its end; raises `WorkerLost` if the worker ends or misbehaves, `DeadlineExceeded`.

        After any exception the worker must be killed: the plugin in it is still running.
        """
        running = self._running = _Running(call, on_host_call, on_log)
        self._send(call)
        deadline = asyncio.get_running_loop().call_later(call.limits.wall_seconds + GRACE_SECONDS, running.give_up)
        try:
            return await running.done
        finally:
            deadline.cancel()
            running.cancel()
            self._running = None

    def memory_bytes(self) -> int | None:
        """Private memory of the worker now, where the system tells."""
        return _private_bytes(self._process.pid) if self._process else None

    async def kill(self) -> None:
        """End the process and wait until it is gone."""
        self._lose("was ended")
        self._end_process()
        if self._process is not None:
            await self._process.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        self._transport = cast(asyncio.Transport, transport)  # which not every loop's own transport says it is

    def connection_lost(self, exc: Exception | None) -> None:
        """The worker has gone."""
        self._lose("ended")

    def data_received(self, data: bytes) -> None:
        """Cut frames out of the stream; the first wrong one ends the worker."""
        self._buffer += data
        try:
            while self.alive and (frame := self._next_frame()) is not None:
                self._accept(frame)
        except ProtocolError as error:
            self._lose(f"broke the protocol ({error})")
            self._end_process()

    def _end_process(self) -> None:
        # Not `Process.kill`: it looks for the end itself, and takes it from asyncio, which waits for it too.
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def _next_frame(self) -> frames.FromWorker | None:
        if len(self._buffer) < HEADER.size:
            return None
        (size,) = HEADER.unpack_from(self._buffer)
        if size > self._frame_limit():
            raise ProtocolError(f"a frame of {size} bytes")
        end = HEADER.size + size
        if len(self._buffer) < end:
            return None
        body = bytes(memoryview(self._buffer)[HEADER.size : end])
        del self._buffer[:end]
        try:
            return frames.from_worker.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError("a frame that is none") from error

    def _frame_limit(self) -> int:
        return SLACK_BYTES + (self._running.call.limits.payload_bytes if self._running else 0)

    def _accept(self, frame: frames.FromWorker) -> None:
        if isinstance(frame, Ready):
            self._accept_ready(frame)
        elif self._running is None or frame.call_id != self._running.call.call_id:
            raise ProtocolError("a frame for a call that it does not run")
        else:
            self._running.accept(frame, self._send)

    def _accept_ready(self, frame: Ready) -> None:
        if self._ready.done():
            raise ProtocolError("ready twice")
        try:
            self.layers = [LayerReport(Layer(name), on, detail) for name, on, detail in frame.layers]
        except ValueError as error:
            raise ProtocolError("an unknown layer") from error
        self._ready.set_result(None)

    def _send(self, frame: object) -> None:
        if self._transport is not None and self.alive:
            self._transport.write(frames.encode(frame))

    def _lose(self, how: str) -> None:
        if not self.alive:
            return
        self.alive = False
        lost = WorkerLost(f"The sandbox worker {how}.", next_step="Try again; the worker is being replaced.")
        for future in (self._ready, self._running.done if self._running else None):
            if future is not None and not future.done():
                future.set_exception(lost)
        if self._transport is not None:
            self._transport.abort()
        self.on_lost(self)


class _Running:
    """The call that a worker runs, and what it may say meanwhile."""

    def __init__(self, call: Call, on_host_call: OnHostCall, on_log: OnLog) -> None:
        self.call = call
        self.done: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._on_host_call, self._on_log = on_host_call, on_log
        self._context: Context = copy_context()
        self._answering: asyncio.Task[None] | None = None
        self._host_calls_left, self._log_left = call.limits.host_calls, call.limits.log_bytes

    def accept(self, frame: HostCall | Log | Done, send: Callable[[object], None]) -> None:
        """Act on a frame of this call; raises `ProtocolError` when it may not come now."""
        if self._answering is not None or self.done.done():
            raise ProtocolError("a frame while it waits for an answer, or after the end")
        if isinstance(frame, HostCall):
            self._answer(frame, send)
        elif isinstance(frame, Log):
            self._log_left -= LOG_LINE_BYTES + len(frame.text.encode())
            if self._log_left < 0:
                raise ProtocolError("more log than allowed")
            self._on_log(frame.stream, frame.text)
        else:
            self.done.set_result(frame)

    def give_up(self) -> None:
        """The deadline has passed."""
        if not self.done.done():
            self.done.set_exception(
                DeadlineExceeded(f"The plugin took longer than {self.call.limits.wall_seconds:g} s.")
            )

    def cancel(self) -> None:
        """Stop answering."""
        if self._answering is not None:
            self._answering.cancel()

    def _answer(self, frame: HostCall, send: Callable[[object], None]) -> None:
        self._host_calls_left -= 1
        if self._host_calls_left < 0:
            raise ProtocolError("more host calls than allowed")

        async def answer() -> None:
            try:
                payload = await self._on_host_call(frame.name, frame.payload)
            except Exception as error:
                self._answering = None
                if not self.done.done():
                    self.done.set_exception(error)
                return
            self._answering = None
            send(frames.Reply(frame.call_id, payload))

        self._answering = asyncio.get_running_loop().create_task(answer(), context=self._context.copy())


def _private_bytes(pid: int) -> int | None:
    """Memory that only this process has, of the worker behind the process that stands by for it."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            child = file.read().split()
        with open(f"/proc/{child[0] if child else pid}/statm") as file:
            _size, resident, shared, *_rest = file.read().split()
    except OSError:
        return None
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGESIZE")
