"""The numbered steps of verification, as docs/reference/bundle.md and `open_bundle` number them."""

from collections.abc import Mapping

from rising_bsm.bundle.framing import read_frame
from rising_bsm.bundle.layout import AUTHOR_SIGNATURE
from rising_bsm.bundle.limits import DEFAULT_LIMITS
from rising_bsm.errors import Error

STEPS = (
    "the bundle is not too large",
    "its records are in order, account for every byte and have safe names",
    "there is one author's signature, and it is well-formed",
    "its key is trusted",
    "the signature is the key's, over a plugin of that publisher",
    "the files have the signed names, and the bytes are the signed bytes",
    "the files unpack to their declared sizes and checksums",
    "every listed file has its signed digest, and nothing else is there",
    "the files make a bundle, and it is the signed plugin and version",
)
_IN_SIGNATURE = {"unsigned": 3, "unexpected_file": 3, "envelope": 3, "json": 3, "json_not_canonical": 3}
_AFTER_FRAME: Mapping[str, int] = {
    "untrusted_key": 4,
    "bad_signature": 5,
    "statement": 5,
    "key_of_other_publisher": 5,
    "renamed_file": 6,
    "missing_file": 6,
    "unlisted_file": 6,
    "tampered": 6,
    "checksum_mismatch": 7,
    "size_mismatch": 7,
    "deflate": 7,
    "deflate_trailing": 7,
    "digest_mismatch": 8,
}


def failed_step(data: bytes, error: Error) -> int:
    """The number of the step at which `open_bundle` refused `data` with `error`."""
    try:
        read_frame(data, DEFAULT_LIMITS)
    except Error as broken:
        return 1 if broken.code == "bundle.too_large" else 2
    reason = error.code.removeprefix("bundle.")
    if (error.place or "").startswith(AUTHOR_SIGNATURE.split("/")[0]) and reason in _IN_SIGNATURE:
        return _IN_SIGNATURE[reason]
    return _AFTER_FRAME.get(reason, len(STEPS))
