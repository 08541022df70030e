"""Signing a bundle."""

from rising_bsm.bundle.archive import append, unpack_files
from rising_bsm.bundle.contents import check_files
from rising_bsm.bundle.envelope import seal
from rising_bsm.bundle.framing import read_frame
from rising_bsm.bundle.keys import SigningKey
from rising_bsm.bundle.layout import AUTHOR_SIGNATURE
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.statement import describe


def sign(bundle: bytes, key: SigningKey, limits: BundleLimits = DEFAULT_LIMITS) -> bytes:
    """The bundle with the author's signature, which replaces one that is there; `BundleError` if it is not valid."""
    frame = read_frame(bundle, limits)
    files = unpack_files(frame, frame.files)
    statement = describe(check_files(files, limits), files, frame.prefix)
    return append(bytes(frame.prefix), frame.files, {AUTHOR_SIGNATURE: seal(statement.to_bytes(), key)}, limits)
