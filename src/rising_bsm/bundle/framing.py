"""Reading an archive's frame: where each file lies, without unpacking any.

Everything but names, methods, checksums, lengths and the files' data is regenerated from these and compared, so
that two archives with the same frame values are equal to the byte and nothing can hide between the records.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rising_bsm.bundle import records
from rising_bsm.bundle.compare import check_tail, compare, refused, truncated, unpack
from rising_bsm.bundle.limits import BundleLimits
from rising_bsm.bundle.names import check_name, check_together
from rising_bsm.bundle.records import Entry, LocalHeader

SIGNATURES = "signatures/"

_ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True)
class Frame:
    """An archive whose records are in order; its files are still packed and nothing is known about them."""

    data: bytes
    entries: tuple[Entry, ...]

    @property
    def files(self) -> tuple[Entry, ...]:
        """The entries that a signature speaks of: all but those below signatures/."""
        return tuple(entry for entry in self.entries if not entry.name.startswith(SIGNATURES))

    @property
    def signatures(self) -> tuple[Entry, ...]:
        """The entries below signatures/; they are the last ones."""
        return self.entries[len(self.files) :]

    @property
    def prefix(self) -> memoryview:
        """The bytes up to the first signature entry: what a signature covers."""
        return memoryview(self.data)[: self.files[-1].end if self.files else 0]


def read_frame(data: bytes, limits: BundleLimits) -> Frame:
    """The frame of an archive; `BundleError` at the first rule that it breaks."""
    _check_start(data, limits)
    entries = _read_entries(data, limits)
    check_tail(data, entries)
    _check_order(entries)
    check_together(entry.name for entry in entries)
    return Frame(data, tuple(entries))


def order(name: str) -> tuple[bool, str]:
    """The sort key of files in an archive: by name, signatures last."""
    return name.startswith(SIGNATURES), name


def _check_start(data: bytes, limits: BundleLimits) -> None:
    if len(data) > limits.bundle_bytes:
        raise refused("bundle.too_large", f"The bundle is larger than {limits.bundle_bytes:,} bytes", "the bundle")
    if data.startswith(records.LOCAL_SIGNATURE):
        return
    if data.startswith(records.END_SIGNATURE):
        raise refused("bundle.empty", "There is no file in the archive", "the archive")
    if records.LOCAL_SIGNATURE in data:
        raise refused("bundle.leading_data", "There are bytes before the first file", "byte 0")
    raise refused("bundle.not_an_archive", "This is not an .rbsm archive", "byte 0")


def _read_entries(data: bytes, limits: BundleLimits) -> list[Entry]:
    entries: list[Entry] = []
    at = unpacked = 0
    while data.startswith(records.LOCAL_SIGNATURE, at):
        if len(entries) == limits.files:
            raise refused("bundle.too_many_files", f"There are more than {limits.files:,} files", f"byte {at}")
        entry = _read_entry(data, at, limits)
        unpacked += entry.size
        if unpacked > limits.unpacked_bytes:
            sentence = f"The files unpack to more than {limits.unpacked_bytes:,} bytes"
            raise refused("bundle.unpacked_too_large", sentence, entry.name)
        entries.append(entry)
        at = entry.end
    return entries


def _read_entry(data: bytes, at: int, limits: BundleLimits) -> Entry:
    header = LocalHeader(*unpack(records.LOCAL, data, at))
    name = _read_name(data, at + records.LOCAL.size, header.name_length)
    if name.endswith("/"):
        raise refused("bundle.directory_entry", "The archive holds a folder; only files are allowed", name)
    check_name(name, limits)
    if _ZIP64 in (header.packed, header.size):
        raise refused("bundle.zip64", "The file uses the 64-bit form of ZIP", name)
    expected = records.local_fields(header.method, header.crc, header.packed, header.size, header.name_length)
    compare(header, expected, name)
    entry = Entry(name, header.method, header.crc, header.packed, header.size, at)
    _check_sizes(entry, limits)
    return entry


def _read_name(data: bytes, at: int, length: int) -> str:
    if at + length > len(data):
        raise truncated(f"byte {at}")
    try:
        return data[at : at + length].decode()
    except UnicodeDecodeError as error:
        raise refused("bundle.name_encoding", "A file name is not UTF-8", f"byte {at}") from error


def _check_sizes(entry: Entry, limits: BundleLimits) -> None:
    if entry.method not in (records.STORED, records.DEFLATED):
        raise refused("bundle.method", f"Compression method {entry.method} is not allowed", entry.name)
    if entry.size > limits.file_bytes:
        raise refused("bundle.file_too_large", f"The file is larger than {limits.file_bytes:,} bytes", entry.name)
    if entry.method == records.STORED and entry.size != entry.packed:
        raise refused("bundle.size_mismatch", "The file is stored, but has two sizes", entry.name)
    if entry.size > entry.packed * limits.unpacked_per_packed_byte:
        sentence = f"The file unpacks to more than {limits.unpacked_per_packed_byte} times its packed size"
        raise refused("bundle.compression_ratio", sentence, entry.name)


def _check_order(entries: Sequence[Entry]) -> None:
    names = [entry.name for entry in entries]
    for name, expected in zip(names, sorted(names, key=order), strict=True):
        if name != expected:
            sentence = f"The files are not in order: {expected!r} comes here, signatures come last"
            raise refused("bundle.order", sentence, name)
