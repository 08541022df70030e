"""Size: how close a plugin is to the limits, and whether it has grown out of proportion."""

from collections.abc import Iterator, Mapping

from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits

NEAR = 0.8
GROWTH = 3.0
WORTH_A_LOOK_BYTES = 200_000


def check(
    files: Mapping[str, bytes], before: int | None = None, limits: BundleLimits = DEFAULT_LIMITS
) -> Iterator[Finding]:
    """The unpacked files are well within the limits, and less than three times those of the last version (`before`)."""
    unpacked = sum(map(len, files.values()))
    findings = [*_near(len(files), limits.files, "files"), *_near(unpacked, limits.unpacked_bytes, "bytes")]
    if before and unpacked > max(before * GROWTH, before + WORTH_A_LOOK_BYTES):
        message = f"It has grown from {before:,} to {unpacked:,} bytes since the last version."
        findings.append(Finding("warning", "size.grown", message, _largest(files), "See what came with it."))
    yield from findings or [Finding("ok", "size", f"It has {unpacked:,} bytes in {len(files):,} files.")]


def _near(have: int, most: int, what: str) -> list[Finding]:
    if have <= most * NEAR:
        return []
    message = f"It has {have:,} {what}; {most:,} are the limit."
    return [Finding("warning", "size.near_limit", message, None, "Leave out what is not used.")]


def _largest(files: Mapping[str, bytes]) -> str | None:
    return max(files, key=lambda name: len(files[name]), default=None)
