"""Comparing the records of an archive with the only ones it may have, and naming the first difference."""

import stat
import struct
from collections.abc import Sequence
from typing import Any

from rising_bsm.bundle import records
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.records import CentralHeader, EndRecord, Entry, LocalHeader

# Bits 0, 6 and 13: traditional encryption, strong encryption, masked headers.
_ENCRYPTED = 0x2041
_DATA_DESCRIPTOR = 0x0008
_UTF8_NAME = 0x0800
_ZIP64_SIGNATURES = (b"PK\x06\x06", b"PK\x06\x07")


def refused(code: str, sentence: str, place: str) -> BundleError:
    """The error for a rule of the archive; `place` is a file in it or a byte."""
    return BundleError(f"{sentence}.", code=code, place=place if place.isprintable() else ascii(place))


def truncated(place: str) -> BundleError:
    """The error for an archive that ends too early."""
    return refused("bundle.truncated", "The archive ends in the middle of a record", place)


def unpack(layout: struct.Struct, data: bytes, at: int) -> tuple[Any, ...]:
    """The fields of a record at a byte; `BundleError` where the data ends before it."""
    try:
        return layout.unpack_from(data, at)
    except struct.error as error:
        raise truncated(f"byte {at}") from error


def compare(
    actual: LocalHeader | CentralHeader | EndRecord, expected: LocalHeader | CentralHeader | EndRecord, place: str
) -> None:
    """Refuse a record that is not the expected one, by the first field that differs."""
    for field, have, want in zip(expected._fields, actual, expected, strict=True):
        if have != want:
            code, sentence = _difference(field, have)
            raise refused(code, sentence, place)


def check_tail(data: bytes, entries: Sequence[Entry]) -> None:
    """Refuse an archive whose bytes after the last file are not exactly the directory and the end record."""
    start = entries[-1].end
    expected = records.tail(entries)
    if data[start:] == expected:
        return
    at = start
    for entry in entries:
        at = _check_directory_record(data, at, entry)
    compare(EndRecord(*unpack(records.END, data, at)), records.end_fields(entries, at - start), "the end record")
    raise refused("bundle.trailing_data", "There are bytes after the archive", f"byte {at + records.END.size}")


def _check_directory_record(data: bytes, at: int, entry: Entry) -> int:
    if data.startswith(records.END_SIGNATURE, at):
        raise refused("bundle.directory_mismatch", "The directory does not have this file", entry.name)
    record = CentralHeader(*unpack(records.CENTRAL, data, at))
    if record.signature != records.CENTRAL_SIGNATURE:
        raise refused("bundle.stray_bytes", "There are bytes that belong to no file", f"byte {at}")
    compare(record, records.central_fields(entry), entry.name)
    name, start = entry.name.encode(), at + records.CENTRAL.size
    if data[start : start + len(name)] != name:
        raise refused("bundle.directory_mismatch", "The directory has another name for this file", entry.name)
    return start + len(name)


def _difference(field: str, have: Any) -> tuple[str, str]:
    if field == "flags":
        return _flags_difference(have)
    if field == "signature" and have in _ZIP64_SIGNATURES:
        return "bundle.zip64", "The archive uses the 64-bit form of ZIP"
    if field == "extra_length":
        return "bundle.extra_field", "The record has an extra field"
    if field == "comment_length":
        return "bundle.comment", "The record has a comment"
    if field == "external_attributes" and stat.S_ISLNK(have >> 16):
        return "bundle.link", "The entry is a symbolic link; only files are allowed"
    if field in ("made_by", "version", "time", "date", "internal_attributes", "external_attributes"):
        return "bundle.fixed_field", f"The record's {field.replace('_', ' ')} is not the fixed value"
    return "bundle.directory_mismatch", f"The directory contradicts the files: {field.replace('_', ' ')} is {have!r}"


def _flags_difference(have: int) -> tuple[str, str]:
    if have & _ENCRYPTED:
        return "bundle.encrypted", "The entry is encrypted"
    if have & _DATA_DESCRIPTOR:
        return "bundle.data_descriptor", "The entry's lengths stand behind its data"
    if not have & _UTF8_NAME:
        return "bundle.name_encoding", "The file name is not marked as UTF-8"
    return "bundle.fixed_field", "The record's flags are not the fixed value"
