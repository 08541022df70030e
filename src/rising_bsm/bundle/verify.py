"""Opening a bundle: from bytes that anybody may have sent to files that a trusted publisher has signed.

The steps are those of docs/reference/bundle.md. Nothing is unpacked before a trusted key has vouched for the bytes.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import InitVar, dataclass, field
from types import MappingProxyType

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from rising_bsm.bundle.archive import unpack_files
from rising_bsm.bundle.contents import check_files
from rising_bsm.bundle.envelope import parse_envelope
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.framing import Frame, read_frame
from rising_bsm.bundle.keys import TrustedKey
from rising_bsm.bundle.layout import AUTHOR_SIGNATURE, CODE, MANIFEST
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.records import STORED
from rising_bsm.bundle.statement import DigestSet, Statement, parse_statement

_TOKEN = object()
_SIGN = "Ask the author for a bundle signed with `rising-bsm sign`."
_TRUST = "If you trust its publisher, register the publisher's public key with `rising-bsm keys trust`."
_CHANGED = "The bundle was changed after it was signed. Do not use it; get it again from its author."


@dataclass(frozen=True, eq=False)
class _Contents:
    manifest: Manifest
    files: Mapping[str, bytes] = field(repr=False)
    digest: str

    @property
    def code(self) -> dict[str, bytes]:
        """The files below code/, by their paths there."""
        return {name.removeprefix(CODE): data for name, data in self.files.items() if name.startswith(CODE)}


@dataclass(frozen=True, eq=False)
class VerifiedBundle(_Contents):
    """A bundle that a trusted key of its publisher has signed; only `open_bundle` makes one.

    `files` are all but the signatures, `digest` is the SHA-256 of the whole bundle in hex, `key_id` names the key.
    """

    key_id: str
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("a VerifiedBundle comes from open_bundle only")


@dataclass(frozen=True, eq=False)
class UnverifiedBundle(_Contents):
    """A bundle in good order that nobody has vouched for: good for its author's own tools, never to be installed."""


def open_bundle(data: bytes, keys: Collection[TrustedKey], limits: BundleLimits = DEFAULT_LIMITS) -> VerifiedBundle:
    """The bundle in `data` when one of the keys has signed all of it; `BundleError` otherwise."""
    # (1) the bundle is not too large, (2) its records are in order, account for every byte and have safe names
    frame = read_frame(data, limits)
    # (3) there is one author's signature, and it is well-formed
    envelope = read_signature(frame, limits)
    # (4) its key is trusted for some publisher
    trusted = _trusted_keys(envelope, keys)
    # (5) the signature is the key's, and the statement it signs is about a plugin of that publisher
    statement = _signed_statement(envelope, trusted)
    # (6) the files have the signed names, and the bytes up to the signature are the signed bytes
    _check_names(statement, {entry.name for entry in frame.files})
    _check_bytes(statement, frame)
    # (7) the files unpack to their declared sizes and checksums
    files = unpack_files(frame, frame.files)
    # (8) every listed file is there with its signed size and digest, and nothing else is
    _check_files(statement, files)
    # (9) the files make a bundle, and its manifest names the signed plugin and version
    manifest = check_files(files, limits)
    _check_identity(statement, manifest)
    key_id = trusted[0].public_key.key_id
    return VerifiedBundle(manifest, MappingProxyType(files), hashlib.sha256(data).hexdigest(), key_id, _TOKEN)


def open_unsigned(data: bytes, limits: BundleLimits = DEFAULT_LIMITS) -> UnverifiedBundle:
    """The bundle in `data` whoever made it; a signature that it may carry is not looked at."""
    frame = read_frame(data, limits)
    files = unpack_files(frame, frame.files)
    manifest = check_files(files, limits)
    return UnverifiedBundle(manifest, MappingProxyType(files), hashlib.sha256(data).hexdigest())


def read_signature(frame: Frame, limits: BundleLimits) -> Envelope:
    """The bundle's one signature, well-formed and not checked; `BundleError` when there is none or another file."""
    if not frame.signatures:
        raise BundleError("The bundle is not signed.", code="bundle.unsigned", place=AUTHOR_SIGNATURE, next_step=_SIGN)
    for entry in frame.signatures:
        if entry.name != AUTHOR_SIGNATURE:
            sentence = f"{entry.name!r} is no signature that a bundle may have."
            raise BundleError(sentence, code="bundle.unexpected_file", place=entry.name)
    [entry] = frame.signatures
    if entry.method != STORED or entry.size > limits.signature_bytes:
        raise BundleError(
            f"The signature file must be stored, with at most {limits.signature_bytes:,} bytes.",
            code="bundle.envelope",
            place=AUTHOR_SIGNATURE,
        )
    return parse_envelope(unpack_files(frame, [entry])[AUTHOR_SIGNATURE])


def _trusted_keys(envelope: Envelope, keys: Collection[TrustedKey]) -> list[TrustedKey]:
    [key_id] = envelope.signatures
    trusted = [key for key in keys if key.public_key.key_id == key_id]
    if not trusted:
        raise BundleError(
            f"The bundle is signed with the key {key_id[:16]}…, which is not trusted here.",
            code="bundle.untrusted_key",
            place=AUTHOR_SIGNATURE,
            next_step=_TRUST,
        )
    return trusted


def _signed_statement(envelope: Envelope, trusted: list[TrustedKey]) -> Statement:
    try:
        envelope.verify([trusted[0].public_key.verifier], threshold=1)
    except VerificationError as error:
        raise _changed("bundle.bad_signature", "The signature is not the named key's", AUTHOR_SIGNATURE) from error
    statement = parse_statement(envelope.payload)
    publisher = statement.predicate.publisher
    if publisher not in {key.publisher for key in trusted}:
        raise BundleError(
            f"The key may sign for {', '.join(sorted(key.publisher for key in trusted))}, but not for {publisher!r}.",
            code="bundle.key_of_other_publisher",
            place=AUTHOR_SIGNATURE,
            next_step=_TRUST,
        )
    return statement


def _check_names(statement: Statement, present: set[str]) -> None:
    listed = {file.name for file in statement.subject}
    missing, unlisted = sorted(listed - present), sorted(present - listed)
    if missing and unlisted:
        raise _changed("bundle.renamed_file", f"{missing[0]!r} is signed, but {unlisted[0]!r} is there", unlisted[0])
    if missing:
        raise _changed("bundle.missing_file", f"{missing[0]!r} is signed, but not there", missing[0])
    if unlisted:
        raise _changed("bundle.unlisted_file", f"{unlisted[0]!r} is there, but not signed", unlisted[0])


def _check_bytes(statement: Statement, frame: Frame) -> None:
    signed = statement.predicate.archive
    if (signed.length, signed.digest) != (len(frame.prefix), DigestSet.of(frame.prefix)):
        raise _changed("bundle.tampered", "The bytes are not the signed ones", f"bytes 0 to {len(frame.prefix)}")


def _check_files(statement: Statement, files: Mapping[str, bytes]) -> None:
    _check_names(statement, set(files))
    for file in statement.subject:
        content = files[file.name]
        if (file.annotations.size, file.digest) != (len(content), DigestSet.of(content)):
            raise _changed("bundle.digest_mismatch", f"{file.name!r} does not have its signed digest", file.name)


def _check_identity(statement: Statement, manifest: Manifest) -> None:
    signed = statement.predicate
    if (signed.id, signed.version) != (manifest.id, manifest.version):
        sentence = f"{signed.id} {signed.version} is signed, but the manifest says {manifest.id} {manifest.version}"
        raise _changed("bundle.wrong_identity", sentence, MANIFEST)


def _changed(code: str, sentence: str, place: str) -> BundleError:
    return BundleError(f"{sentence}.", code=code, place=place, next_step=_CHANGED)
