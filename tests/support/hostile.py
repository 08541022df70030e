"""What an attacker has: a writer of arbitrary archives, and a forger of signatures. It shares no code with ours."""

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PAYLOAD_TYPE = "application/vnd.rbsm.bundle.v1+json"
LOCAL = ("version", "flags", "method", "time", "date", "crc", "packed", "size", "name_length", "extra_length")
CENTRAL = ("made_by", *LOCAL, "comment_length", "disk", "internal", "external", "offset")
END = ("disk", "directory_disk", "on_disk", "entries", "directory_size", "directory_offset", "comment_length")


@dataclass
class Item:
    """One file, with every field of its two records at the attacker's disposal."""

    name: str | bytes
    content: bytes = b"x = 1\n"
    deflate: bool = False
    packed: bytes | None = None
    gap: bytes = b""  # before its local header
    extra: bytes = b""
    local: dict[str, int] = field(default_factory=dict)
    central: dict[str, int] = field(default_factory=dict)
    central_name: bytes | None = None
    central_extra: bytes = b""
    central_comment: bytes = b""
    in_directory: bool = True

    @property
    def raw_name(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    @property
    def data(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.deflate else self.content

    def fields(self, changes: Mapping[str, int]) -> dict[str, int]:
        good = {
            "made_by": 0x0314,
            "version": 20,
            "flags": 0x0800,
            "method": 8 if self.deflate else 0,
            "time": 0,
            "date": 0x21,
            "crc": zlib.crc32(self.content),
            "packed": len(self.data),
            "size": len(self.content),
            "name_length": len(self.raw_name),
            "extra_length": len(self.extra),
            "comment_length": 0,
            "disk": 0,
            "internal": 0,
            "external": 0o100644 << 16,
        }
        return good | changes


def deflated(content: bytes, level: int = 9) -> bytes:
    stream = zlib.compressobj(level, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


def zip_of(
    items: Sequence[Item],
    *,
    lead: bytes = b"",
    before_directory: bytes = b"",
    before_end: bytes = b"",
    end: Mapping[str, int] | None = None,
    end_comment: bytes = b"",
    trail: bytes = b"",
) -> bytes:
    """An archive of the items in the given order, with rubbish wherever the attacker wants it."""
    data, offsets = local_part(items, lead)
    data += before_directory
    start, listed = len(data), [pair for pair in zip(items, offsets, strict=True) if pair[0].in_directory]
    for item, offset in listed:
        changes = {"extra_length": len(item.central_extra), "comment_length": len(item.central_comment)}
        values = item.fields({**item.local, **changes, "offset": offset, **item.central})
        data += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *(values[name] for name in CENTRAL))
        name = item.raw_name if item.central_name is None else item.central_name
        data += name + item.central_extra + item.central_comment
    size = len(data) - start
    tail = {"disk": 0, "directory_disk": 0, "on_disk": len(listed), "entries": len(listed), "directory_size": size}
    tail |= {"directory_offset": start, "comment_length": len(end_comment)} | dict(end or {})
    return (
        data + before_end + struct.pack("<4s4H2LH", b"PK\x05\x06", *(tail[name] for name in END)) + end_comment + trail
    )


def local_part(items: Sequence[Item], lead: bytes = b"") -> tuple[bytes, list[int]]:
    data, offsets = lead, []
    for item in items:
        data += item.gap
        offsets.append(len(data))
        values = item.fields(item.local)
        data += struct.pack("<4s5H3L2H", b"PK\x03\x04", *(values[name] for name in LOCAL))
        data += item.raw_name + item.extra + item.data
    return data, offsets


def items_of(files: Mapping[str, bytes]) -> list[Item]:
    return [Item(name, content) for name, content in sorted(files.items())]


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement_of(items: Sequence[Item], *, plugin: str = "acme.hello", version: str = "1.0.0") -> dict[str, Any]:
    prefix, _ = local_part(items)
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "urn:rising-bsm:bundle:v1",
        "subject": [
            {
                "name": item.raw_name.decode(),
                "digest": {"sha256": hashlib.sha256(item.content).hexdigest()},
                "annotations": {"size": len(item.content)},
            }
            for item in sorted(items, key=lambda item: item.raw_name)
        ],
        "predicate": {
            "id": plugin,
            "version": version,
            "archive": {"length": len(prefix), "digest": {"sha256": hashlib.sha256(prefix).hexdigest()}},
        },
    }


def envelope_of(payload: bytes, key: Ed25519PrivateKey, *, key_id: str | None = None) -> dict[str, Any]:
    pae = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    own_id = hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": key_id or own_id, "sig": base64.b64encode(key.sign(pae)).decode()}],
    }


def signed_zip(
    items: Sequence[Item],
    key: Ed25519PrivateKey,
    *,
    lie: Callable[[dict[str, Any]], Any] = lambda _: None,
    spell: Callable[[dict[str, Any]], bytes] = canonical,
    write: Callable[[dict[str, Any]], bytes] = canonical,
    key_id: str | None = None,
    ship: Sequence[Item] | None = None,
    signature: Callable[[bytes], Item] = lambda data: Item("signatures/author.json", data),
) -> bytes:
    """A bundle signed by any key: `lie` changes the statement, `write` spells the envelope, `ship` swaps the files."""
    statement = statement_of(items)
    lie(statement)
    envelope = write(envelope_of(spell(statement), key, key_id=key_id))
    return zip_of([*(items if ship is None else ship), signature(envelope)])
