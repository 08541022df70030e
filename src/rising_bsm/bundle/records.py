"""The three records of our archives, each regenerated from an entry: there is one way to write them.

The layout is that of the ZIP specification (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16) with every field
that the entry does not decide held fixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
END_SIGNATURE = b"PK\x05\x06"
STORED, DEFLATED = 0, 8

_VERSION = 20  # Deflate, and nothing newer
_MADE_ON_UNIX = 3 << 8 | _VERSION
_REGULAR_FILE = 0o100644 << 16
_UTF8_NAME = 0x0800
_TIME, _DATE = 0, 0x21  # 1980-01-01 00:00, the first moment there is


class LocalHeader(NamedTuple):
    """The fixed part of what stands before a file's data."""

    signature: bytes
    version: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_length: int
    extra_length: int


class CentralHeader(NamedTuple):
    """The fixed part of a file's record in the directory at the end."""

    signature: bytes
    made_by: int
    version: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal_attributes: int
    external_attributes: int
    offset: int


class EndRecord(NamedTuple):
    """The last record of an archive."""

    signature: bytes
    disk: int
    directory_disk: int
    entries_on_disk: int
    entries: int
    directory_size: int
    directory_offset: int
    comment_length: int


LOCAL = Struct("<4s5H3L2H")
CENTRAL = Struct("<4s6H3L5H2L")
END = Struct("<4s4H2LH")


@dataclass(frozen=True)
class Entry:
    """One file: its name, how it is packed, its checksum, its lengths in bytes and where its local header starts."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def data_start(self) -> int:
        """Where the packed data begins."""
        return self.offset + LOCAL.size + len(self.name.encode())

    @property
    def end(self) -> int:
        """The byte after the packed data."""
        return self.data_start + self.packed


def local_header(entry: Entry) -> bytes:
    """The bytes before an entry's data."""
    name = entry.name.encode()
    fixed = local_fields(entry.method, entry.crc, entry.packed, entry.size, len(name))
    return LOCAL.pack(*fixed) + name


def local_fields(method: int, crc: int, packed: int, size: int, name_length: int) -> LocalHeader:
    """The one local header with these values."""
    return LocalHeader(
        LOCAL_SIGNATURE, _VERSION, _UTF8_NAME, method, _TIME, _DATE, crc, packed, size, name_length, extra_length=0
    )


def central_fields(entry: Entry) -> CentralHeader:
    """The one directory record of an entry."""
    return CentralHeader(
        CENTRAL_SIGNATURE,
        _MADE_ON_UNIX,
        *local_fields(entry.method, entry.crc, entry.packed, entry.size, len(entry.name.encode()))[1:],
        comment_length=0,
        disk=0,
        internal_attributes=0,
        external_attributes=_REGULAR_FILE,
        offset=entry.offset,
    )


def end_fields(entries: Sequence[Entry], directory_size: int) -> EndRecord:
    """The one end record of an archive of these entries."""
    offset = entries[-1].end if entries else 0
    return EndRecord(END_SIGNATURE, 0, 0, len(entries), len(entries), directory_size, offset, comment_length=0)


def tail(entries: Sequence[Entry]) -> bytes:
    """Everything after the last file's data: the directory and the end record."""
    directory = b"".join(CENTRAL.pack(*central_fields(entry)) + entry.name.encode() for entry in entries)
    return directory + END.pack(*end_fields(entries, len(directory)))
