"""How large a bundle and its parts may be."""

from dataclasses import dataclass

_MB = 1_000_000


@dataclass(frozen=True)
class BundleLimits:
    """Limits of one bundle, enforced while it is read."""

    bundle_bytes: int = 20 * _MB
    files: int = 2_000
    unpacked_bytes: int = 100 * _MB
    file_bytes: int = 20 * _MB
    name_bytes: int = 240
    name_segments: int = 16
    # Python source deflates to between a third and a tenth of its size; Deflate's own ceiling is 1032.
    unpacked_per_packed_byte: int = 100
    manifest_bytes: int = 256_000
    # A statement over 2,000 files with the longest names is about 0.8 MB, and base64 adds a third.
    signature_bytes: int = 2 * _MB


DEFAULT_LIMITS = BundleLimits()
