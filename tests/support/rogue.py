"""A worker whose guest has been replaced: it locks itself up, then runs native code that each call brings along.

This is what an attacker has who got out of WebAssembly: the whole process, behind the jail, on the worker's socket.
"""

import json
import os
import socket
import sys
from typing import Any

from rising_bsm.sandbox import frames
from rising_bsm.sandbox.jail import Jail, Layer


def main() -> None:
    channel, layers = int(sys.argv[1]), sys.argv[3]
    jail = Jail([Layer(name) for name in layers.split(",") if name])
    jail.enter()
    connection = socket.socket(fileno=channel)
    reports = jail.lock({channel})
    send(connection, frames.Ready([(report.layer.value, report.on, report.detail) for report in reports]))
    while True:
        frame = receive(connection)
        if isinstance(frame, frames.Call):
            tools = {"call": frame, "connection": connection, "frames": frames, "send": send, "os": os, "done": done}
            exec(json.loads(frame.payload)["native"], tools)


def done(call: Any, value: Any = None, **changes: Any) -> frames.Done:
    parts = {
        "call_id": call.call_id,
        "payload": json.dumps({"ok": value}),
        "code": "",
        "message": "",
        "fuel": 0,
        "cold": False,
    }
    return frames.Done(**{**parts, **changes})


def send(connection: socket.socket, frame: object) -> None:
    connection.sendall(frames.encode(frame))


def receive(connection: socket.socket) -> Any:
    size = frames.HEADER.unpack(read(connection, frames.HEADER.size))[0]
    return frames.to_worker.decode(read(connection, size))


def read(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            os._exit(0)
        content += part
    return content


if __name__ == "__main__":
    main()
