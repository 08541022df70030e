"""Our archives: a strict subset of ZIP in which equal files make equal bytes.

Python's own reader is not used: it takes the last end record it can find, believes the directory, and accepts links,
duplicates and bytes that belong to nobody.
"""

import zlib
from collections.abc import Iterable, Mapping

from rising_bsm.bundle import records
from rising_bsm.bundle.compare import refused
from rising_bsm.bundle.framing import SIGNATURES, Frame, order, read_frame
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.names import check_name
from rising_bsm.bundle.records import Entry

_RAW_DEFLATE = -15


def write_archive(files: Mapping[str, bytes], limits: BundleLimits = DEFAULT_LIMITS) -> bytes:
    """An archive of the files, the same for the same files; `BundleError` where one could not be read again."""
    return append(b"", (), files, limits)


def append(
    prefix: bytes, entries: Iterable[Entry], files: Mapping[str, bytes], limits: BundleLimits = DEFAULT_LIMITS
) -> bytes:
    """An archive that begins with `prefix`, which holds `entries`, and goes on with `files`."""
    parts, known, at = [prefix], list(entries), len(prefix)
    for name in sorted(files, key=order):
        check_name(name, limits)
        entry, packed = _pack(name, files[name], at, limits)
        parts += [records.local_header(entry), packed]
        known.append(entry)
        at = entry.end
    data = b"".join([*parts, records.tail(known)])
    read_frame(data, limits)
    return data


def read_archive(data: bytes, limits: BundleLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """The files of an archive; `BundleError` at the first rule that it breaks."""
    frame = read_frame(data, limits)
    return unpack_files(frame, frame.entries)


def unpack_files(frame: Frame, entries: Iterable[Entry]) -> dict[str, bytes]:
    """The contents of some entries, never more bytes of each than its header declares."""
    return {entry.name: _unpack_file(frame, entry) for entry in entries}


def _pack(name: str, content: bytes, at: int, limits: BundleLimits) -> tuple[Entry, bytes]:
    method, packed = records.STORED, content
    # A signature is stored, so that reading it needs no unpacking of what nobody has vouched for.
    if not name.startswith(SIGNATURES):
        compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
        deflated = compressor.compress(content) + compressor.flush()
        if len(deflated) < len(content) <= len(deflated) * limits.unpacked_per_packed_byte:
            method, packed = records.DEFLATED, deflated
    return Entry(name, method, zlib.crc32(content), len(packed), len(content), at), packed


def _unpack_file(frame: Frame, entry: Entry) -> bytes:
    packed = memoryview(frame.data)[entry.data_start : entry.end]
    content = bytes(packed) if entry.method == records.STORED else _inflate(packed, entry)
    if zlib.crc32(content) != entry.crc:
        raise refused("bundle.checksum_mismatch", "The file does not have its declared checksum", entry.name)
    return content


def _inflate(packed: memoryview, entry: Entry) -> bytes:
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        content = stream.decompress(packed, entry.size + 1)  # one more than declared, to see that there is no more
    except zlib.error as error:
        raise refused("bundle.deflate", "The file's compressed data is damaged", entry.name) from error
    if len(content) > entry.size or (stream.eof and len(content) < entry.size):
        raise refused("bundle.size_mismatch", "The file does not unpack to its declared size", entry.name)
    if not stream.eof:
        raise refused("bundle.deflate", "The file's compressed data does not end", entry.name)
    if stream.unused_data:
        raise refused("bundle.deflate_trailing", "There are bytes after the file's compressed data", entry.name)
    return content
