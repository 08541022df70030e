"""What web process and worker say to each other: MessagePack behind a length of four bytes.

The worker's side of the conversation is not trusted. A frame's length is checked before it is read, its shape before it
is used, and what it may be at that moment is decided by the process that reads it.
"""

import struct
from typing import Any

import msgspec

from .limits import Limits

HEADER = struct.Struct("<I")
SLACK_BYTES = 64 * 1024
"""What a frame may hold besides its payload."""


class ProtocolError(Exception):
    """The other side said something that it may not say."""


class Load(msgspec.Struct, tag="load", array_like=True, forbid_unknown_fields=True):
    """Keep a plugin's code, and instances of it ready."""

    digest: str
    payload: str
    memory_bytes: int
    resident: bool


class Drop(msgspec.Struct, tag="drop", array_like=True, forbid_unknown_fields=True):
    """Forget a plugin."""

    digest: str


class Call(msgspec.Struct, tag="call", array_like=True, forbid_unknown_fields=True):
    """Run one operation in an instance of `digest`, or in an empty one if it is None."""

    call_id: int
    digest: str | None
    payload: str
    seed: bytes
    clock_ns: int
    limits: Limits


class Reply(msgspec.Struct, tag="reply", array_like=True, forbid_unknown_fields=True):
    """The answer to a host call."""

    call_id: int
    payload: str


class Ready(msgspec.Struct, tag="ready", array_like=True, forbid_unknown_fields=True):
    """The worker is locked up; `layers` are (name, on, detail)."""

    layers: list[tuple[str, bool, str]]


class HostCall(msgspec.Struct, tag="host", array_like=True, forbid_unknown_fields=True):
    """The plugin asks the host."""

    call_id: int
    name: str
    payload: str


class Log(msgspec.Struct, tag="log", array_like=True, forbid_unknown_fields=True):
    """The plugin printed something."""

    call_id: int
    stream: str
    text: str


class Done(msgspec.Struct, tag="done", array_like=True, forbid_unknown_fields=True):
    """The call ended: with the guest's answer, or with a `code` and a sentence if it was stopped."""

    call_id: int
    payload: str
    code: str
    message: str
    fuel: int
    cold: bool


ToWorker = Load | Drop | Call | Reply
FromWorker = Ready | HostCall | Log | Done

_encoder = msgspec.msgpack.Encoder()
to_worker: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
from_worker: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)


def encode(frame: Any) -> memoryview:
    """A frame as it goes over the wire; it may be 64 MB, and no part of it is copied once it is encoded."""
    buffer = bytearray(HEADER.size)
    _encoder.encode_into(frame, buffer, HEADER.size)
    HEADER.pack_into(buffer, 0, len(buffer) - HEADER.size)
    return memoryview(buffer)
