"""The bundle: what was found so far can be packed into one."""

from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.loaded import Loaded


def check(loaded: Loaded) -> Iterator[Finding]:
    """The plugin makes a bundle; raises `BundleError` when it does not."""
    packed = loaded.pack()
    yield Finding("ok", "bundle", f"It makes a bundle of {len(loaded.files) + 1:,} files, {len(packed):,} bytes.")
