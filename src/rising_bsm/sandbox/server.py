"""The worker's conversation with the web process: one call at a time, spares while nobody asks."""

import json
import os
import select
import socket
from typing import Any

from .engine import Guest, Instance
from .errors import HostCallLimitExceeded, SandboxError
from .frames import HEADER, Call, Done, Drop, HostCall, Load, Log, Ready, Reply, encode, to_worker
from .jail import LayerReport
from .limits import Limits
from .shelf import LoadFailed, Shelf
from .world import World

MOST_DESCRIPTORS = 64
READ_BYTES = 1 << 18
QUIET_MS = 2
"""How long nobody must ask before a spare is made: making one takes as long, and whoever asks meanwhile waits."""


class Server:
    """Serves one socket. Everything it will need is imported, mapped and tried out when it has been made."""

    def __init__(self, connection: socket.socket, guest_descriptor: int) -> None:
        self._connection = connection
        self._world = World(self._log)
        self._call: Call | None = None
        self._host_calls = 0
        self._received = bytearray()
        before = _open_descriptors()
        self._guest = Guest.from_compiled(f"/proc/self/fd/{guest_descriptor}", self._world)
        self._shelf = Shelf(self._guest)
        self._try_out()
        self.descriptors = {connection.fileno()} | (_open_descriptors() - before)
        self._waiting = select.poll()
        self._waiting.register(connection, select.POLLIN)

    def announce(self, layers: list[LayerReport]) -> None:
        """Tell the web process how this process is locked up."""
        self._send(Ready([(layer.layer.value, layer.on, layer.detail) for layer in layers]))

    def serve(self) -> None:
        """Answer frames until the socket closes; make spares meanwhile."""
        quiet_ms = 0
        while True:
            if not self._received and not self._waiting.poll(quiet_ms):
                quiet_ms = 0
                if self._shelf.refill():
                    continue
            frame = self._receive()
            quiet_ms = QUIET_MS
            if isinstance(frame, Call):
                self._run(frame)
            elif isinstance(frame, Load):
                self._shelf.add(frame)
            elif isinstance(frame, Drop):
                self._shelf.drop(frame.digest)

    def _try_out(self) -> None:
        """One instance, so that whatever the engine and Python do late has been done before the lock."""
        instance = self._guest.instantiate(Limits().memory_bytes)
        instance.invoke('{"op": "compile", "sources": {}}', Limits(), seed=b"", clock_ns=0)
        instance.close()
        json.dumps({"error": str(ValueError())})

    def _run(self, call: Call) -> None:
        instance, cold, fuel = None, False, 0
        payload, code, message = "", "", ""
        try:
            instance, cold = self._instance_for(call)
            self._call, self._host_calls = call, 0
            payload = instance.invoke(
                call.payload, call.limits, seed=call.seed, clock_ns=call.clock_ns, answer=self._ask_host
            )
        except LoadFailed as failure:
            payload = failure.answer
        except SandboxError as error:
            code, message = error.code, error.message
        if instance is not None:
            fuel = instance.fuel_used
        self._call = None
        self._send(Done(call.call_id, payload, code, message, fuel, cold))
        if instance is not None:
            self._shelf.put_back(call.digest, instance, sound=not code)

    def _instance_for(self, call: Call) -> tuple[Instance, bool]:
        if call.digest is None:
            return self._guest.instantiate(call.limits.memory_bytes), True
        return self._shelf.take(call.digest)

    def _ask_host(self, name: str, payload: str) -> str:
        call = self._running()
        self._host_calls += 1
        if self._host_calls > call.limits.host_calls:
            many = call.limits.host_calls
            self._world.stop(HostCallLimitExceeded(f"the plugin asked the host more than {many} times"))
        self._send(HostCall(call.call_id, name, payload))
        reply = self._receive()
        assert isinstance(reply, Reply)
        return reply.payload

    def _log(self, stream: str, text: str) -> None:
        if self._call is not None:
            self._send(Log(self._call.call_id, stream, text))

    def _running(self) -> Call:
        assert self._call is not None
        return self._call

    def _send(self, frame: Any) -> None:
        self._connection.sendall(encode(frame))

    def _receive(self) -> Any:
        self._have(HEADER.size)
        (size,) = HEADER.unpack_from(self._received)
        end = HEADER.size + size
        self._have(end)
        frame = to_worker.decode(bytes(self._received[HEADER.size : end]))
        del self._received[:end]
        return frame

    def _have(self, size: int) -> None:
        """Wait until so many bytes have come; a frame and its length come in one reading, as a rule."""
        while len(self._received) < size:
            part = self._connection.recv(READ_BYTES)
            if not part:
                os._exit(0)
            self._received += part


def _open_descriptors() -> set[int]:
    """Which descriptors are open; the engine keeps the guest's file open under one of its own."""
    return {number for number in range(MOST_DESCRIPTORS) if _is_open(number)}


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
